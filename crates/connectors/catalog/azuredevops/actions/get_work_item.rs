//! Get Work Item.

use base::Result;
use serde_json::Value;

use super::super::{api, api::Place, ask};
use crate::action::{Access, Action, Inputs, Repeat};
use crate::context::{ActionContext, Call};
use crate::descriptor::{Field, Kind};
use crate::input;

/// The most fields that are asked for by name.
const FIELDS_MAX: usize = 200;

/// The action.
pub fn action() -> Action {
    Action {
        key: "get_work_item",
        tool_name: "AZURE_DEVOPS_GET_WORKITEM",
        title: "Get Work Item",
        description: "Reads one work item by its id: its fields and its links. Fields that are \
                      empty are left out of the answer.",
        access: Access::Read,
        inputs: vec![
            ask::id(),
            Field::array("fields", "Fields", Kind::Text, FIELDS_MAX)
                .hint("Reference names of the fields to read. Left out, all are read, and links."),
            Field::new("as_of", "As of", Kind::DateTime)
                .hint("Reads the item as it was at this moment."),
            ask::project_if_known(),
            ask::organization(),
        ],
        output_sample: super::super::sample(include_str!("../samples/work_item.json")),
        repeat: Repeat::Safe,
        pages: None,
        run: |context, inputs| Box::pin(run(context, inputs)),
    }
}

async fn run(context: &ActionContext, inputs: &Inputs) -> Result<Value> {
    let place = Place::of(inputs);
    let id = input::integer(inputs, "id").unwrap_or_default();
    let mut call = Call::get(place.path(&format!("wit/workitems/{id}")));
    let fields = input::texts(inputs, "fields");
    // The service takes one of the two.
    call = match &fields[..] {
        [] => call.query("$expand", "all"),
        fields => call.query("fields", &fields.join(",")),
    };
    if let Some(moment) = input::text(inputs, "as_of") {
        call = call.query("asOf", moment);
    }
    Ok(api::shown(api::ask(context, place, call).await?))
}
