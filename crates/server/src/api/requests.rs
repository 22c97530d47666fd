//! The log of calls to providers: what was called in whose name, and how it ended.

use axum::Json as Reply;
use axum::extract::{FromRequestParts, Query, State};
use base::{ConnectedUserId, CredentialId, Error, IntegrationId, RequestId, Result, Timestamp};
use http::request::Parts;
use serde::{Deserialize, Serialize};
use store::PageRequest;
use store::request_counts::{self, Count};
use store::requests::{self, Filter, Request};
use utoipa::{IntoParams, ToSchema};

use super::paging::{PageBody, PageQuery};
use crate::app::App;
use crate::auth::manager::ManagedProject;
use crate::failure::{Answer, Failure};

/// Statuses of answers, by their first digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
pub enum StatusClass {
    /// Successes.
    #[serde(rename = "2xx")]
    Success,
    /// Redirects.
    #[serde(rename = "3xx")]
    Redirect,
    /// The caller's mistakes, in the provider's eyes.
    #[serde(rename = "4xx")]
    ClientError,
    /// The provider's own failures.
    #[serde(rename = "5xx")]
    ServerError,
    /// Calls without an answer: `errorCode` says why.
    #[serde(rename = "none")]
    None,
}

impl StatusClass {
    const fn range(self) -> (u16, u16) {
        match self {
            Self::Success => (200, 299),
            Self::Redirect => (300, 399),
            Self::ClientError => (400, 499),
            Self::ServerError => (500, 599),
            Self::None => (0, 0),
        }
    }
}

/// Which calls are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct RequestQuery {
    /// The `next` of the page before; left out for the first.
    pub after: Option<String>,
    /// How many items, at most 200.
    #[param(maximum = 200, default = 50)]
    pub limit: Option<u32>,
    /// Only calls that ended so.
    pub status: Option<StatusClass>,
    /// Only calls with this credential.
    #[param(value_type = Option<String>, format = "uuid")]
    pub credential: Option<CredentialId>,
    /// Only calls that began then or later; RFC 3339.
    pub since: Option<String>,
}

impl RequestQuery {
    fn page(&self) -> Result<PageRequest> {
        let after = self.after.as_deref().map(str::parse).transpose()?;
        Ok(PageRequest { after, limit: self.limit.unwrap_or(0) })
    }

    fn filter(&self) -> Result<Filter> {
        let (status_min, status_max) = self.status.map_or((0, u16::MAX), StatusClass::range);
        let since = self.since.as_deref().map(str::parse).transpose()?;
        let since = since.unwrap_or(Timestamp(i64::MIN));
        Ok(Filter { credential_id: self.credential, status_min, status_max, since })
    }
}

impl FromRequestParts<App> for RequestQuery {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let Query(query) = Query::from_request_parts(parts, app).await.map_err(|cause| {
            Error::invalid("invalid_query", format!("The query has another form: {cause}."))
        })?;
        Ok(query)
    }
}

/// One call to a provider.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Request)]
pub struct RequestBody {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: RequestId,
    /// The connected user in whose name it was made.
    #[schema(value_type = String, format = "uuid")]
    pub connected_user_id: ConnectedUserId,
    /// The integration.
    #[schema(value_type = String, format = "uuid")]
    pub integration_id: IntegrationId,
    /// The credential; it may be disconnected by now.
    #[schema(value_type = String, format = "uuid")]
    pub credential_id: CredentialId,
    /// The method.
    pub method: String,
    /// The provider's host; empty when the call was refused before it had one.
    pub host: String,
    /// The path without its query.
    pub path: String,
    /// The provider's status; null when it gave no answer.
    pub status: Option<u16>,
    /// Milliseconds until the answer began.
    pub duration_ms: f64,
    /// How long the answer was, where the provider said so.
    pub bytes: Option<u64>,
    /// The code of the error when the call failed on our side.
    pub error_code: Option<String>,
    /// The provider's own name of the call; its support asks for it.
    pub activity_id: Option<String>,
    /// The permission that the account lacks for this call, by the provider's own description.
    pub needs_scope: Option<String>,
    /// RFC 3339.
    pub created_at: String,
}

impl From<Request> for RequestBody {
    fn from(request: Request) -> Self {
        Self {
            id: request.id,
            connected_user_id: request.user_id,
            integration_id: request.integration_id,
            credential_id: request.credential_id,
            method: request.method,
            host: request.host,
            path: request.path,
            status: request.status,
            duration_ms: request.duration.as_secs_f64() * 1_000.0,
            bytes: request.bytes,
            error_code: request.error_code,
            activity_id: request.activity_id,
            needs_scope: request.needs_scope,
            created_at: request.created_at.to_rfc3339(),
        }
    }
}

/// Successful calls of one minute that have no entry of their own.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RequestCount)]
pub struct CountBody {
    /// When the minute began; RFC 3339.
    pub minute: String,
    /// The credential; it may be disconnected by now.
    #[schema(value_type = String, format = "uuid")]
    pub credential_id: CredentialId,
    /// How many there were.
    pub successes: u64,
}

impl From<Count> for CountBody {
    fn from(count: Count) -> Self {
        Self {
            minute: count.minute.to_rfc3339(),
            credential_id: count.credential_id,
            successes: count.successes,
        }
    }
}

/// Lists calls to providers, the newest first: every failure, and successes up to a rate.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/requests", tag = "requests",
    params(("project_id" = String, Path), RequestQuery),
    responses((status = 200, body = PageBody<RequestBody>), (status = "4XX", body = super::openapi::Problem)))]
pub async fn list_requests(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    query: RequestQuery,
) -> Answer<Reply<PageBody<RequestBody>>> {
    let (filter, page) = (query.filter()?, query.page()?);
    let mut conn = app.store().read().await?;
    let page = requests::list(&mut conn, view.id(), &filter, &page).await?;
    Ok(Reply(PageBody::of(page, RequestBody::from)))
}

/// Lists how many successful calls have no entry of their own, by minute and credential, the newest
/// first.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/request-counts", tag = "requests",
    params(("project_id" = String, Path), PageQuery),
    responses((status = 200, body = PageBody<CountBody>), (status = "4XX", body = super::openapi::Problem)))]
pub async fn list_request_counts(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    query: PageQuery,
) -> Answer<Reply<PageBody<CountBody>>> {
    let mut conn = app.store().read().await?;
    let page = request_counts::list(&mut conn, view.id(), &query.request()?).await?;
    Ok(Reply(PageBody::of(page, CountBody::from)))
}
