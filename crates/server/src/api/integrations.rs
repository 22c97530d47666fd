//! Integrations of a project.

use axum::Json as Reply;
use axum::extract::{Path, State};
use base::{Error, IntegrationId, Result, Secret};
use connect::{Happened, NewProof, Provider};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::integrations::Integration;
use store::{PageRequest, Transaction, credentials};
use utoipa::ToSchema;

use super::app_proof::{AppProofBody, new_proof};
use super::projects::note_change;
use crate::app::App;
use crate::auth::manager::ManagedProject;
use crate::failure::Answer;
use crate::http::body::Json;
use crate::projects::ProjectView;
use crate::workflows::portal::IntegrationPortal;

/// An integration: a connector as configured in the project.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Integration)]
pub struct IntegrationBody {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: IntegrationId,
    /// The connector: `azuredevops`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether end users see it.
    pub is_active: bool,
    /// Register this address with your app at the provider.
    pub redirect_url: String,
    /// The client id of your app; null while development keys are used.
    pub client_id: Option<String>,
    /// Whether there is a client secret. It is never shown again.
    pub has_client_secret: bool,
    /// When that ends.
    pub client_proof: Option<AppProofBody>,
    /// What takes over when the provider refuses it.
    pub next_client_proof: Option<AppProofBody>,
    /// Whether accounts are connected through the installation's own app instead of yours.
    pub uses_development_keys: bool,
    /// The permissions that connecting asks for.
    pub scopes: Vec<String>,
    /// More choices, such as `tenant`: the directory to sign in at.
    pub settings: Map<String, Value>,
    /// What end users see of it, as in files: `description`, `overview` (Markdown), `accent_color`
    /// and `inputs`, which people fill in for all of its workflows.
    pub portal: Map<String, Value>,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
}

/// An integration to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewIntegration {
    /// The connector: `azuredevops`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Left out: true.
    pub is_active: Option<bool>,
    /// The client id of your app; left out or empty, development keys are used.
    pub client_id: Option<String>,
    /// The client secret of your app.
    #[schema(value_type = Option<String>)]
    pub client_secret: Option<Secret<String>>,
    /// When the client secret ends, RFC 3339: you are told before. A certificate tells by itself.
    pub client_secret_expires_at: Option<String>,
    /// A certificate in PEM that proves the app instead of a secret; its private key, an RSA key
    /// in PEM, goes into `clientSecret`.
    pub client_certificate: Option<String>,
    /// Left out: the connector's defaults.
    pub scopes: Option<Vec<String>>,
    /// Left out: none.
    pub settings: Option<Map<String, Value>>,
    /// What end users see of it; left out: what the connector says.
    pub portal: Option<Map<String, Value>>,
}

/// What to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IntegrationChange {
    /// Whether end users see it.
    pub is_active: Option<bool>,
    /// The client id of your app. Another one than before starts a new registration: accounts of
    /// the old one keep using it. Empty goes back to development keys.
    pub client_id: Option<String>,
    /// The client secret of your app; with the same client id it replaces the secret.
    #[schema(value_type = Option<String>)]
    pub client_secret: Option<Secret<String>>,
    /// When the client secret ends, RFC 3339: you are told before. A certificate tells by itself.
    pub client_secret_expires_at: Option<String>,
    /// A certificate in PEM that proves the app instead of a secret; its private key, an RSA key
    /// in PEM, goes into `clientSecret`.
    pub client_certificate: Option<String>,
    /// A second client secret, which takes over when the provider refuses the first. Empty takes
    /// it away.
    #[schema(value_type = Option<String>)]
    pub next_client_secret: Option<Secret<String>>,
    /// When that ends, RFC 3339. A certificate tells by itself.
    pub next_client_secret_expires_at: Option<String>,
    /// The certificate, where the next proof is one.
    pub next_client_certificate: Option<String>,
    /// All scopes. Accounts that miss one show "needs new permission".
    pub scopes: Option<Vec<String>>,
    /// All settings.
    pub settings: Option<Map<String, Value>>,
    /// All that end users see of it.
    pub portal: Option<Map<String, Value>>,
}

/// Lists the project's integrations.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/integrations", tag = "integrations",
    params(("project_id" = String, Path)),
    responses((status = 200, body = [IntegrationBody]), (status = "4XX", body = super::openapi::Problem)))]
