-- A credential's tokens are renewed by one process at a time: it takes the lease with the next
-- number of the fence, and what comes with an older number is not stored.
alter table credentials add column refresh_fence bigint not null default 0;
alter table credentials add column refresh_lease_until bigint;  -- null: nobody renews
alter table credentials add column refresh_tried_at bigint;     -- when a renewal last began
alter table credentials add column suspect_since bigint;        -- null: its tokens are known good
create index credentials_by_renewal on credentials (account_type, status, refreshed_at);

-- An app proves itself by a secret, or by a certificate's key where there is a thumbprint. The
-- successor takes over when the provider refuses the one before.
alter table app_registrations add column expires_at bigint;
alter table app_registrations add column thumbprint text;
alter table app_registrations add column successor bytea;       -- sealed
alter table app_registrations add column successor_expires_at bigint;
alter table app_registrations add column successor_thumbprint text;
alter table app_registrations add column announced_days bigint; -- the last announcement: days left
create index app_registrations_by_expiry on app_registrations (expires_at);

-- Apps that the provider refuses now: each is told to its owner once.
create table app_failures (
    project_id text not null references projects (id) on delete cascade,
    integration_id text not null references integrations (id) on delete cascade,
    client_id text not null,
    code text not null,
    since bigint not null,
    primary key (integration_id, client_id)
);

-- What happened, in the transaction that made it happen.
create table events (
    id text primary key,
    project_id text not null references projects (id) on delete cascade,
    type text not null,                 -- credential.connected
    subject text not null,              -- the id of the thing it happened to
    payload text not null,              -- JSON object without secrets
    created_at bigint not null
);
create index events_of_project on events (project_id, created_at, id);
create index events_of_type on events (project_id, type, created_at, id);
create index events_by_age on events (created_at);
