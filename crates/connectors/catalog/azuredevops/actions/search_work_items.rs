//! Search Work Items.

use base::{Error, Result};
use serde_json::{Value, json};

use super::super::api::{self, Place};
use super::super::found::{self, Cursor};
use super::super::wiql::Query;
use super::super::{ask, filter, sample};
use crate::action::{Access, Action, Inputs, Pages, Repeat};
use crate::context::{ActionContext, Call, encode};
use crate::descriptor::{Field, Kind, Variant};
use crate::input;

/// The most items of one answer.
const LIMIT_MAX: i64 = 1_000;
/// The most fields that are asked for by name.
const FIELDS_MAX: usize = 200;

/// The action.
pub fn action() -> Action {
    let saved = Field::picked("id", "Saved query", "queries", &["organization", "project"])
        .required()
        .hint("Its id, or its path such as Shared Queries/Open bugs. The project must be named.");
    let wiql = Field::long_text("text", "Query").required().hint(
        "SELECT … FROM WorkItems WHERE …; values go between single quotes, a quote in one is \
         doubled. @project is the project named below.",
    );
    let ways = vec![
        Variant::new("filter", "By conditions", filter::fields()),
        Variant::new("wiql", "By a query in WIQL", vec![wiql]),
        Variant::new("saved", "By a saved query", vec![saved]),
    ];
    Action {
        key: "search_work_items",
        tool_name: "AZURE_DEVOPS_SEARCH_WORKITEMS",
        title: "Search Work Items",
        description: "Finds work items by conditions, by a query in WIQL or by a saved query, and \
                      answers them with their fields. One answer holds up to 1,000 items; next in \
                      it leads to more.",
        access: Access::Read,
        inputs: vec![
            Field::new("query", "Search", Kind::OneOf(ways)).required(),
            Field::picked("project", "Project", "projects", &["organization"])
                .hint("Left out, all projects are searched."),
            Field::array("fields", "Fields", Kind::Text, FIELDS_MAX)
                .hint("Reference names of the fields to read. Left out, all are read, and links."),
            Field::integer("limit", "At most", 1, LIMIT_MAX)
                .default(200)
                .hint("How many items one answer holds."),
            Field::long_text("cursor", "Cursor")
                .hint("What an earlier answer gave as next, to go on from there."),
            ask::organization(),
        ],
        output_sample: sample(include_str!("../samples/found_work_items.json")),
        repeat: Repeat::Safe,
        pages: Some(Pages { cursor: "cursor", items: "items", next: "next" }),
        run: |context, inputs| Box::pin(run(context, inputs)),
    }
}

async fn run(context: &ActionContext, inputs: &Inputs) -> Result<Value> {
    let place = Place::of(inputs);
    let cursor = input::text(inputs, "cursor").map(Cursor::parse).transpose()?;
    let wanted = input::integer(inputs, "limit").and_then(|limit| usize::try_from(limit).ok());
    let query = query(context, place, inputs).await?;
    let wanted = wanted.unwrap_or_default();
    let (ids, next) = found::page(context, place, &query, cursor, wanted).await?;
    let fields = input::texts(inputs, "fields");
    let mut items = Vec::with_capacity(ids.len());
    for ids in ids.chunks(api::BATCH_MAX) {
        items.extend(api::work_items(context, place, ids, &fields).await?);
    }
    let count = items.len();
    Ok(json!({ "items": items, "count": count, "next": next.map(|next| next.text()) }))
}

async fn query(context: &ActionContext, place: Place<'_>, inputs: &Inputs) -> Result<Query> {
    let empty = Inputs::new();
    let query = input::object(inputs, "query").unwrap_or(&empty);
    match input::text(query, "kind") {
        Some("wiql") => Query::parse(input::text(query, "text").unwrap_or_default()),
        Some("saved") => saved(context, place, input::text(query, "id").unwrap_or_default()).await,
        _ => {
            let condition = filter::condition(context, place, query).await?;
            Ok(Query::of_items(condition, filter::order(query)?))
        }
    }
}

async fn saved(context: &ActionContext, place: Place<'_>, id: &str) -> Result<Query> {
    if place.project.is_none() {
        let message = "A saved query belongs to a project: name the project too.";
        return Err(Error::invalid("project_missing", message));
    }
    let id: Vec<String> = id.split(['/', '\\']).map(encode).collect();
    let path = place.path(&format!("wit/queries/{}", id.join("/")));
    let found = api::ask(context, place, Call::get(path).query("$expand", "wiql")).await?;
    match found["wiql"].as_str() {
        Some(wiql) => Query::parse(wiql),
        None => {
            let message = "This is a folder of saved queries: choose a query in it.";
            Err(Error::invalid("query_is_folder", message))
        }
    }
}
