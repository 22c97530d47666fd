//! Versions of workflows: deploying, taking back, looking at earlier ones.

use axum::Json as Reply;
use axum::extract::{Path, State};
use base::{Error, Result, WorkflowId, WorkflowVersionId};
use engine::definition::Problem;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::enablements;
use store::workflow_versions::{self, WorkflowVersion};
use store::workflows::{self, Workflow};
use utoipa::ToSchema;

use super::paging::{PageBody, PageQuery};
use super::workflows::{WorkflowDetail, changed, detail, edit, find, live_version, note};
use crate::app::App;
use crate::auth::manager::ManagedProject;
use crate::failure::Answer;
use crate::http::body::Json;
use crate::projects::ProjectView;
use crate::workflows::around::check_with_functions;
use crate::workflows::live::LIVE_WORKFLOWS_MAX;

/// How long a note may be.
const NOTE_CHARS_MAX: usize = 2_000;

/// A version: it never changes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WorkflowVersion)]
pub struct VersionBody {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: WorkflowVersionId,
    /// The workflow.
    #[schema(value_type = String, format = "uuid")]
    pub workflow_id: WorkflowId,
    /// Its place among the workflow's versions, from 1.
    pub number: i64,
    /// What its author says of it.
    pub note: Option<String>,
    /// RFC 3339.
    pub created_at: String,
}

impl From<&WorkflowVersion> for VersionBody {
    fn from(version: &WorkflowVersion) -> Self {
        Self {
            id: version.id,
            workflow_id: version.workflow_id,
            number: version.number,
            note: version.note.clone(),
            created_at: version.created_at.to_rfc3339(),
        }
    }
}

/// A version with its definition.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VersionDetail {
    /// The version.
    #[serde(flatten)]
    pub version: VersionBody,
    /// The definition as it was validated.
    #[schema(value_type = Object)]
    pub definition: Value,
}

/// What to say of a version.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Deployment {
    /// What is new.
    pub note: Option<String>,
    /// The number of the draft that is meant; left out: whatever it is now.
    pub draft_number: Option<i64>,
}

/// Which draft a version replaces.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Restoration {
    /// The number of the draft that is replaced; left out: whatever it is now.
    pub draft_number: Option<i64>,
}

/// Deploys the draft: validates it, makes a version of it and makes that live. A draft that is live
/// already makes no new version. Executions that have begun keep theirs.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/workflows/{workflow_id}/deploy",
    tag = "workflows",
    params(("project_id" = String, Path), ("workflow_id" = String, Path)), request_body = Deployment,
    responses((status = 200, body = WorkflowDetail), (status = "4XX", body = super::openapi::Problem)))]
pub async fn deploy_workflow(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    Json(body): Json<Deployment>,
) -> Answer<Reply<WorkflowDetail>> {
    if body.note.as_ref().is_some_and(|note| note.chars().count() > NOTE_CHARS_MAX) {
        let message = format!("A note has at most {NOTE_CHARS_MAX} characters.");
        return Err(Error::invalid("note_too_long", message).into());
    }
    let mut workflow = find(&app, &view, &id).await?;
    let seen = workflow.draft_number;
    if body.draft_number.is_some_and(|meant| meant != seen) {
        return Err(changed(&workflow).into());
    }
    let checked = check_with_functions(&app, &view, &workflow.draft).await;
    let definition = checked.map_err(|problems| Problem::error(&problems))?;
    let document = json!(definition);
    let live = live_version(&mut *app.store().read().await?, &workflow).await?;
    if live.is_none() {
        require_room(&view)?;
    }
    if live.is_none_or(|live| live.definition != document) {
        workflow.updated_at = app.clock().now();
        deploy(&app, &mut workflow, document, body.note).await?;
    }
    Ok(Reply(detail(&app, &view, workflow).await?))
}

fn require_room(view: &ProjectView) -> Result<()> {
    let live = i64::try_from(view.workflows.len()).unwrap_or(i64::MAX);
    if live < LIVE_WORKFLOWS_MAX {
        return Ok(());
    }
    let message = format!("A project has at most {LIVE_WORKFLOWS_MAX} deployed workflows.");
    Err(Error::invalid("too_many_workflows", message))
}

