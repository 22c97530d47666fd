//! Restore Work Item.

use base::{Error, Result};
use http::Method;
use serde_json::{Value, json};

use super::super::api::{self, Place};
use super::super::{ask, bin, refusal, sample};
use crate::action::{Access, Action, Inputs, Repeat};
use crate::context::{ActionContext, Call};
use crate::input;

/// The action.
pub fn action() -> Action {
    Action {
        key: "restore_work_item",
        tool_name: "AZURE_DEVOPS_RESTORE_WORKITEM",
        title: "Restore Work Item",
        description: "Takes a deleted work item out of the recycle bin and answers it.",
        access: Access::Write,
        inputs: vec![ask::id(), ask::project_if_known(), ask::organization()],
        output_sample: sample(include_str!("../samples/work_item.json")),
        repeat: Repeat::Checked(|context, inputs| Box::pin(find(context, inputs))),
        pages: None,
        run: |context, inputs| Box::pin(run(context, inputs)),
    }
}

async fn run(context: &ActionContext, inputs: &Inputs) -> Result<Value> {
    let place = Place::of(inputs);
    let id = input::integer(inputs, "id").unwrap_or_default();
    if context.is_dry_run() {
        let deleted = bin::find(context, place, id).await?.ok_or_else(|| not_there(id))?;
        return Ok(api::shown(deleted["resource"].clone()));
    }
    let path = place.path(&format!("wit/recyclebin/{id}"));
    // Unlike other changes of work items this is no JSON Patch.
    let call = Call::new(Method::PATCH, path).json(json!({ "isDeleted": false }));
    match api::ask(context, place, call).await {
        Err(error) if error.code() == refusal::NO_WORK_ITEM => Err(not_there(id)),
        Err(error) => Err(error),
        Ok(_) => Ok(api::shown(api::work_item(context, place, id).await?)),
    }
}

async fn find(context: &ActionContext, inputs: &Inputs) -> Result<Option<Value>> {
    let place = Place::of(inputs);
    let id = input::integer(inputs, "id").unwrap_or_default();
    match api::work_item(context, place, id).await {
        Ok(item) => Ok(Some(api::shown(item))),
        Err(error) if error.code() == refusal::NO_WORK_ITEM => Ok(None),
        Err(error) => Err(error),
    }
}

fn not_there(id: i64) -> Error {
    let message = format!(
        "Work item {id} is not in the recycle bin, or the connected account may not see it: check \
         the id."
    );
    Error::not_found("not_in_recycle_bin", message)
}
