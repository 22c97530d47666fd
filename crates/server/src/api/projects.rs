//! Projects.

use axum::Json as Reply;
use axum::extract::State;
use base::{Error, ProjectId, Result, Timestamp};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use store::changes::{self, Kind};
use store::projects::Project;
use utoipa::ToSchema;

use super::paging::{PageBody, PageQuery};
use crate::app::App;
use crate::auth::manager::{ManagedProject, Manager};
use crate::failure::Answer;
use crate::http::body::Json;
use crate::origin;

/// How many origins a project may list.
const ORIGINS_MAX: usize = 100;
/// The longest name of a project.
const NAME_CHARS_MAX: usize = 200;

/// A project.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Project)]
pub struct ProjectBody {
    /// Its id, which the SDK takes.
    #[schema(value_type = String, format = "uuid")]
    pub id: ProjectId,
    /// What people call it.
    pub name: String,
    /// Origins of your pages, which may call the SDK's routes and open the connect pop-up.
    pub allowed_origins: Vec<String>,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
}

impl From<Project> for ProjectBody {
    fn from(project: Project) -> Self {
        Self {
            id: project.id,
            name: project.name,
            allowed_origins: project.allowed_origins,
            created_at: project.created_at.to_rfc3339(),
            updated_at: project.updated_at.to_rfc3339(),
        }
    }
}

/// A project to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewProject {
    /// What people call it.
    pub name: String,
    /// Origins of your pages: scheme, host and port, such as `https://app.example.com`.
    #[serde(default)]
    pub allowed_origins: Vec<String>,
}

/// What to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProjectChange {
    /// What people call it.
    pub name: Option<String>,
    /// All allowed origins.
    pub allowed_origins: Option<Vec<String>>,
}

/// Makes a project.
#[utoipa::path(post, path = "/api/v1/projects", tag = "projects", request_body = NewProject,
    responses((status = 201, body = ProjectBody), (status = "4XX", body = super::openapi::Problem)))]
pub async fn create_project(
    manager: Manager,
    State(app): State<App>,
    body: Json<NewProject>,
) -> Answer<(StatusCode, Reply<ProjectBody>)> {
    manager.require_every_project()?;
    let project = create(&app, &body.name, &body.allowed_origins).await?;
    Ok((StatusCode::CREATED, Reply(project.into())))
}

/// Stores a new project with a data key of its own.
pub async fn create(app: &App, name: &str, allowed_origins: &[String]) -> Result<Project> {
    let id = ProjectId::new(app.clock(), app.random());
    let now = app.clock().now();
    let (name, allowed_origins) = (checked_name(name)?, checked_origins(allowed_origins)?);
    let mut tx = app.store().begin().await?;
    let data_key = app.connect().generate_data_key(&mut tx, id).await?;
    let project = Project { id, name, allowed_origins, data_key, created_at: now, updated_at: now };
    store::projects::insert(&mut tx, &project).await?;
    tx.commit().await?;
    Ok(project)
}

/// Lists projects: all of them, or the one that the API token is for.
#[utoipa::path(get, path = "/api/v1/projects", tag = "projects", params(PageQuery),
    responses((status = 200, body = PageBody<ProjectBody>), (status = "4XX", body = super::openapi::Problem)))]
pub async fn list_projects(
    manager: Manager,
    State(app): State<App>,
    query: PageQuery,
) -> Answer<Reply<PageBody<ProjectBody>>> {
    if let Some(id) = manager.project_id {
        let project = app.projects().get(id).await?.project.clone();
        return Ok(Reply(PageBody { items: vec![project.into()], next: None }));
    }
    let page = store::projects::list(&mut *app.store().read().await?, &query.request()?).await?;
    Ok(Reply(PageBody::of(page, ProjectBody::from)))
}

/// Shows a project.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}", tag = "projects", params(("project_id" = String, Path)),
    responses((status = 200, body = ProjectBody), (status = "4XX", body = super::openapi::Problem)))]
pub async fn get_project(ManagedProject(view): ManagedProject) -> Reply<ProjectBody> {
    Reply(view.project.clone().into())
}

/// Changes a project.
#[utoipa::path(patch, path = "/api/v1/projects/{project_id}", tag = "projects", params(("project_id" = String, Path)),
    request_body = ProjectChange,
    responses((status = 200, body = ProjectBody), (status = "4XX", body = super::openapi::Problem)))]
pub async fn update_project(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    body: Json<ProjectChange>,
) -> Answer<Reply<ProjectBody>> {
    let mut project = view.project.clone();
    if let Some(name) = &body.name {
        project.name = checked_name(name)?;
    }
    if let Some(origins) = &body.allowed_origins {
        project.allowed_origins = checked_origins(origins)?;
    }
    Ok(Reply(store_changes(&app, project).await?.into()))
}

/// Stores a project's new name and origins.
pub async fn store_changes(app: &App, mut project: Project) -> Result<Project> {
    project.updated_at = app.clock().now();
    let mut tx = app.store().begin().await?;
    store::projects::update(&mut tx, &project).await?;
    note_change(&mut tx, project.id, project.updated_at).await?;
    tx.commit().await?;
    app.catch_up().await?;
    Ok(project)
}

/// Deletes a project with everything in it and shreds its data key. There is no way back.
#[utoipa::path(delete, path = "/api/v1/projects/{project_id}", tag = "projects", params(("project_id" = String, Path)),
    responses((status = 204), (status = "4XX", body = super::openapi::Problem)))]
pub async fn delete_project(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
) -> Answer<StatusCode> {
    let mut tx = app.store().begin().await?;
    store::projects::delete(&mut tx, view.id()).await?;
    // Tokens of its users are remembered apart from it, so they are told as for revoked keys.
    changes::note(&mut tx, view.id(), Kind::SigningKeys, view.id(), app.clock().now()).await?;
    note_change(&mut tx, view.id(), app.clock().now()).await?;
    tx.commit().await?;
    app.catch_up().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tells every process that the project, its origins or its integrations have changed.
pub(super) async fn note_change(
    tx: &mut store::Transaction,
    project_id: ProjectId,
    now: Timestamp,
) -> Result<()> {
    changes::note(tx, project_id, Kind::Project, project_id, now).await
}

fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
        return Err(Error::invalid(
            "invalid_name",
            format!("A project's name has 1 to {NAME_CHARS_MAX} characters."),
        ));
    }
    Ok(name.to_owned())
}

fn checked_origins(origins: &[String]) -> Result<Vec<String>> {
    if origins.len() > ORIGINS_MAX {
        return Err(Error::invalid(
            "too_many_origins",
            format!("A project lists at most {ORIGINS_MAX} origins."),
        ));
    }
    origins.iter().map(|text| origin::parse(text)).collect()
}
