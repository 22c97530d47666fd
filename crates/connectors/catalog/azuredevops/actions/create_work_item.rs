//! Create Work Item.

use base::Result;
use http::Method;
use serde_json::{Value, json};

use super::super::api::{self, Place};
use super::super::{ask, links, patch, sample, trace, wiql};
use crate::action::{Access, Action, Inputs, Repeat};
use crate::context::{ActionContext, Call, Effect, encode};
use crate::descriptor::{Field, Kind};
use crate::input;

/// The most tags of an item.
const TAGS_MAX: usize = 100;
/// Where the hyperlink leads that finds an item again. There is no such host, by RFC 2606.
const MARK_ADDRESS: &str = "https://gangway.invalid/effects/";
/// The most items among which the marked one is looked for.
const CANDIDATES_MAX: usize = 1_000;

/// The action.
pub fn action() -> Action {
    let mut inputs = vec![
        ask::project(),
        Field::picked("type", "Type", "work_item_types", &["organization", "project"])
            .required()
            .hint("Such as Bug, Task or User Story."),
        Field::text("title", "Title").required(),
    ];
    inputs.extend(ask::usual_fields());
    inputs.extend([
        Field::array("tags", "Tags", Kind::Text, TAGS_MAX),
        Field::integer("parent", "Parent", 1, i64::from(i32::MAX))
            .hint("The id of the work item that this one is to stand below."),
        links::field("links", "Links", "What it is linked to."),
        Field::long_text("comment", "Comment").hint("The first entry of its discussion."),
    ]);
    inputs.extend(ask::more_fields());
    inputs.extend(ask::treatment());
    inputs.push(ask::organization());
    Action {
        key: "create_work_item",
        tool_name: "AZURE_DEVOPS_CREATE_WORKITEM",
        title: "Create Work Item",
        description: "Makes a work item of a type with its fields, tags, parent and links, all at \
                      once or not at all, and answers it.",
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
    let organization = place.organization_name(context)?;
    let mut document: Vec<Value> = patch::fields(context, inputs)?
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(field, value)| patch::set(&field, value))
        .collect();
    document.extend(patch::formats(inputs));
    let tags = input::texts(inputs, "tags");
    if !tags.is_empty() {
        document.push(patch::set(patch::TAGS, tags.join("; ").into()));
    }
    if let Some(comment) = input::text(inputs, "comment") {
        document.push(patch::set(patch::HISTORY, comment.into()));
    }
    if let Some(parent) = input::integer(inputs, "parent") {
        document.push(patch::relate(links::parent(&organization, parent)));
    }
    for link in input::objects(inputs, "links") {
        document.push(patch::relate(links::relation(&organization, link)?));
    }
    if let Some(effect) = context.effect().filter(|_| !context.is_dry_run()) {
        document.push(patch::relate(json!({
            "rel": links::HYPERLINK,
            "url": mark(effect),
            "attributes": { "comment": "Gangway finds the item by this if it lost the answer." },
        })));
    }
    let kind = input::text(inputs, "type").unwrap_or_default();
    let call = Call::new(Method::POST, place.path(&format!("wit/workitems/${}", encode(kind))));
    api::write(context, place, call, inputs, document).await
}

fn mark(effect: &Effect) -> String {
    format!("{MARK_ADDRESS}{}", effect.mark)
}

/// Looks for the mark among the items of this title that the account made since the effect began.
async fn find(context: &ActionContext, inputs: &Inputs) -> Result<Option<Value>> {
    let Some(effect) = context.effect() else { return Ok(None) };
    let place = Place::of(inputs);
    let since = trace::earliest(effect).to_rfc3339();
    let title = input::text(inputs, "title").unwrap_or_default();
    let wiql = format!(
        "SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project \
         AND [System.CreatedBy] = @Me AND [System.CreatedDate] >= {} AND [System.Title] = {} \
         ORDER BY [System.Id] DESC",
        wiql::quote(&since),
        wiql::quote(title),
    );
    let found = api::query(context, place, &wiql, (CANDIDATES_MAX, true)).await?;
    let mark = mark(effect);
    for ids in api::found_ids(&found).chunks(api::BATCH_MAX) {
        for item in api::work_items(context, place, ids, &[]).await? {
            let relations = item["relations"].as_array().map_or(&[][..], Vec::as_slice);
            if relations.iter().any(|relation| relation["url"] == mark.as_str()) {
                return Ok(Some(item));
            }
        }
    }
    Ok(None)
}
