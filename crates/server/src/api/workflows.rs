//! Workflows of a project: their drafts.

use axum::Json as Reply;
use axum::extract::{Path, State};
use base::{Error, ErrorKind, IntegrationId, Result, WorkflowId, WorkflowVersionId};
use engine::definition::{Head, Problem, Trigger};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::changes::{self, Kind};
use store::workflow_versions::{self, WorkflowVersion};
use store::workflows::{self, Workflow};
use utoipa::ToSchema;

use super::paging::{PageBody, PageQuery};
use crate::app::App;
use crate::auth::manager::ManagedProject;
use crate::failure::Answer;
use crate::http::body::Json;
use crate::projects::ProjectView;
use crate::workflows::around::{check_in, check_with_functions};

/// A workflow.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Workflow)]
pub struct WorkflowBody {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: WorkflowId,
    /// Its key: the same in every environment, and the name of its file.
    pub key: String,
    /// The name that people see.
    pub name: String,
    /// The integration whose accounts it works with.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub integration_id: Option<IntegrationId>,
    /// Counts edits of the draft: send it along with the next one.
    pub draft_number: i64,
    /// The version that triggers start; null while it is not deployed.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub live_version_id: Option<WorkflowVersionId>,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
}

impl From<&Workflow> for WorkflowBody {
    fn from(workflow: &Workflow) -> Self {
        Self {
            id: workflow.id,
            key: workflow.key.clone(),
            name: workflow.name.clone(),
            integration_id: workflow.integration_id,
            draft_number: workflow.draft_number,
            live_version_id: workflow.live_version_id,
            created_at: workflow.created_at.to_rfc3339(),
            updated_at: workflow.updated_at.to_rfc3339(),
        }
    }
}

/// A workflow with its draft.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkflowDetail {
    /// The workflow.
    #[serde(flatten)]
    pub workflow: WorkflowBody,
    /// The draft: the definition as it is being edited.
    #[schema(value_type = Object)]
    pub definition: Value,
    /// What keeps the draft from being deployed; empty when nothing does.
    pub problems: Vec<ProblemBody>,
    /// The number of the live version.
    pub live_version_number: Option<i64>,
    /// Whether the draft says something else than the live version.
    pub has_changes: bool,
    /// Where the provider calls a workflow that a webhook starts, once it is deployed; where each
    /// account has an address of its own, `?id=` and the account's id follow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_url: Option<String>,
}

/// One fault of a definition.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DefinitionProblem)]
pub struct ProblemBody {
    /// Where it stands: `steps.search.input.project`, or empty for the whole.
    pub path: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl From<Problem> for ProblemBody {
    fn from(problem: Problem) -> Self {
        Self { path: problem.path, message: problem.message }
    }
}

/// A workflow to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewWorkflow {
    /// The definition. It may be incomplete, but needs its key and name.
    #[schema(value_type = Object)]
    pub definition: Value,
}

/// A new draft.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DraftChange {
    /// The whole definition.
    #[schema(value_type = Object)]
    pub definition: Value,
    /// The number of the draft that was edited. When somebody else has edited it meanwhile, the
    /// answer is 409 and shows theirs.
    pub draft_number: i64,
}

/// A definition to look at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Checked {
    /// The definition.
    #[schema(value_type = Object)]
    pub definition: Value,
}

/// What is wrong with a definition.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Findings {
    /// Whether it can be deployed.
    pub is_valid: bool,
    /// Every fault.
    pub problems: Vec<ProblemBody>,
}

/// Lists the project's workflows, without their definitions.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/workflows", tag = "workflows",
    params(("project_id" = String, Path), PageQuery),
    responses((status = 200, body = PageBody<WorkflowBody>), (status = "4XX", body = super::openapi::Problem)))]
pub async fn list_workflows(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    query: PageQuery,
) -> Answer<Reply<PageBody<WorkflowBody>>> {
    let mut conn = app.store().read().await?;
    let page = workflows::list(&mut conn, view.id(), &query.request()?).await?;
    Ok(Reply(PageBody::of(page, |workflow| WorkflowBody::from(&workflow))))
}