pub async fn list_integrations(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
) -> Answer<Reply<Vec<IntegrationBody>>> {
    let mut shown = Vec::new();
    for integration in &view.integrations {
        shown.push(show(&app, integration.clone()).await?);
    }
    Ok(Reply(shown))
}

/// Adds an integration.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/integrations", tag = "integrations",
    params(("project_id" = String, Path)), request_body = NewIntegration,
    responses((status = 201, body = IntegrationBody), (status = "4XX", body = super::openapi::Problem)))]
pub async fn create_integration(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Json(body): Json<NewIntegration>,
) -> Answer<(StatusCode, Reply<IntegrationBody>)> {
    let mut integration = with_defaults(&app, &view, &body.kind)?;
    integration.is_active = body.is_active.unwrap_or(true);
    if let Some(scopes) = body.scopes {
        integration.scopes = scopes;
    }
    integration.settings = body.settings.unwrap_or_default();
    if let Some(portal) = body.portal {
        IntegrationPortal::check(&portal)?;
        integration.portal = portal;
    }
    check(&app, &integration)?;
    let ends = body.client_secret_expires_at.as_deref();
    let proof = new_proof(body.client_secret, ends, body.client_certificate)?;
    let client = client(body.client_id, proof)?;
    add(&app, &integration).await?;
    if let Some(client) = client
        && let Err(error) = store_client(&app, &integration, client).await
    {
        remove(&app, &integration).await?;
        return Err(error.into());
    }
    Ok((StatusCode::CREATED, Reply(show(&app, integration).await?)))
}

/// Shows an integration.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/integrations/{integration_id}", tag = "integrations",
    params(("project_id" = String, Path), ("integration_id" = String, Path)),
    responses((status = 200, body = IntegrationBody), (status = "4XX", body = super::openapi::Problem)))]
pub async fn get_integration(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
) -> Answer<Reply<IntegrationBody>> {
    let integration = view.integration(id.parse()?)?.clone();
    Ok(Reply(show(&app, integration).await?))
}

/// Changes an integration.
#[utoipa::path(patch, path = "/api/v1/projects/{project_id}/integrations/{integration_id}", tag = "integrations",
    params(("project_id" = String, Path), ("integration_id" = String, Path)),
    request_body = IntegrationChange,
    responses((status = 200, body = IntegrationBody), (status = "4XX", body = super::openapi::Problem)))]
pub async fn update_integration(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    Json(body): Json<IntegrationChange>,
) -> Answer<Reply<IntegrationBody>> {
    let mut integration = view.integration(id.parse()?)?.clone();
    integration.is_active = body.is_active.unwrap_or(integration.is_active);
    if let Some(scopes) = body.scopes {
        integration.scopes = scopes;
    }
    if let Some(settings) = body.settings {
        integration.settings = settings;
    }
    if let Some(portal) = body.portal {
        IntegrationPortal::check(&portal)?;
        integration.portal = portal;
    }
    check(&app, &integration)?;
    let ends = body.client_secret_expires_at.as_deref();
    let proof = new_proof(body.client_secret, ends, body.client_certificate)?;
    let client = client(body.client_id, proof)?;
    let next_ends = body.next_client_secret_expires_at.as_deref();
    let next = new_proof(body.next_client_secret, next_ends, body.next_client_certificate)?;
    // What can still be refused comes first: then nothing else has changed.
    if let Some(client) = client {
        store_client(&app, &integration, client).await?;
    }
    if let Some(next) = next {
        app.connect().set_successor(&integration, next).await?;
    }
    integration.updated_at = app.clock().now();
    let mut tx = app.store().begin().await?;
    store::integrations::update(&mut tx, &integration).await?;
    note_change(&mut tx, view.id(), integration.updated_at).await?;
    tx.commit().await?;
    app.catch_up().await?;
    Ok(Reply(show(&app, integration).await?))
}

/// Deletes an integration with every account connected through it.
#[utoipa::path(delete, path = "/api/v1/projects/{project_id}/integrations/{integration_id}", tag = "integrations",
    params(("project_id" = String, Path), ("integration_id" = String, Path)),
    responses((status = 204), (status = "4XX", body = super::openapi::Problem)))]
