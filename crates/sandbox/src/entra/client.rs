//! Who the client is, and how it proves it at the token endpoint.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, header};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use subtle::ConstantTimeEq;
use url::form_urlencoded;

use crate::World;
use crate::directory::ClientApp;
use crate::entra::authorize_request::registered_app;
use crate::entra::error::EntraError;
use crate::entra::params::Params;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How far the client's clock may differ.
const LEEWAY_SECONDS: i64 = 300;

/// How a client proved itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// A public client has nothing to prove.
    Public,
    /// A client secret.
    Secret,
    /// An assertion signed with its certificate's key.
    Certificate,
}

/// What an assertion says.
#[derive(Deserialize)]
struct Assertion {
    iss: String,
    sub: String,
    exp: i64,
    #[serde(default)]
    nbf: i64,
}

/// Reads client and proof from the form or the `Authorization` header.
pub(crate) fn authenticate<'w>(
    world: &'w World,
    tenant: &str,
    headers: &HeaderMap,
    form: &Params,
    token_endpoint: &str,
) -> Result<(&'w ClientApp, Proof), EntraError> {
    let basic = basic_credentials(headers);
    let from_header = basic.as_ref().map(|(id, _)| id.as_str());
    let client_id = form.get("client_id").or(from_header);
    let client_id = client_id.ok_or_else(|| EntraError::missing("client_id"))?;
    let app = registered_app(world, client_id, tenant)?;
    let keys = world.entra.read().certificates_of(&app.client_id).to_vec();
    let is_public = app.secrets.is_empty() && keys.is_empty();
    let secret = form.get("client_secret").or(basic.as_ref().map(|(_, secret)| secret.as_str()));
    let proof = match (secret, form.get("client_assertion")) {
        (None, None) if is_public => return Ok((app, Proof::Public)),
        (None, None) => {
            let text = "The request body must contain the following parameter: \
                        'client_assertion' or 'client_secret'.";
            return Err(EntraError::new("invalid_client", 7_000_218, text));
        }
        _ if is_public => {
            let text = "Client is public so neither 'client_assertion' nor 'client_secret' should \
                        be presented.";
            return Err(EntraError::new("invalid_client", 700_025, text));
        }
        (Some(secret), _) => {
            check_secret(app, secret)?;
            Proof::Secret
        }
        (None, Some(assertion)) => {
            if form.get("client_assertion_type") != Some(ASSERTION_TYPE) {
                return Err(EntraError::missing("client_assertion_type"));
            }
            check_assertion(world, app, &keys, assertion, token_endpoint)?;
            Proof::Certificate
        }
    };
    Ok((app, proof))
}

/// Client id and secret of a Basic header, each form-encoded as the standard says.
fn basic_credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credential) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(credential.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decoded = |text: &str| {
        let whole = format!("x={text}");
        let mut pairs = form_urlencoded::parse(whole.as_bytes());
        pairs.next().map(|(_, value)| value.into_owned())
    };
    Some((decoded(id)?, decoded(secret)?))
}

fn check_secret(app: &ClientApp, given: &str) -> Result<(), EntraError> {
    let found = app
        .secrets
        .iter()
        .find(|secret| bool::from(secret.value.as_bytes().ct_eq(given.as_bytes())));
    match found {
        Some(secret) if secret.expired => {
            let text = format!(
                "The provided client secret keys for app '{}' are expired. Visit the Azure portal \
                 to create new keys for your app, or consider using certificate credentials for \
                 added security.",
                app.client_id
            );
            Err(EntraError::new("invalid_client", 7_000_222, text))
        }
        Some(_) => Ok(()),
        None => {
            let text = format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is \
                 the client secret value, not the client secret ID, for a secret added to app \
                 '{}'.",
                app.client_id
            );
            Err(EntraError::new("invalid_client", 7_000_215, text))
        }
    }
}

fn check_assertion(
    world: &World,
    app: &ClientApp,
    keys: &[String],
    assertion: &str,
    token_endpoint: &str,
) -> Result<(), EntraError> {
    let bad = |why: &str| {
        let text = format!(
            "The certificate used to sign the client assertion is not registered \
                            on application, or the assertion is not well formed. [Reason - {why}]"
        );
        EntraError::new("invalid_client", 700_027, text)
    };
    let claims = keys
        .iter()
        .find_map(|pem| signed_claims(pem, assertion, token_endpoint))
        .ok_or_else(|| bad("No registered key verifies signature and audience."))?;
    if claims.iss != app.client_id || claims.sub != app.client_id {
        return Err(bad("Issuer and subject must be the client id."));
    }
    let now = world.clock.now().as_secs();
    if now > claims.exp + LEEWAY_SECONDS || now < claims.nbf - LEEWAY_SECONDS {
        let text = format!(
            "Client assertion is not within its valid time range. Current time: {now}, assertion \
             valid from {} to {}.",
            claims.nbf, claims.exp
        );
        return Err(EntraError::new("invalid_client", 700_024, text));
    }
    Ok(())
}

fn signed_claims(pem: &str, assertion: &str, token_endpoint: &str) -> Option<Assertion> {
    let key = DecodingKey::from_rsa_pem(pem.as_bytes()).ok()?;
    let mut rules = Validation::new(Algorithm::PS256);
    rules.algorithms = vec![Algorithm::PS256, Algorithm::RS256];
    rules.set_audience(&[token_endpoint]);
    // The library reads the machine's clock; ours may stand elsewhere.
    rules.validate_exp = false;
    let decoded = jsonwebtoken::decode::<Assertion>(assertion, &key, &rules);
    decoded.ok().map(|decoded| decoded.claims)
}
