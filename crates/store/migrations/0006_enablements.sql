-- A workflow is on for a configuration while it has a row here, and only then: the configuration's
-- own documents hold settings and no switches.
create table enablements (
    project_id text not null references projects (id) on delete cascade,
    workflow_id text not null references workflows (id) on delete cascade,
    configuration_id text not null references configurations (id) on delete cascade,
    credential_id text not null,        -- the configuration's
    user_id text not null,              -- the credential's
    enabled_at bigint not null,
    primary key (workflow_id, configuration_id)
);
create index enablements_of_workflow on enablements (project_id, workflow_id, configuration_id);
create index enablements_of_user on enablements (project_id, user_id, workflow_id, configuration_id);
create index enablements_of_credential on enablements (credential_id);
create index enablements_of_configuration on enablements (configuration_id);

-- What end users see of an integration, and set for all of its workflows.
alter table integrations add column portal text not null default '{}'; -- JSON object

-- What is on by itself for a new account is switched on after it was connected, by whoever comes
-- first; 1 until then.
alter table configurations add column awaits_defaults bigint not null default 0;
create index configurations_awaiting on configurations (created_at, id) where awaits_defaults = 1;