pub async fn delete_integration(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
) -> Answer<StatusCode> {
    remove(&app, view.integration(id.parse()?)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(app: &App, integration: &Integration) -> Result<()> {
    let mut tx = app.store().begin().await?;
    tell_of_removal(app, &mut tx, integration).await?;
    store::integrations::delete(&mut tx, integration.project_id, integration.id).await?;
    note_change(&mut tx, integration.project_id, app.clock().now()).await?;
    tx.commit().await?;
    app.catch_up().await
}

/// Every account goes with it, and each is told.
async fn tell_of_removal(app: &App, tx: &mut Transaction, integration: &Integration) -> Result<()> {
    let (project_id, id) = (integration.project_id, integration.id);
    let mut page = PageRequest::default();
    loop {
        let found = credentials::list_of_integration(tx, project_id, id, &page).await?;
        for credential in &found.items {
            let removed = Happened::CredentialRemoved;
            app.connect().tell_of_credential(tx, removed, credential).await?;
        }
        if found.next.is_none() {
            return Ok(());
        }
        page.after = found.next;
    }
}

/// Adds the integration of a connector as the connector proposes it.
pub async fn add_with_defaults(app: &App, view: &ProjectView, kind: &str) -> Result<()> {
    add(app, &with_defaults(app, view, kind)?).await
}

async fn add(app: &App, integration: &Integration) -> Result<()> {
    let mut tx = app.store().begin().await?;
    store::integrations::insert(&mut tx, integration).await?;
    note_change(&mut tx, integration.project_id, integration.created_at).await?;
    tx.commit().await?;
    app.catch_up().await
}

fn with_defaults(app: &App, view: &ProjectView, kind: &str) -> Result<Integration> {
    let provider = app.connect().provider(kind)?;
    let now = app.clock().now();
    Ok(Integration {
        id: IntegrationId::new(app.clock(), app.random()),
        project_id: view.id(),
        kind: kind.to_owned(),
        is_active: true,
        scopes: provider.default_scopes(),
        settings: Map::new(),
        portal: Map::new(),
        created_at: now,
        updated_at: now,
    })
}

fn check(app: &App, integration: &Integration) -> Result<()> {
    let provider: &Provider = app.connect().provider(&integration.kind)?;
    let unknown = |scope: &&String| !provider.scopes.iter().any(|known| known.id == **scope);
    match integration.scopes.iter().find(unknown) {
        None => Ok(()),
        Some(scope) => Err(Error::invalid(
            "unknown_scope",
            format!(
                "{} has no scope \"{scope}\": choose from GET /api/v1/connectors.",
                provider.name
            ),
        )),
    }
}

/// What the caller wants for the app registration.
enum Client {
    Own(String, NewProof),
    DevelopmentKeys,
}

fn client(id: Option<String>, proof: Option<NewProof>) -> Result<Option<Client>> {
    match (id.as_deref().map(str::trim), proof) {
        (None, None) => Ok(None),
        (Some(""), _) => Ok(Some(Client::DevelopmentKeys)),
        (Some(id), Some(proof)) => Ok(Some(Client::Own(id.to_owned(), proof))),
        _ => Err(Error::invalid(
            "client_incomplete",
            "Send clientId and clientSecret together: a secret belongs to one app.",
        )),
    }
}

async fn store_client(app: &App, integration: &Integration, client: Client) -> Result<()> {
    match client {
        Client::Own(id, proof) => app.connect().set_client(integration, &id, proof).await,
        Client::DevelopmentKeys => app.connect().clear_client(integration).await,
    }
}

async fn show(app: &App, integration: Integration) -> Result<IntegrationBody> {
    let mut conn = app.store().read().await?;
    let client =
        store::app_registrations::find_current(&mut conn, integration.project_id, integration.id)
            .await?;
    let now = app.clock().now();
    let next = client.as_ref().and_then(|client| client.successor.as_ref());
    Ok(IntegrationBody {
        id: integration.id,
        kind: integration.kind,
        is_active: integration.is_active,
        redirect_url: format!("{}/oauth", app.public_url()),
        has_client_secret: client.is_some(),
        client_proof: client.as_ref().map(|app| AppProofBody::of(&app.proof, now)),
        next_client_proof: next.map(|next| AppProofBody::of(next, now)),
        uses_development_keys: client.is_none(),
        client_id: client.map(|registration| registration.client_id),
        scopes: integration.scopes,
        settings: integration.settings,
        portal: integration.portal,
        created_at: integration.created_at.to_rfc3339(),
        updated_at: integration.updated_at.to_rfc3339(),
    })
}
