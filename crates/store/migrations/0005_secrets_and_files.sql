-- What workflows send and nobody may see: written once, read by requests alone.
create table environment_secrets (
    id text primary key,
    project_id text not null references projects (id) on delete cascade,
    key text not null,                  -- as expressions name it: secrets.KEY
    value bytea not null,               -- sealed
    created_at bigint not null,
    updated_at bigint not null
);
create unique index environment_secrets_key on environment_secrets (project_id, key);

-- What steps hand on that is no JSON. A file whose checksum is not there yet is still being written.
create table files (
    id text primary key,
    project_id text not null references projects (id) on delete cascade,
    execution_id text not null references executions (id) on delete cascade,
    name text not null,
    mime_type text not null,
    size bigint not null,
    sha256 text,
    created_at bigint not null
);
create index files_of_execution on files (execution_id);
create index files_of_project on files (project_id);

-- Its bytes, in parts of one size but for the last.
create table file_chunks (
    file_id text not null references files (id) on delete cascade,
    number bigint not null,
    bytes bytea not null,               -- sealed
    primary key (file_id, number)
);
