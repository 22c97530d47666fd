//! The actions of a connector: what steps of workflows can do with an account.

use axum::Json as Reply;
use axum::extract::{Path, State};
use connectors::descriptor;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::manager::Manager;
use crate::failure::Answer;

/// An action.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Action {
    /// What workflows call it: `create_work_item`.
    pub key: String,
    /// What agents call it: `AZURE_DEVOPS_CREATE_WORKITEM`.
    pub tool_name: String,
    /// What people call it.
    pub title: String,
    /// What it does, in sentences.
    pub description: String,
    /// What it does to the provider's data: `read`, `write` or `delete`.
    pub access: String,
    /// Whether it may be done again when it is not known how a try ended: `safe`; `checked`, after
    /// it was looked for what that try did; or `may_repeat`, with an effect each time.
    pub repeat: String,
    /// Its inputs as controls of a form.
    #[schema(value_type = Vec<Object>)]
    pub inputs: Vec<Value>,
    /// Its inputs as a JSON Schema.
    #[schema(value_type = Object)]
    pub input_schema: Value,
    /// An example of what it answers.
    #[schema(value_type = Object)]
    pub output_sample: Value,
    /// Where an answer that can be one page of several has its parts.
    pub pages: Option<Pages>,
}

/// Where an answer has its parts that can be one page of several.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ActionPages)]
pub struct Pages {
    /// The input that takes the cursor of the wanted page.
    pub cursor: String,
    /// The member of the answer with the list.
    pub items: String,
    /// The member of the answer with the cursor of the next page; null after the last.
    pub next: String,
}

/// Lists the actions of a connector.
#[utoipa::path(get, path = "/api/v1/connectors/{slug}/actions", tag = "integrations",
    params(("slug" = String, Path, description = "The connector's type.")),
    responses((status = 200, body = [Action]), (status = "4XX", body = super::openapi::Problem)))]
pub async fn list_actions(
    _manager: Manager,
    State(app): State<App>,
    Path(slug): Path<String>,
) -> Answer<Reply<Vec<Action>>> {
    // Says that there is no such connector, if so.
    app.connect().provider(&slug)?;
    let connector = app.catalogue().get(&slug);
    let actions = connector.map(connectors::Connector::actions).unwrap_or_default();
    Ok(Reply(actions.iter().map(show).collect()))
}

fn show(action: &connectors::Action) -> Action {
    Action {
        key: action.key.to_owned(),
        tool_name: action.tool_name.to_owned(),
        title: action.title.to_owned(),
        description: action.description.to_owned(),
        access: action.access.name().to_owned(),
        repeat: action.repeat.name().to_owned(),
        inputs: descriptor::form(&action.inputs),
        input_schema: descriptor::json_schema(&action.inputs),
        output_sample: action.output_sample.clone(),
        pages: action.pages.map(|pages| Pages {
            cursor: pages.cursor.to_owned(),
            items: pages.items.to_owned(),
            next: pages.next.to_owned(),
        }),
    }
}
