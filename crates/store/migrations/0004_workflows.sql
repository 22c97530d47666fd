-- What a host developer builds. The draft is what is being edited; a version never changes, and one
-- of them may be live.
create table workflows (
    id text primary key,
    project_id text not null references projects (id) on delete cascade,
    integration_id text references integrations (id) on delete cascade, -- null: none is called
    key text not null,                  -- chosen by people, stable over environments
    name text not null,
    draft text not null,                -- JSON: the definition being edited
    draft_number bigint not null,       -- counts edits, so that two editors notice each other
    live_version_id text,               -- null: not deployed
    created_at bigint not null,
    updated_at bigint not null
);
create unique index workflows_key on workflows (project_id, key);
create index workflows_by_age on workflows (project_id, created_at, id);

create table workflow_versions (
    id text primary key,
    project_id text not null references projects (id) on delete cascade,
    workflow_id text not null references workflows (id) on delete cascade,
    number bigint not null,             -- 1, 2, 3 within the workflow
    definition text not null,           -- JSON, as it was validated
    note text,
    created_at bigint not null
);
create unique index workflow_versions_number on workflow_versions (workflow_id, number);

-- One run of a version. What happened in it is in the journal alone; here stands only what claims
-- and lists need. It is due while due_at is set, and some node's while owner is set.
create table executions (
    id text primary key,
    project_id text not null references projects (id) on delete cascade,
    workflow_id text not null references workflows (id) on delete cascade,
    version_id text not null references workflow_versions (id) on delete cascade,
    user_id text,
    credential_id text,
    configuration_id text,
    trigger_kind text not null,
    status text not null,               -- queued, running, waiting, paused, succeeded, failed, cancelled
    is_test bigint not null,
    due_at bigint,
    owner text,                         -- the node that runs it now
    lease bigint not null,              -- counts owners; what an earlier one writes is refused
    dedup_key text,                     -- one per project: the trigger's own name of what happened
    replay_of text,
    created_at bigint not null,
    finished_at bigint
);
create index executions_by_age on executions (project_id, created_at, id);
create index executions_of_workflow on executions (project_id, workflow_id, created_at, id);
create index executions_of_user on executions (project_id, user_id, created_at, id);
create index executions_due on executions (project_id, due_at, id) where due_at is not null;
create index executions_owned on executions (owner, id) where owner is not null;
create index executions_running on executions (project_id) where owner is not null;
create unique index executions_dedup on executions (project_id, dedup_key) where dedup_key is not null;
create index executions_to_delete on executions (finished_at) where finished_at is not null;

-- The record of an execution: each row is what one append wrote, a JSON array of events. The primary
-- key refuses a second writer of the same place.
create table journal (
    execution_id text not null references executions (id) on delete cascade,
    sequence bigint not null,
    events text not null,
    primary key (execution_id, sequence)
);

-- Processes that run executions. One whose time has passed has lost what it ran.
create table nodes (
    id text primary key,
    alive_until bigint not null,
    started_at bigint not null
);
