//! Proxied calls: an authenticated pass-through to the provider.

use axum::body::Body;
use axum::extract::{Request, State};
use base::{Error, Result};
use connect::outbound::FULL_PATH;
use connect::{ProxyCall, Selector};
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;

use super::accounts::{CREDENTIAL_HEADER, header};
use crate::app::App;
use crate::auth::end_user::EndUser;
use crate::failure::Answer;
use crate::projects::require_active;

/// Names the full upstream address instead of a path.
const URL_HEADER: &str = "x-paragon-proxy-url";
/// Names another account of the same sign-in, such as another organization, for this call.
const ACCOUNT_HEADER: &str = "x-gangway-account";

/// Stands where the slug does when the id of the integration follows.
const CUSTOM: &str = "custom";

/// Passes the request to the provider with the account's access, and the answer back, both as
/// streams. Warm, this reads nothing from the database.
pub async fn call(user: EndUser, State(app): State<App>, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let original = parts.uri.path_and_query().map_or("/", |text| text.as_str());
    let (slug, path) = split(original)?;
    let (integration, path) = match slug {
        CUSTOM => {
            let (id, path) = segment(path.strip_prefix('/').unwrap_or(path));
            (user.project.integration(id.parse()?)?, path)
        }
        slug => (user.project.integration_of(slug)?, path),
    };
    require_active(integration)?;
    let slug = integration.kind.as_str();
    let selector = header(&parts.headers, CREDENTIAL_HEADER).map(Selector::parse);
    let held = app.connect().load(user.project.id(), user.id(), slug, selector.as_ref()).await?;
    // A client that knows nothing of us names the provider's host in the path.
    let own_base = path
        .starts_with(FULL_PATH)
        .then(|| format!("{}/projects/{}/sdk/proxy/{slug}/_", app.public_url(), user.project.id()));
    let call = ProxyCall {
        own_base,
        method: parts.method.clone(),
        path_and_query: path.to_owned(),
        absolute_url: header(&parts.headers, URL_HEADER).map(str::to_owned),
        account: header(&parts.headers, ACCOUNT_HEADER).map(str::to_owned),
        headers: parts.headers,
        body: UnsyncBoxBody::new(body.map_err(Into::into)),
    };
    let response = app.connect().proxy(&held, call).await?;
    Ok(response.map(Body::new))
}

/// Slug, and the rest with its query, byte for byte: `/projects/{id}/sdk/proxy/{slug}{rest}`.
fn split(path_and_query: &str) -> Result<(&str, &str)> {
    let malformed = || Error::invalid("invalid_path", "The path does not name an integration.");
    let (_, rest) = path_and_query.split_once("/sdk/proxy/").ok_or_else(malformed)?;
    Ok(segment(rest))
}

/// The first segment, and the rest.
fn segment(path: &str) -> (&str, &str) {
    path.split_at(path.find(['/', '?']).unwrap_or(path.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_the_path_and_its_query_stay_as_they_came() {
        let path = "/projects/1/sdk/proxy/azuredevops/My%20Project/_apis/wit/workitems/$Task?a=b%20c&sdk/proxy/x";
        let (slug, rest) = split(path).unwrap();
        assert_eq!(slug, "azuredevops");
        assert_eq!(rest, "/My%20Project/_apis/wit/workitems/$Task?a=b%20c&sdk/proxy/x");
        assert_eq!(split("/projects/1/sdk/proxy/x?y=1").unwrap(), ("x", "?y=1"));
    }
}
