-- Where a host developer wants to be told what happens. Secret and headers are sealed.
create table event_destinations (
    id text primary key,
    project_id text not null references projects (id) on delete cascade,
    name text not null,
    url text not null,
    template text,                      -- JSON: the body, with expressions; null: the event itself
    header_names text not null,         -- JSON array: the names in headers, for people to see
    headers bytea,                      -- sealed JSON object; null: none
    secret bytea not null,              -- sealed: what deliveries are signed with
    previous_secret bytea,              -- sealed: what they are signed with as well for a while
    previous_until bigint,
    is_active bigint not null,
    disabled_reason text,
    failing_since bigint,               -- null: the last delivery went well
    created_at bigint not null,
    updated_at bigint not null
);
create index event_destinations_of_project on event_destinations (project_id, created_at, id);

-- Of which events a destination hears: their types, or * for all.
create table event_destination_types (
    destination_id text not null references event_destinations (id) on delete cascade,
    type text not null,
    primary key (destination_id, type)
);

-- One event on its way to one destination: made in the transaction that writes the event, claimed
-- by moving due_at, finished by whoever made the attempt that the row counts.
create table event_deliveries (
    destination_id text not null references event_destinations (id) on delete cascade,
    event_id text not null references events (id) on delete cascade,
    project_id text not null,
    type text not null,
    status text not null,               -- pending, delivered, failed
    attempts bigint not null,
    due_at bigint,                      -- null: nothing more is tried
    created_at bigint not null,
    finished_at bigint,
    primary key (destination_id, event_id)
);
create index event_deliveries_due on event_deliveries (due_at, event_id) where due_at is not null;
create index event_deliveries_by_age on event_deliveries (destination_id, created_at, event_id);
create index event_deliveries_of_event on event_deliveries (event_id);
create index event_deliveries_to_delete on event_deliveries (finished_at) where finished_at is not null;

-- How each attempt ended.
create table event_delivery_attempts (
    destination_id text not null,
    event_id text not null,
    number bigint not null,
    at bigint not null,
    duration bigint not null,           -- microseconds
    status bigint,                      -- HTTP; null: no answer
    error text,                         -- why there was none
    excerpt text not null,              -- the beginning of the answer
    primary key (destination_id, event_id, number),
    foreign key (destination_id, event_id)
        references event_deliveries (destination_id, event_id) on delete cascade
);
