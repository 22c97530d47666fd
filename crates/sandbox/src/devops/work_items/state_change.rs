//! What a change of state writes beside the state: when it was, and who activated, resolved or
//! closed the item.

use serde_json::json;

use super::commit::Writer;
use crate::devops::catalog::{State, StateCategory};
use crate::devops::state::Fields;

/// Writes the dates and names that follow from a change of state.
pub fn stamp(fields: &mut Fields, old: Option<&State>, new: &State, writer: Writer) {
    let from = old.map(|old| old.category);
    let to = new.category;
    set_date(fields, "StateChange", writer);
    if to == StateCategory::InProgress && from != Some(StateCategory::InProgress) {
        set(fields, "Activated", writer);
    } else if to == StateCategory::Proposed {
        clear(fields, "Activated");
    }
    if to == StateCategory::Resolved {
        set(fields, "Resolved", writer);
    } else if to != StateCategory::Completed {
        clear(fields, "Resolved");
    }
    if to == StateCategory::Completed {
        set(fields, "Closed", writer);
    } else {
        clear(fields, "Closed");
    }
}

fn set(fields: &mut Fields, what: &str, writer: Writer) {
    set_date(fields, what, writer);
    fields.insert(format!("Microsoft.VSTS.Common.{what}By"), json!(writer.account));
}

fn set_date(fields: &mut Fields, what: &str, writer: Writer) {
    let date = json!(writer.now.to_rfc3339());
    fields.insert(format!("Microsoft.VSTS.Common.{what}Date"), date);
}

fn clear(fields: &mut Fields, what: &str) {
    fields.remove(&format!("Microsoft.VSTS.Common.{what}Date"));
    fields.remove(&format!("Microsoft.VSTS.Common.{what}By"));
}
