//! Update Work Item.

use base::{Error, ErrorKind, Result};
use http::Method;
use serde_json::Value;

use super::super::api::{self, Place};
use super::super::change::Change;
use super::super::{ask, links, patch, refusal, sameness, sample, trace};
use crate::action::{Access, Action, Inputs, Repeat};
use crate::context::{ActionContext, Call};
use crate::descriptor::{Field, Kind};
use crate::input;

/// The most tags of an item.
const TAGS_MAX: usize = 100;
/// How often the item is read anew because somebody else was faster.
const TRIES_MAX: usize = 5;
/// How many of the last updates are looked through for an earlier try.
const UPDATES_LOOKED_AT: i64 = 100;

/// The action.
pub fn action() -> Action {
    let mut inputs = vec![
        ask::id(),
        Field::integer("revision", "Seen revision", 1, i64::from(i32::MAX)).hint(
            "The revision that the change was decided on. If somebody else has changed one of the \
             same fields since, nothing is written and the fields are told; other changes do not \
             matter.",
        ),
        ask::project_if_known(),
        Field::picked("type", "Type", "work_item_types", &["organization", "project"])
            .hint("Only for the lists of states and fields below; it is not changed."),
        Field::text("title", "Title"),
    ];
    inputs.extend(ask::usual_fields());
    inputs.extend([
        Field::array("add_tags", "Add tags", Kind::Text, TAGS_MAX),
        Field::array("remove_tags", "Remove tags", Kind::Text, TAGS_MAX),
        Field::integer("parent", "Parent", 1, i64::from(i32::MAX))
            .hint("The id of the work item that this one is to stand below, instead of another."),
        Field::boolean("remove_parent", "Remove parent"),
        links::field(
            "add_links",
            "Add links",
            "Links that are there already are left as they are.",
        ),
        links::field("remove_links", "Remove links", "Links that are not there are passed over."),
        Field::long_text("comment", "Comment").hint("Goes into the discussion with the change."),
    ]);
    inputs.extend(ask::more_fields());
    inputs.extend(ask::treatment());
    inputs.push(ask::organization());
    Action {
        key: "update_work_item",
        tool_name: "AZURE_DEVOPS_UPDATE_WORKITEM",
        title: "Update Work Item",
        description: "Changes fields, tags, parent, links and discussion of one work item, all at \
                      once or not at all, and answers it. What is left out stays as it is; a field \
                      under More fields that is null is emptied.",
        access: Access::Write,
        inputs,
        output_sample: sample(include_str!("../samples/work_item.json")),
        repeat: Repeat::Checked(|context, inputs| Box::pin(find(context, inputs))),
        pages: None,
        run: |context, inputs| Box::pin(run(context, inputs)),
    }
}

async fn run(context: &ActionContext, inputs: &Inputs) -> Result<Value> {
    let place = Place::of(inputs);
    let id = input::integer(inputs, "id").unwrap_or_default();
    let change = Change::read(context, inputs)?;
    let mut current = api::work_item(context, place, id).await?;
    let seen = match input::integer(inputs, "revision") {
        Some(revision) if current["rev"] != revision => {
            let path = place.path(&format!("wit/workitems/{id}/revisions/{revision}"));
            api::ask(context, place, Call::get(path).query("$expand", "all")).await?
        }
        _ => current.clone(),
    };
    for _ in 0..TRIES_MAX {
        change.require_untouched(&seen, &current)?;
        let Some(document) = change.document(&current) else { return Ok(api::shown(current)) };
        let call = Call::new(Method::PATCH, place.path(&format!("wit/workitems/{id}")));
        match api::write(context, place, call, inputs, document).await {
            Err(error) if error.code() == refusal::CONFLICT => {
                current = api::work_item(context, place, id).await?;
            }
            answered => return answered,
        }
    }
    let message = format!(
        "Work item {id} is being changed so often that {TRIES_MAX} tries came too late; try again."
    );
    Err(Error::new(ErrorKind::Unavailable, "item_too_busy", message))
}

/// Setting what is set already does nothing, so a change can be repeated as it is; a comment would
/// be made twice.
async fn find(context: &ActionContext, inputs: &Inputs) -> Result<Option<Value>> {
    let (Some(effect), Some(comment)) = (context.effect(), input::text(inputs, "comment")) else {
        return Ok(None);
    };
    let place = Place::of(inputs);
    let id = input::integer(inputs, "id").unwrap_or_default();
    let current = api::work_item(context, place, id).await?;
    let own_id = trace::own_id(context, place).await?;
    // Updates are as many as revisions, or more: links count as well.
    let mut skip = (current["rev"].as_i64().unwrap_or_default() - UPDATES_LOOKED_AT).max(0);
    loop {
        let path = place.path(&format!("wit/workitems/{id}/updates"));
        let call = Call::get(path).query("$skip", &skip.to_string()).query("$top", "200");
        let answer = api::ask(context, place, call).await?;
        let updates = answer["value"].as_array().map_or(&[][..], Vec::as_slice);
        let is_ours = |update: &&Value| {
            let fields = &update["fields"];
            let said = fields[patch::HISTORY]["newValue"].as_str();
            update["revisedBy"]["id"] == own_id.as_str()
                && trace::is_since(effect, &fields["System.ChangedDate"]["newValue"])
                && said.is_some_and(|said| sameness::of_texts(said, comment))
        };
        if updates.iter().any(|update| is_ours(&update)) {
            return Ok(Some(api::shown(current)));
        }
        if updates.is_empty() {
            return Ok(None);
        }
        skip += i64::try_from(updates.len()).unwrap_or(i64::MAX);
    }
}
