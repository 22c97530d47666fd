-- Types are text, bigint and bytea only, so that one text serves SQLite and PostgreSQL.
-- Ids are UUIDs in text, times are microseconds since the epoch, documents are JSON in text,
-- flags are 0 or 1. Everything hangs from a project and goes with it.

create table projects (
    id text primary key,
    name text not null,
    allowed_origins text not null,      -- JSON array of origins of the host's pages
    data_key bytea not null,            -- wrapped by the master key; shredded with the project
    created_at bigint not null,
    updated_at bigint not null
);

create table signing_keys (
    id text primary key,
    project_id text not null references projects (id) on delete cascade,
    algorithm text not null,            -- RS256, ES256 or EdDSA; bound to the key
    public_key text not null,           -- PEM
    created_at bigint not null,
    revoked_at bigint
);
create index signing_keys_of_project on signing_keys (project_id, created_at, id);

create table api_tokens (
    id text primary key,
    project_id text references projects (id) on delete cascade, -- null: every project
    name text not null,
    hash text not null,
    created_at bigint not null,
    revoked_at bigint
);
create unique index api_tokens_hash on api_tokens (hash);

create table integrations (
    id text primary key,
    project_id text not null references projects (id) on delete cascade,
    type text not null,                 -- the connector's slug
    is_active bigint not null,
    scopes text not null,               -- JSON array
    settings text not null,             -- JSON object, such as the tenant to sign in at
    created_at bigint not null,
    updated_at bigint not null
);
create unique index integrations_type on integrations (project_id, type);

create table app_registrations (
    id text primary key,
    project_id text not null references projects (id) on delete cascade,
    integration_id text not null references integrations (id) on delete cascade,
    client_id text not null,
    client_secret bytea not null,       -- sealed
    created_at bigint not null,
    replaced_at bigint                  -- stays usable for its credentials until unused
);
create index app_registrations_of_integration
    on app_registrations (project_id, integration_id, created_at, id);

create table connected_users (
    id text primary key,
    project_id text not null references projects (id) on delete cascade,
    external_id text not null,          -- the token's sub
    metadata text not null,             -- JSON object
    disabled_at bigint,
    created_at bigint not null,
    last_active_at bigint not null
);
create unique index connected_users_external_id on connected_users (project_id, external_id);
create index connected_users_by_age on connected_users (project_id, created_at, id);

create table credentials (
    id text primary key,
    project_id text not null references projects (id) on delete cascade,
    integration_id text not null references integrations (id) on delete cascade,
    user_id text not null references connected_users (id) on delete cascade,
    app_registration_id text references app_registrations (id), -- null: development keys, or none needed
    account_type text not null,
    external_id text,
    status text not null,               -- VALID or INVALID
    status_reason text,                 -- JSON {code, message} while INVALID
    provider_id text,
    provider_data text not null,        -- JSON object of strings, such as the organization
    profile text not null,              -- the connector's endpoint profile
    scopes text not null,               -- JSON array of the scopes granted
    secrets bytea not null,             -- sealed
    expires_at bigint,                  -- of the access token; null: does not expire
    refreshed_at bigint not null,
    refresh_failure_count bigint not null,
    created_at bigint not null,
    updated_at bigint not null
);
create index credentials_of_user on credentials (project_id, user_id, integration_id, created_at, id);
create index credentials_by_age on credentials (project_id, created_at, id);
create index credentials_of_registration on credentials (app_registration_id);
create unique index credentials_external_id
    on credentials (project_id, user_id, integration_id, external_id);

create table configurations (
    id text primary key,
    project_id text not null references projects (id) on delete cascade,
    credential_id text not null references credentials (id) on delete cascade,
    external_id text,
    is_default bigint not null,
    shared_settings text not null,      -- JSON object
    workflow_settings text not null,    -- JSON object
    metadata text not null,             -- JSON object
    created_at bigint not null,
    updated_at bigint not null
);
create unique index configurations_external_id on configurations (credential_id, external_id);
create index configurations_of_credential
    on configurations (project_id, credential_id, created_at, id);

create table oauth_nonces (
    hash text primary key,              -- of the cookie's value
    project_id text not null references projects (id) on delete cascade,
    user_id text not null references connected_users (id) on delete cascade,
    integration_id text not null references integrations (id) on delete cascade,
    origin text not null,               -- of the page that opened the pop-up
    expires_at bigint not null
);
create index oauth_nonces_by_expiry on oauth_nonces (expires_at);

create table oauth_attempts (
    id text primary key,
    project_id text not null references projects (id) on delete cascade,
    user_id text not null references connected_users (id) on delete cascade,
    integration_id text not null references integrations (id) on delete cascade,
    app_registration_id text,
    state_hash text not null,           -- of the one-time state parameter
    session_key text,                   -- what the SDK polls by
    handle_hash text,                   -- of the one-time handle the pop-up hands to its opener
    phase text not null,                -- started, exchanging, choosing, done or failed
    request text not null,              -- JSON: account type, tenant, origin, redirect URI, options
    secrets bytea not null,             -- sealed: PKCE verifier, then tokens while choosing
    outcome text,                       -- JSON {code, message} when failed
    credential_id text,
    created_at bigint not null,
    expires_at bigint not null
);
create unique index oauth_attempts_state on oauth_attempts (state_hash);
create unique index oauth_attempts_handle on oauth_attempts (handle_hash);
create index oauth_attempts_session on oauth_attempts (project_id, user_id, session_key);
create index oauth_attempts_by_expiry on oauth_attempts (expires_at);

-- What processes keep in memory must hear of changes: each change takes the next number under a
-- row lock, so that numbers become visible in order and a reader misses none.
create table change_counter (id bigint primary key, last_number bigint not null);
insert into change_counter (id, last_number) values (1, 0);

create table changes (
    number bigint primary key,
    project_id text not null,
    kind text not null,
    subject text not null,
    created_at bigint not null
);
