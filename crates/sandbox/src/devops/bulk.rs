//! Many plain work items at once, for tests of limits.

use base::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::state::{Fields, Organization};
use super::work_items::commit::{self, Plan, Writer};

/// How many items one order can make.
pub const MAX_COUNT: u32 = 100_000;

/// What to make.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BulkOrder {
    /// The organization, by name.
    pub organization: String,
    /// The project, by name.
    pub project: String,
    /// The type of all items.
    #[serde(rename = "type")]
    pub item_type: String,
    /// How many.
    pub count: u32,
}

/// Makes the items and gives the numbers of the first and the last; else says what is wrong.
pub fn make(
    organization: &mut Organization,
    order: &BulkOrder,
    account: Uuid,
    now: Timestamp,
) -> Result<(u32, u32), String> {
    let wrong = |what: &str, name: &str| format!("There is no {what} \"{name}\".");
    if order.count == 0 || order.count > MAX_COUNT {
        return Err(format!("The count must be between 1 and {MAX_COUNT}."));
    }
    let project =
        organization.project(&order.project).ok_or_else(|| wrong("project", &order.project))?;
    let item_type = project
        .item_type(&order.item_type)
        .ok_or_else(|| wrong("work item type", &order.item_type))?;
    let name = project.name.clone();
    let first = organization.last_item + 1;
    for number in 1..=order.count {
        let mut fields = Fields::new();
        let mut set = |field: &str, value: &str| fields.insert(field.to_owned(), json!(value));
        set("System.TeamProject", &name);
        set("System.WorkItemType", item_type.name);
        set("System.AreaPath", &name);
        set("System.IterationPath", &name);
        set("System.Title", &format!("{} {number}", item_type.name));
        if let Some(state) = item_type.states.first() {
            set("System.State", state.name);
            set("System.Reason", state.reason);
        }
        let plan = Plan {
            id: None,
            fields,
            fields_changed: true,
            is_import: false,
            markdown: Vec::new(),
            relations_before: Vec::new(),
            relations: Vec::new(),
        };
        let made = commit::commit(organization, plan, Writer { account, now });
        made.map_err(|problem| problem.message)?;
    }
    // Whoever sets a stage wants no hooks for it.
    organization.happenings.clear();
    Ok((first, organization.last_item))
}
