//! The recycle bin, where deleted work items lie until they are restored or destroyed.

use base::Result;
use serde_json::{Value, json};

use super::api::{self, Place};
use super::refusal;
use crate::context::{ActionContext, Call};

/// The deleted item with this id, if it lies there.
pub async fn find(context: &ActionContext, place: Place<'_>, id: i64) -> Result<Option<Value>> {
    let call = Call::get(place.path(&format!("wit/recyclebin/{id}")));
    match api::ask(context, place, call).await {
        Ok(deleted) => Ok(Some(deleted)),
        Err(error) if error.code() == refusal::NO_WORK_ITEM || error.code() == "not_found" => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// A deleted item as actions answer it.
pub fn shown(deleted: Value, destroyed: bool) -> Value {
    json!({
        "id": deleted["id"],
        "type": deleted["type"],
        "title": deleted["name"],
        "project": deleted["project"],
        "deletedDate": deleted["deletedDate"],
        "deletedBy": deleted["deletedBy"],
        "destroyed": destroyed,
    })
}

/// An item as it would be answered if it were deleted.
pub fn as_deleted(item: &Value, destroyed: bool) -> Value {
    let field = |name: &str| item["fields"][name].clone();
    json!({
        "id": item["id"],
        "type": field("System.WorkItemType"),
        "title": field("System.Title"),
        "project": field("System.TeamProject"),
        "deletedDate": null,
        "deletedBy": null,
        "destroyed": destroyed,
    })
}

/// An item of which nothing is known any more.
pub fn gone(id: i64) -> Value {
    json!({
        "id": id,
        "type": null,
        "title": null,
        "project": null,
        "deletedDate": null,
        "deletedBy": null,
        "destroyed": true,
    })
}
