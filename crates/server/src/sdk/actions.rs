//! What an end user's form is filled from: the values that a source of an integration tells.

use axum::Json as Reply;
use axum::extract::State;
use base::{Error, Result};
use connect::Selector;
use connectors::source::Query;
use connectors::{ActionContext, input};
use http::HeaderMap;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::accounts::{CREDENTIAL_HEADER, header};
use crate::app::App;
use crate::auth::end_user::EndUser;
use crate::failure::Answer;
use crate::http::body::Json;
use crate::projects::require_active;

/// How many inputs a form may bring.
const PARAMETERS_MAX: usize = 200;

/// What is asked of a source.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// The integration's slug.
    action: String,
    source_key: String,
    parameters: Option<Vec<Parameter>>,
    pagination_parameters: Option<Map<String, Value>>,
}

/// An input that is filled in already.
#[derive(Deserialize)]
struct Parameter {
    key: String,
    #[serde(default)]
    source: Value,
}

/// `POST /projects/{project_id}/sdk/actions`: answers `{output: {records, nextPageCursor}}`.
pub async fn ask(
    user: EndUser,
    State(app): State<App>,
    headers: HeaderMap,
    body: Json<Question>,
) -> Answer<Reply<Value>> {
    let integration = user.project.integration_of(&body.action)?;
    require_active(integration)?;
    let slug = integration.kind.as_str();
    let connector = app.catalogue().get(slug);
    let source = connector.and_then(|connector| connector.source(&body.source_key));
    let source = source.ok_or_else(|| {
        let message = format!("\"{slug}\" has no source \"{}\": check its key.", body.source_key);
        Error::not_found("source_not_found", message)
    })?;
    let query = read(&body)?;
    let selector = header(&headers, CREDENTIAL_HEADER).map(Selector::parse);
    let loaded = async {
        let connect = app.connect();
        let held = connect.load(user.project.id(), user.id(), slug, selector.as_ref()).await?;
        let context = ActionContext::new(connect.clone(), held);
        app.sources().load(&context, source, &query).await
    };
    let page = loaded.await.map_err(of_integration)?;
    Ok(Reply(json!({ "output": page.output() })))
}

fn read(question: &Question) -> Result<Query> {
    let parameters = question.parameters.as_deref().unwrap_or_default();
    if parameters.len() > PARAMETERS_MAX {
        let message = format!("A form has at most {PARAMETERS_MAX} inputs.");
        return Err(Error::invalid("too_many_parameters", message));
    }
    let paging = question.pagination_parameters.as_ref();
    // The vendor's SDK sends the number 0 for the first page.
    let cursor = match paging.and_then(|paging| paging.get("pageCursor")) {
        Some(Value::String(cursor)) => Some(cursor.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let search = paging.and_then(|paging| input::text(paging, "search"));
    let value = |one: &Parameter| (one.key.clone(), one.source["value"].clone());
    Ok(Query {
        inputs: parameters.iter().map(value).collect(),
        search: search.map(str::to_owned),
        cursor,
    })
}

/// The vendor's SDK signs the end user out on a 401 that does not say it is about the account.
pub fn of_integration(error: Error) -> Error {
    let mut meta = error.meta().cloned().unwrap_or_else(|| json!({}));
    meta["isIntegrationError"] = true.into();
    error.with_meta(meta)
}
