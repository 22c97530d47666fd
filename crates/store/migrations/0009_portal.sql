-- How a project's Connect Portal looks.
create table project_portals (
    project_id text primary key references projects (id) on delete cascade,
    document text not null,             -- JSON object
    updated_at bigint not null
);

-- Links that let one connected user set integrations up on a page of ours, without any SDK.
create table setup_links (
    id text primary key,
    project_id text not null references projects (id) on delete cascade,
    user_id text not null references connected_users (id) on delete cascade,
    hash text not null unique,          -- SHA-256 of the link's token in lower-case hex
    created_at bigint not null,
    expires_at bigint not null,
    revoked_at bigint
);
create index setup_links_of_project on setup_links (project_id, created_at, id);
create index setup_links_of_user on setup_links (user_id);
