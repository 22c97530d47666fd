//! Setup Links: pages on which one person connects and sets up without any SDK.

use axum::Json as Reply;
use axum::extract::{Path, State};
use base::{Error, SetupLinkId};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use store::connected_users;
use store::setup_links::{self, SetupLink};
use utoipa::ToSchema;

use super::paging::{PageBody, PageQuery};
use crate::app::App;
use crate::auth::end_user::new_user;
use crate::auth::manager::ManagedProject;
use crate::auth::setup_link;
use crate::failure::Answer;
use crate::http::body::Json;

/// How long a link counts unless it says otherwise.
const LIFETIME_SECS_DEFAULT: u64 = 7 * 24 * 3600;

/// A Setup Link. Its address is shown once, when it is made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SetupLink)]
pub struct SetupLinkBody {
    /// Its id.
    pub id: String,
    /// Our id of the connected user it is for.
    pub connected_user_id: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339; when it stops counting.
    pub expires_at: String,
    /// RFC 3339; null unless it was revoked.
    pub revoked_at: Option<String>,
}

impl From<SetupLink> for SetupLinkBody {
    fn from(link: SetupLink) -> Self {
        Self {
            id: link.id.to_string(),
            connected_user_id: link.user_id.to_string(),
            created_at: link.created_at.to_rfc3339(),
            expires_at: link.expires_at.to_rfc3339(),
            revoked_at: link.revoked_at.map(|time| time.to_rfc3339()),
        }
    }
}

/// A Setup Link to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSetupLink {
    /// Your id of the person; they become a connected user if they are not one.
    pub user_id: String,
    /// How many seconds it counts: a week unless you say otherwise, 30 days at most.
    pub lifetime_seconds: Option<u64>,
}

/// A Setup Link that was just made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MadeSetupLink {
    /// The link.
    #[serde(flatten)]
    pub link: SetupLinkBody,
    /// The address to give to the person. It is shown this once; only a hash is kept.
    pub url: String,
}

/// Makes a Setup Link for one person.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/setup-links", tag = "setup links",
    params(("project_id" = String, Path)), request_body = NewSetupLink,
    responses((status = 201, body = MadeSetupLink), (status = "4XX", body = super::openapi::Problem)))]
pub async fn create_setup_link(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Json(body): Json<NewSetupLink>,
) -> Answer<(StatusCode, Reply<MadeSetupLink>)> {
    if body.user_id.trim().is_empty() {
        return Err(Error::invalid("invalid_user_id", "Give your id of the person.").into());
    }
    let lifetime_secs = body.lifetime_seconds.unwrap_or(LIFETIME_SECS_DEFAULT);
    let mut tx = app.store().begin().await?;
    let user = new_user(&app, view.id(), &body.user_id);
    let user = connected_users::ensure(&mut tx, &user).await?;
    let (clock, random) = (app.clock(), app.random());
    let made = setup_link::create(&mut tx, clock, random, &user, lifetime_secs).await?;
    tx.commit().await?;
    let url = setup_link::address(app.public_url(), view.id(), &made.token);
    Ok((StatusCode::CREATED, Reply(MadeSetupLink { link: made.link.into(), url })))
}

/// Lists Setup Links, ended and revoked ones too.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/setup-links", tag = "setup links",
    params(("project_id" = String, Path), PageQuery),
    responses((status = 200, body = PageBody<SetupLinkBody>), (status = "4XX", body = super::openapi::Problem)))]
pub async fn list_setup_links(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    query: PageQuery,
) -> Answer<Reply<PageBody<SetupLinkBody>>> {
    let mut conn = app.store().read().await?;
    let page = setup_links::list(&mut conn, view.id(), &query.request()?).await?;
    Ok(Reply(PageBody::of(page, SetupLinkBody::from)))
}

/// Revokes a Setup Link: its page does nothing from now on. What was connected stays.
#[utoipa::path(delete, path = "/api/v1/projects/{project_id}/setup-links/{setup_link_id}",
    tag = "setup links", params(("project_id" = String, Path), ("setup_link_id" = String, Path)),
    responses((status = 204), (status = "4XX", body = super::openapi::Problem)))]
pub async fn revoke_setup_link(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
) -> Answer<StatusCode> {
    let id: SetupLinkId = id.parse()?;
    let mut tx = app.store().begin().await?;
    if !setup_links::revoke(&mut tx, view.id(), id, app.clock().now()).await? {
        let message = format!("The project has no Setup Link {id} that still counts.");
        return Err(Error::not_found("setup_link_not_found", message).into());
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
