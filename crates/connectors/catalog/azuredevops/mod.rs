//! Azure DevOps: what it can do beyond passing requests through.

mod api;
mod ask;
mod bin;
mod change;
mod feed;
mod filter;
mod filter_value;
mod found;
mod hooks;
mod links;
mod nodes;
mod patch;
mod paths;
mod refusal;
mod sameness;
mod trace;
mod wiql;

mod actions {
    pub mod add_comment;
    pub mod create_work_item;
    pub mod delete_work_item;
    pub mod get_work_item;
    pub mod restore_work_item;
    pub mod search_work_items;
    pub mod update_work_item;
}

mod sources {
    pub mod areas;
    pub mod fields;
    pub mod iterations;
    pub mod people;
    pub mod projects;
    pub mod queries;
    pub mod queryable_fields;
    pub mod states;
    pub mod tags;
    pub mod work_item_types;
}

mod triggers {
    mod event;
    mod narrow;
    pub mod work_item_assigned;
    pub mod work_item_closed;
    pub mod work_item_commented;
    pub mod work_item_created;
    pub mod work_item_deleted;
    pub mod work_item_restored;
    pub mod work_item_state_changed;
    pub mod work_item_updated;
}

use crate::Code;

/// Its actions and the sources of their forms.
pub fn code() -> Code {
    Code {
        actions: vec![
            actions::search_work_items::action(),
            actions::get_work_item::action(),
            actions::create_work_item::action(),
            actions::update_work_item::action(),
            actions::delete_work_item::action(),
            actions::restore_work_item::action(),
            actions::add_comment::action(),
        ],
        sources: vec![
            sources::projects::source(),
            sources::work_item_types::source(),
            sources::states::source(),
            sources::fields::source(),
            sources::areas::source(),
            sources::iterations::source(),
            sources::people::source(),
            sources::tags::source(),
            sources::queries::source(),
            sources::queryable_fields::source(),
        ],
        triggers: vec![
            triggers::work_item_created::trigger(),
            triggers::work_item_updated::trigger(),
            triggers::work_item_commented::trigger(),
            triggers::work_item_state_changed::trigger(),
            triggers::work_item_assigned::trigger(),
            triggers::work_item_closed::trigger(),
            triggers::work_item_deleted::trigger(),
            triggers::work_item_restored::trigger(),
        ],
        feed: Some(feed::feed()),
    }
}

/// A sample, checked in as JSON.
fn sample(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("samples are JSON: a test reads them all")
}