async fn deploy(
    app: &App,
    workflow: &mut Workflow,
    definition: Value,
    note_of_version: Option<String>,
) -> Result<()> {
    let (project_id, workflow_id) = (workflow.project_id, workflow.id);
    let id = WorkflowVersionId::new(app.clock(), app.random());
    workflow.live_version_id = Some(id);
    let mut tx = app.store().begin().await?;
    // First the row of the workflow: whoever else deploys it waits here, so that numbers are unique.
    if !workflows::update(&mut tx, workflow, workflow.draft_number).await? {
        return Err(changed(workflow));
    }
    let number = workflow_versions::next_number(&mut tx, project_id, workflow_id).await?;
    let created_at = workflow.updated_at;
    let note_of_version = note_of_version.filter(|note| !note.trim().is_empty());
    let version = WorkflowVersion {
        id,
        project_id,
        workflow_id,
        number,
        definition,
        note: note_of_version,
        created_at,
    };
    workflow_versions::insert(&mut tx, &version).await?;
    // It may have moved to another integration; it is not on for accounts of the former one.
    let integration_id = workflow.integration_id;
    enablements::delete_strangers(&mut tx, project_id, workflow_id, integration_id).await?;
    note(&mut tx, workflow, app).await?;
    tx.commit().await?;
    app.catch_up().await
}

/// Takes the live version back: triggers start nothing any more. Executions that have begun go on,
/// and for whom the workflow is on is kept for the next deployment.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/workflows/{workflow_id}/undeploy",
    tag = "workflows",
    params(("project_id" = String, Path), ("workflow_id" = String, Path)),
    responses((status = 200, body = WorkflowDetail), (status = "4XX", body = super::openapi::Problem)))]
pub async fn undeploy_workflow(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
) -> Answer<Reply<WorkflowDetail>> {
    let mut workflow = find(&app, &view, &id).await?;
    if workflow.live_version_id.take().is_some() {
        workflow.updated_at = app.clock().now();
        let mut tx = app.store().begin().await?;
        if !workflows::update(&mut tx, &workflow, workflow.draft_number).await? {
            return Err(changed(&workflow).into());
        }
        note(&mut tx, &workflow, &app).await?;
        tx.commit().await?;
        app.catch_up().await?;
    }
    Ok(Reply(detail(&app, &view, workflow).await?))
}

/// Lists a workflow's versions, newest first, without their definitions.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/workflows/{workflow_id}/versions",
    tag = "workflows",
    params(("project_id" = String, Path), ("workflow_id" = String, Path), PageQuery),
    responses((status = 200, body = PageBody<VersionBody>), (status = "4XX", body = super::openapi::Problem)))]
pub async fn list_workflow_versions(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    query: PageQuery,
) -> Answer<Reply<PageBody<VersionBody>>> {
    let workflow = find(&app, &view, &id).await?;
    let mut conn = app.store().read().await?;
    let request = query.request()?;
    let page = workflow_versions::list(&mut conn, view.id(), workflow.id, &request).await?;
    Ok(Reply(PageBody::of(page, |version| VersionBody::from(&version))))
}

/// Shows a version with its definition.
#[utoipa::path(get,
    path = "/api/v1/projects/{project_id}/workflows/{workflow_id}/versions/{version_id}",
    tag = "workflows",
    params(("project_id" = String, Path), ("workflow_id" = String, Path), ("version_id" = String, Path)),
    responses((status = 200, body = VersionDetail), (status = "4XX", body = super::openapi::Problem)))]
pub async fn get_workflow_version(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id, version_id)): Path<(String, String, String)>,
) -> Answer<Reply<VersionDetail>> {
    let workflow = find(&app, &view, &id).await?;
    let version = find_version(&app, &workflow, &version_id).await?;
    let body = VersionBody::from(&version);
    Ok(Reply(VersionDetail { version: body, definition: version.definition }))
}

/// Makes a version the draft. What is deployed stays as it is.
#[utoipa::path(post,
    path = "/api/v1/projects/{project_id}/workflows/{workflow_id}/versions/{version_id}/restore",
    tag = "workflows",
    params(("project_id" = String, Path), ("workflow_id" = String, Path), ("version_id" = String, Path)),
    request_body = Restoration,
    responses((status = 200, body = WorkflowDetail), (status = "4XX", body = super::openapi::Problem)))]
pub async fn restore_workflow_version(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id, version_id)): Path<(String, String, String)>,
    Json(body): Json<Restoration>,
) -> Answer<Reply<WorkflowDetail>> {
    let workflow = find(&app, &view, &id).await?;
    let version = find_version(&app, &workflow, &version_id).await?;
    let seen = body.draft_number.unwrap_or(workflow.draft_number);
    let workflow = edit(&app, &view, workflow, version.definition, seen).await?;
    Ok(Reply(detail(&app, &view, workflow).await?))
}

async fn find_version(app: &App, workflow: &Workflow, id: &str) -> Result<WorkflowVersion> {
    let id: WorkflowVersionId = id.parse()?;
    let mut conn = app.store().read().await?;
    let found = workflow_versions::find(&mut conn, workflow.project_id, id).await?;
    found.filter(|version| version.workflow_id == workflow.id).ok_or_else(|| {
        let message = format!("The workflow has no version with the id {id}.");
        Error::not_found("workflow_version_not_found", message)
    })
}
