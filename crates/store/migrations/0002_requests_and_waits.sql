-- What was called in whose name: errors always, successes up to a configured rate.
create table requests (
    id text primary key,
    project_id text not null references projects (id) on delete cascade,
    user_id text not null,
    integration_id text not null,
    credential_id text not null,        -- stays when the credential goes
    method text not null,
    host text not null,                 -- empty when the call had no address
    path text not null,                 -- without the query
    status bigint not null,             -- the provider's; 0: it gave no answer
    duration bigint not null,           -- microseconds until the answer began
    bytes bigint,                       -- of the answer, where it said so
    error_code text,                    -- ours, when the call failed here
    activity_id text,                   -- the provider's own name of the call
    needs_scope text,                   -- the permission whose lack explains a refusal
    created_at bigint not null
);
create index requests_by_age on requests (project_id, created_at, id);
create index requests_of_credential on requests (project_id, credential_id, created_at, id);
create index requests_to_delete on requests (created_at);

-- Successful calls that have no row above, by minute.
create table request_counts (
    project_id text not null references projects (id) on delete cascade,
    minute bigint not null,             -- its beginning, microseconds since the epoch
    credential_id text not null,
    successes bigint not null,
    primary key (project_id, minute, credential_id)
);
create index request_counts_to_delete on request_counts (minute);

-- Until when a provider wants no calls with a credential.
create table rate_limit_waits (
    credential_id text primary key references credentials (id) on delete cascade,
    project_id text not null,
    user_id text not null,
    wait_until bigint not null
);
create index rate_limit_waits_of_user on rate_limit_waits (project_id, user_id);
