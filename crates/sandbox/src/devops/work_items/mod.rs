//! Work items.
//!
//! A write goes the same way whether it creates or updates: [`patch`] reads the operations,
//! [`draft`] applies them to a copy, [`rules`] judges the result, [`commit`] makes it the item's
//! newest revision. Reads go through [`render`].

pub mod commit;
pub mod create;
pub mod delete;
pub mod draft;
pub mod get;
pub mod history;
pub mod links;
pub mod patch;
pub mod relation_types;
pub mod render;
pub mod rules;
pub mod state_change;
pub mod tags;
pub mod template;
pub mod update;
pub mod values;
