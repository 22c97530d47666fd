-- Readers of what providers tell of accounts: where each stands, and when it reads on. A node reads
-- while it has the lease; what it writes with an older number of the fence is refused.
create table feeds (
    id text primary key,
    project_id text not null references projects (id) on delete cascade,
    user_id text not null,
    credential_id text not null references credentials (id) on delete cascade,
    connector text not null,            -- its slug
    scope text not null,                -- the part of the account, in the connector's words
    watermark text not null,            -- where the last reading ended, in the connector's words
    due_at bigint not null,
    lease_until bigint not null,
    fence bigint not null,
    read_at bigint,                     -- when it was last read to its end
    failures bigint not null,           -- readings in a row that failed
    problem text,                       -- why the last one did
    created_at bigint not null
);
create unique index feeds_scope on feeds (credential_id, scope);
create index feeds_due on feeds (due_at, id);

-- What a workflow that is on for a configuration waits for. It goes when the workflow is switched off.
create table arrangements (
    workflow_id text not null,
    configuration_id text not null,
    project_id text not null,
    kind text not null,                 -- of the trigger
    inputs text not null,               -- JSON: of the trigger, with the person's settings put in
    feed_id text references feeds (id) on delete set null,
    next_at bigint,                     -- the next time of its schedule
    lease_until bigint not null,
    fired_at bigint,                    -- when it ran because the account was connected
    problem text,                       -- why it cannot run
    primary key (workflow_id, configuration_id),
    foreign key (workflow_id, configuration_id)
        references enablements (workflow_id, configuration_id) on delete cascade
);
create index arrangements_of_feed on arrangements (feed_id, workflow_id) where feed_id is not null;
create index arrangements_due on arrangements (next_at, workflow_id, configuration_id)
    where next_at is not null;

-- Calls of providers that wake a reader early. Each has a secret of its own.
create table hooks (
    id text primary key,
    project_id text not null references projects (id) on delete cascade,
    feed_id text not null references feeds (id) on delete cascade,
    event text not null,                -- the provider's name of what it calls for
    subscription text,                  -- the provider's id; null: it made none
    secret_hash text not null,          -- of the password that the provider sends
    status text not null,               -- active, probation, refused or broken
    due_at bigint not null,             -- when it is looked at next
    created_at bigint not null
);
create unique index hooks_event on hooks (feed_id, event);
create index hooks_due on hooks (due_at, id);

-- Up to which number of the change log workflows are arranged for.
create table arranged (id bigint primary key, change_number bigint not null);
insert into arranged (id, change_number) values (1, 0);

-- Which accounts a webhook that serves all of them is about.
create index credentials_of_provider_id on credentials (project_id, provider_id)
    where provider_id is not null;