/// Makes a workflow.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/workflows", tag = "workflows",
    params(("project_id" = String, Path)), request_body = NewWorkflow,
    responses((status = 201, body = WorkflowDetail), (status = "4XX", body = super::openapi::Problem)))]
pub async fn create_workflow(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Json(body): Json<NewWorkflow>,
) -> Answer<(StatusCode, Reply<WorkflowDetail>)> {
    let head = head(&view, &body.definition)?;
    let now = app.clock().now();
    let workflow = Workflow {
        id: WorkflowId::new(app.clock(), app.random()),
        project_id: view.id(),
        integration_id: head.integration_id,
        key: head.key,
        name: head.name,
        draft: body.definition,
        draft_number: 1,
        live_version_id: None,
        created_at: now,
        updated_at: now,
    };
    let mut tx = app.store().begin().await?;
    workflows::insert(&mut tx, &workflow).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Reply(detail(&app, &view, workflow).await?)))
}

/// Shows a workflow with its draft and all that is wrong with it.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/workflows/{workflow_id}", tag = "workflows",
    params(("project_id" = String, Path), ("workflow_id" = String, Path)),
    responses((status = 200, body = WorkflowDetail), (status = "4XX", body = super::openapi::Problem)))]
pub async fn get_workflow(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
) -> Answer<Reply<WorkflowDetail>> {
    let workflow = find(&app, &view, &id).await?;
    Ok(Reply(detail(&app, &view, workflow).await?))
}

/// Replaces a workflow's draft. What is deployed stays as it is.
#[utoipa::path(patch, path = "/api/v1/projects/{project_id}/workflows/{workflow_id}", tag = "workflows",
    params(("project_id" = String, Path), ("workflow_id" = String, Path)), request_body = DraftChange,
    responses((status = 200, body = WorkflowDetail), (status = "4XX", body = super::openapi::Problem)))]
pub async fn update_workflow(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    Json(body): Json<DraftChange>,
) -> Answer<Reply<WorkflowDetail>> {
    let workflow = find(&app, &view, &id).await?;
    let workflow = edit(&app, &view, workflow, body.definition, body.draft_number).await?;
    Ok(Reply(detail(&app, &view, workflow).await?))
}

/// Deletes a workflow with its versions and its executions, whether or not they have ended.
#[utoipa::path(delete, path = "/api/v1/projects/{project_id}/workflows/{workflow_id}", tag = "workflows",
    params(("project_id" = String, Path), ("workflow_id" = String, Path)),
    responses((status = 204), (status = "4XX", body = super::openapi::Problem)))]
pub async fn delete_workflow(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
) -> Answer<StatusCode> {
    let workflow = find(&app, &view, &id).await?;
    let mut tx = app.store().begin().await?;
    workflows::delete(&mut tx, view.id(), workflow.id).await?;
    note(&mut tx, &workflow, &app).await?;
    tx.commit().await?;
    app.catch_up().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tells all that is wrong with a definition, and stores nothing.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/workflows/validate", tag = "workflows",
    params(("project_id" = String, Path)), request_body = Checked,
    responses((status = 200, body = Findings), (status = "4XX", body = super::openapi::Problem)))]
pub async fn validate_workflow(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Json(body): Json<Checked>,
) -> Reply<Findings> {
    let checked = check_with_functions(&app, &view, &body.definition).await;
    let problems = checked.err().unwrap_or_default();
    Reply(Findings {
        is_valid: problems.is_empty(),
        problems: problems.into_iter().map(ProblemBody::from).collect(),
    })
}

/// Stores another draft, unless somebody else has edited the one with the number `seen` meanwhile.
pub(super) async fn edit(
    app: &App,
    view: &ProjectView,
    mut workflow: Workflow,
    definition: Value,
    seen: i64,
) -> Result<Workflow> {
    let head = head(view, &definition)?;
    workflow.integration_id = head.integration_id;
    workflow.key = head.key;
    workflow.name = head.name;
    workflow.draft = definition;
    workflow.draft_number = seen.saturating_add(1);
    workflow.updated_at = app.clock().now();
    store(app, &workflow, seen).await?;
    Ok(workflow)
}

