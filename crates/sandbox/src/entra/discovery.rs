//! What a client can find out about the endpoints: addresses, keys, other names of the host.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, header};
use serde_json::json;

use crate::World;
use crate::entra::audience::Audience;
use crate::entra::error::Trace;
use crate::entra::params::Params;
use crate::site::{Origin, Site};

/// Clients in a browser read these from other origins.
const OPEN: [(HeaderName, &str); 1] = [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];

/// The OpenID Connect discovery document. For endpoints of many tenants the issuer is a template,
/// as on the real service.
pub(crate) async fn configuration(
    State(world): State<Arc<World>>,
    Extension(origin): Extension<Origin>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
) -> Response {
    let audience = match Audience::parse(&world.directory, &tenant) {
        Ok(audience) => audience,
        Err(error) => {
            return error.into_answer(&Trace::new(&world, &headers, &Params::default()));
        }
    };
    let base = origin.base_of(Site::Login);
    let issuer_tenant = match audience {
        Audience::Common | Audience::Organizations => "{tenantid}".to_owned(),
        Audience::Consumers => crate::directory::PERSONAL_TENANT.to_string(),
        Audience::Tenant(id) => id.to_string(),
    };
    let oauth = format!("{base}/{tenant}/oauth2/v2.0");
    let document = json!({
        "token_endpoint": format!("{oauth}/token"),
        "token_endpoint_auth_methods_supported":
            ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": format!("{base}/{tenant}/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["plain", "S256"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": format!("{base}/{issuer_tenant}/v2.0"),
        "request_uri_parameter_supported": false,
        "authorization_endpoint": format!("{oauth}/authorize"),
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "end_session_endpoint": format!("{oauth}/logout"),
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "name", "tid", "ver",
            "email"
        ],
        "tenant_region_scope": null,
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
        "rbac_url": "https://pas.windows.net",
    });
    (OPEN, Json(document)).into_response()
}

/// The public keys that tokens are signed with.
pub(crate) async fn keys(State(world): State<Arc<World>>) -> Response {
    let state = world.entra.read();
    let key = &state.signing_key;
    let document = json!({ "keys": [{
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": key.key_id,
        "x5t": key.key_id,
        "n": key.modulus,
        "e": key.exponent,
    }]});
    (OPEN, Json(document)).into_response()
}

/// Which names the host has: clients ask it before they trust an authority they do not know.
pub(crate) async fn instance(Extension(origin): Extension<Origin>) -> Response {
    let base = origin.base_of(Site::Login);
    let host = base.split_once("://").map_or(base.as_str(), |(_, host)| host);
    let document = json!({
        "tenant_discovery_endpoint": format!("{base}/common/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": [{
            "preferred_network": host,
            "preferred_cache": host,
            "aliases": [host],
        }],
    });
    (OPEN, Json(document)).into_response()
}
