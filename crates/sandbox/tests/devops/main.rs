//! Azure DevOps as its clients meet it: over HTTP, by the test clock.

mod access;
mod app;
mod attachments;
mod budget;
mod described;
mod description;
mod discovery;
mod history;
mod links;
mod people;
mod projects;
mod recycle_bin;
mod rules;
mod seed;
mod types;
mod versions;
mod work_item_reads;
mod work_item_writes;
