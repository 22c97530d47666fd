//! Delete Work Item.

use base::{Error, Result};
use http::Method;
use serde_json::Value;

use super::super::api::{self, Place};
use super::super::{ask, bin, refusal, sample};
use crate::action::{Access, Action, Inputs, Repeat};
use crate::context::{ActionContext, Call};
use crate::descriptor::Field;
use crate::input;

/// The action.
pub fn action() -> Action {
    Action {
        key: "delete_work_item",
        tool_name: "AZURE_DEVOPS_DELETE_WORKITEM",
        title: "Delete Work Item",
        description: "Puts a work item into the recycle bin, from where it can be restored. It can \
                      also be destroyed for good, which takes a second input that repeats the id.",
        access: Access::Delete,
        inputs: vec![
            ask::id(),
            Field::boolean("destroy", "Destroy for good").hint(
                "It cannot be brought back. The account needs the permission to delete \
                 permanently.",
            ),
            Field::integer("destroy_id", "Id again", 1, i64::from(i32::MAX))
                .hint("Repeat the id to destroy the item; otherwise leave it out."),
            ask::project_if_known(),
            ask::organization(),
        ],
        output_sample: sample(include_str!("../samples/deleted_work_item.json")),
        repeat: Repeat::Checked(|context, inputs| Box::pin(find(context, inputs))),
        pages: None,
        run: |context, inputs| Box::pin(run(context, inputs)),
    }
}

async fn run(context: &ActionContext, inputs: &Inputs) -> Result<Value> {
    let place = Place::of(inputs);
    let id = input::integer(inputs, "id").unwrap_or_default();
    let destroy = input::is_true(inputs, "destroy");
    if destroy && input::integer(inputs, "destroy_id") != Some(id) {
        let message = format!(
            "Destroying work item {id} cannot be undone: repeat its id in \"Id again\" to go on."
        );
        return Err(Error::invalid("destroy_not_confirmed", message));
    }
    if context.is_dry_run() {
        let item = api::work_item(context, place, id).await?;
        return Ok(bin::as_deleted(&item, destroy));
    }
    let mut call = Call::new(Method::DELETE, place.path(&format!("wit/workitems/{id}")));
    if destroy {
        call = call.query("destroy", "true");
    }
    match api::ask(context, place, call).await {
        // It may be in the recycle bin already.
        Err(error) if destroy && error.code() == refusal::NO_WORK_ITEM => {
            let deleted = bin::find(context, place, id).await?.ok_or(error)?;
            let path = place.path(&format!("wit/recyclebin/{id}"));
            api::ask(context, place, Call::new(Method::DELETE, path)).await?;
            Ok(bin::shown(deleted, true))
        }
        answered => answered.map(|deleted| bin::shown(deleted, destroy)),
    }
}

async fn find(context: &ActionContext, inputs: &Inputs) -> Result<Option<Value>> {
    let place = Place::of(inputs);
    let id = input::integer(inputs, "id").unwrap_or_default();
    let destroy = input::is_true(inputs, "destroy");
    match bin::find(context, place, id).await? {
        Some(deleted) => Ok((!destroy).then(|| bin::shown(deleted, false))),
        None if !destroy => Ok(None),
        None => match api::work_item(context, place, id).await {
            Ok(_) => Ok(None),
            Err(error) if error.code() == refusal::NO_WORK_ITEM => Ok(Some(bin::gone(id))),
            Err(error) => Err(error),
        },
    }
}
