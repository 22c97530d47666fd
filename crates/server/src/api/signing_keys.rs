//! Signing keys of a project.

use axum::Json as Reply;
use axum::extract::{Path, State};
use base::{Error, Result, SigningKeyId};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use store::changes::{self, Kind};
use store::signing_keys::SigningKey;
use tokio::task::spawn_blocking;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::manager::ManagedProject;
use crate::auth::signing_key;
use crate::failure::Answer;
use crate::http::body::Json;
use crate::projects::ProjectView;

/// A signing key, by its public half.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SigningKey)]
pub struct SigningKeyBody {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: SigningKeyId,
    /// `RS256`, `ES256` or `EdDSA`; user tokens signed with this key must say the same.
    pub algorithm: String,
    /// PEM.
    pub public_key: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339; null while the key counts.
    pub revoked_at: Option<String>,
}

impl From<SigningKey> for SigningKeyBody {
    fn from(key: SigningKey) -> Self {
        Self {
            id: key.id,
            algorithm: key.algorithm,
            public_key: key.public_key,
            created_at: key.created_at.to_rfc3339(),
            revoked_at: key.revoked_at.map(|time| time.to_rfc3339()),
        }
    }
}

/// A signing key to add.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSigningKey {
    /// Your public key as PEM (RSA, P-256 or Ed25519). Leave it out, and an RS256 pair is made.
    pub public_key: Option<String>,
}

/// A signing key that was just added.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddedSigningKey {
    /// The key.
    #[serde(flatten)]
    pub key: SigningKeyBody,
    /// The private half as PEM, when the pair was made here. It is shown this once and not kept.
    pub private_key: Option<String>,
}

/// Lists the project's signing keys.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/signing-keys", tag = "signing keys",
    params(("project_id" = String, Path)),
    responses((status = 200, body = [SigningKeyBody]), (status = "4XX", body = super::openapi::Problem)))]
pub async fn list_signing_keys(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
) -> Answer<Reply<Vec<SigningKeyBody>>> {
    let keys = store::signing_keys::list(&mut *app.store().read().await?, view.id()).await?;
    Ok(Reply(keys.into_iter().map(SigningKeyBody::from).collect()))
}

/// Adds a signing key: yours, or a pair made here.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/signing-keys", tag = "signing keys",
    params(("project_id" = String, Path)), request_body = NewSigningKey,
    responses((status = 201, body = AddedSigningKey), (status = "4XX", body = super::openapi::Problem)))]
pub async fn create_signing_key(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    body: Json<NewSigningKey>,
) -> Answer<(StatusCode, Reply<AddedSigningKey>)> {
    let (public_key, private_key) = match &body.public_key {
        Some(pasted) => (pasted.trim().to_owned() + "\n", None),
        None => {
            // Half a second of arithmetic must not hold up the core's other calls.
            let pair = spawn_blocking(signing_key::generate).await.map_err(Error::internal)??;
            (pair.public_key, Some(pair.private_key))
        }
    };
    let key = add(&app, &view, public_key).await?;
    Ok((StatusCode::CREATED, Reply(AddedSigningKey { key: key.into(), private_key })))
}

/// Stores a public key for a project.
pub async fn add(app: &App, view: &ProjectView, public_key: String) -> Result<SigningKey> {
    let now = app.clock().now();
    let key = SigningKey {
        id: SigningKeyId::new(app.clock(), app.random()),
        project_id: view.id(),
        algorithm: signing_key::algorithm_of(&public_key)?.to_owned(),
        public_key,
        created_at: now,
        revoked_at: None,
    };
    let mut tx = app.store().begin().await?;
    store::signing_keys::insert(&mut tx, &key).await?;
    changes::note(&mut tx, view.id(), Kind::SigningKeys, key.id, now).await?;
    tx.commit().await?;
    app.catch_up().await?;
    Ok(key)
}

/// Revokes a signing key. Tokens signed with it are refused from now on, by every process.
#[utoipa::path(delete, path = "/api/v1/projects/{project_id}/signing-keys/{signing_key_id}",
    tag = "signing keys", params(("project_id" = String, Path), ("signing_key_id" = String, Path)),
    responses((status = 204), (status = "4XX", body = super::openapi::Problem)))]
pub async fn revoke_signing_key(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
) -> Answer<StatusCode> {
    let id: SigningKeyId = id.parse()?;
    let now = app.clock().now();
    let mut tx = app.store().begin().await?;
    if !store::signing_keys::revoke(&mut tx, view.id(), id, now).await? {
        return Err(Error::not_found(
            "signing_key_not_found",
            format!("The project has no active signing key with the id {id}."),
        )
        .into());
    }
    changes::note(&mut tx, view.id(), Kind::SigningKeys, id, now).await?;
    tx.commit().await?;
    app.catch_up().await?;
    Ok(StatusCode::NO_CONTENT)
}
