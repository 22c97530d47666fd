//! Add Comment.

use base::Result;
use http::Method;
use serde_json::{Value, json};

use super::super::api::{self, Place};
use super::super::{ask, sameness, sample, trace};
use crate::action::{Access, Action, Inputs, Repeat};
use crate::context::{ActionContext, Call};
use crate::descriptor::Field;
use crate::input;

/// The action.
pub fn action() -> Action {
    Action {
        key: "add_comment",
        tool_name: "AZURE_DEVOPS_ADD_COMMENT",
        title: "Add Comment",
        description: "Adds a comment to the discussion of a work item and answers it.",
        access: Access::Write,
        inputs: vec![
            ask::id(),
            Field::long_text("text", "Text").required(),
            Field::new("format", "Format", ask::format_kind()).default("markdown"),
            ask::project_if_known(),
            ask::organization(),
        ],
        output_sample: sample(include_str!("../samples/comment.json")),
        repeat: Repeat::Checked(|context, inputs| Box::pin(find(context, inputs))),
        pages: None,
        run: |context, inputs| Box::pin(run(context, inputs)),
    }
}

async fn run(context: &ActionContext, inputs: &Inputs) -> Result<Value> {
    let (text, format) = (input::text(inputs, "text"), input::text(inputs, "format"));
    if context.is_dry_run() {
        let id = input::integer(inputs, "id").unwrap_or_default();
        let item = api::work_item(context, Place::of(inputs), id).await?;
        return Ok(shown(json!({ "workItemId": item["id"], "text": text, "format": format })));
    }
    let (place, path) = discussion(context, inputs).await?;
    let call = Call::new(Method::POST, path)
        .query("format", format.unwrap_or("markdown"))
        .json(json!({ "text": text }));
    api::ask_version(context, place, call, api::COMMENTS_VERSION).await.map(shown)
}

/// A comment is taken for that of an earlier try if the account made it since the effect began and
/// it reads the same.
async fn find(context: &ActionContext, inputs: &Inputs) -> Result<Option<Value>> {
    let Some(effect) = context.effect() else { return Ok(None) };
    let (place, path) = discussion(context, inputs).await?;
    let own_id = trace::own_id(context, place).await?;
    let call = Call::get(path).query("order", "desc").query("$top", "200");
    let mut answer = api::ask_version(context, place, call, api::COMMENTS_VERSION).await?;
    let text = input::text(inputs, "text").unwrap_or_default();
    let is_ours = |comment: &Value| {
        comment["createdBy"]["id"] == own_id.as_str()
            && trace::is_since(effect, &comment["createdDate"])
            && comment["text"].as_str().is_some_and(|said| sameness::of_texts(said, text))
    };
    let comments = answer["comments"].as_array_mut().map(std::mem::take).unwrap_or_default();
    Ok(comments.into_iter().find(is_ours).map(shown))
}

/// Comments are read and written within the project, so the item is asked for it if need be.
async fn discussion<'i>(
    context: &ActionContext,
    inputs: &'i Inputs,
) -> Result<(Place<'i>, String)> {
    let place = Place::of(inputs);
    let id = input::integer(inputs, "id").unwrap_or_default();
    let rest = format!("wit/workItems/{id}/comments");
    if place.project.is_some() {
        return Ok((place, place.path(&rest)));
    }
    let call =
        Call::get(place.path(&format!("wit/workitems/{id}"))).query("fields", "System.TeamProject");
    let item = api::ask(context, place, call).await?;
    let project = item["fields"]["System.TeamProject"].as_str();
    Ok((place, Place { project, ..place }.path(&rest)))
}

fn shown(comment: Value) -> Value {
    json!({
        "id": comment["id"],
        "workItemId": comment["workItemId"],
        "text": comment["text"],
        "format": comment["format"],
        "createdBy": comment["createdBy"],
        "createdDate": comment["createdDate"],
        "url": comment["url"],
    })
}