/// Stores a workflow, if its draft still has the number `seen`.
async fn store(app: &App, workflow: &Workflow, seen: i64) -> Result<()> {
    let mut tx = app.store().begin().await?;
    if !workflows::update(&mut tx, workflow, seen).await? {
        let theirs = workflows::find(&mut tx, workflow.project_id, workflow.id).await?;
        return Err(theirs.map_or_else(|| not_found(workflow.id), |theirs| changed(&theirs)));
    }
    note(&mut tx, workflow, app).await?;
    tx.commit().await?;
    app.catch_up().await
}

pub(super) async fn note(
    conn: &mut store::Connection,
    workflow: &Workflow,
    app: &App,
) -> Result<()> {
    let now = app.clock().now();
    changes::note(conn, workflow.project_id, Kind::Workflow, workflow.id, now).await
}

/// Somebody else has edited the draft; it comes along.
pub(super) fn changed(theirs: &Workflow) -> Error {
    let message = format!(
        "Somebody else has edited \"{}\" meanwhile: take their draft {} into yours and send it with \
         that number.",
        theirs.name, theirs.draft_number
    );
    Error::new(ErrorKind::Conflict, "draft_changed", message).with_meta(json!({
        "draftNumber": theirs.draft_number,
        "definition": theirs.draft,
        "updatedAt": theirs.updated_at.to_rfc3339(),
    }))
}

/// What a draft must have to be stored.
struct StoredHead {
    key: String,
    name: String,
    integration_id: Option<IntegrationId>,
}

fn head(view: &ProjectView, document: &Value) -> Result<StoredHead> {
    let read = Head::read(document).map_err(|problems| Problem::error(&problems))?;
    let integration_id = match &read.integration {
        None => None,
        Some(slug) => match view.integration_of(slug) {
            Ok(integration) => Some(integration.id),
            Err(error) => {
                return Err(Problem::error(&[Problem::new("integration", error.message())]));
            }
        },
    };
    Ok(StoredHead { key: read.key, name: read.name, integration_id })
}

pub(super) async fn find(app: &App, view: &ProjectView, id: &str) -> Result<Workflow> {
    let id: WorkflowId = id.parse()?;
    let found = workflows::find(&mut *app.store().read().await?, view.id(), id).await?;
    found.ok_or_else(|| not_found(id))
}

fn not_found(id: WorkflowId) -> Error {
    let message = format!("The project has no workflow with the id {id}.");
    Error::not_found("workflow_not_found", message)
}

/// The live version of a workflow.
pub(super) async fn live_version(
    conn: &mut store::Connection,
    workflow: &Workflow,
) -> Result<Option<WorkflowVersion>> {
    match workflow.live_version_id {
        Some(id) => workflow_versions::find(conn, workflow.project_id, id).await,
        None => Ok(None),
    }
}

pub(super) async fn detail(
    app: &App,
    view: &ProjectView,
    workflow: Workflow,
) -> Result<WorkflowDetail> {
    let live = live_version(&mut *app.store().read().await?, &workflow).await?;
    let checked = check_in(app, view, &workflow.draft);
    let has_changes = match (&checked, &live) {
        (Ok(definition), Some(live)) => json!(definition) != live.definition,
        _ => true,
    };
    Ok(WorkflowDetail {
        workflow: WorkflowBody::from(&workflow),
        problems: checked.err().unwrap_or_default().into_iter().map(ProblemBody::from).collect(),
        live_version_number: live.map(|live| live.number),
        has_changes,
        webhook_url: webhook_url(app, view, workflow.id),
        definition: workflow.draft,
    })
}

fn webhook_url(app: &App, view: &ProjectView, id: WorkflowId) -> Option<String> {
    let live = view.workflow(id).filter(|live| matches!(live.trigger, Trigger::Webhook(_)))?;
    let (origin, project_id) = (app.public_url(), view.id());
    let integration_id = live.integration_id?;
    Some(format!("{origin}/triggers/connect/{project_id}/{integration_id}/custom-triggers/{id}"))
}
