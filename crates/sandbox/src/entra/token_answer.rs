//! The success answer of the token endpoint, and the tokens in it.

use axum::Json;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::World;
use crate::directory::{ClientApp, Person};
use crate::entra::client::Proof;
use crate::entra::error::NO_STORE;
use crate::entra::scope::Scopes;
use crate::entra::tokens::AccessClaims;

/// The service's own way: an access token lives 60 to 90 minutes, at random.
const SHORTEST_LIFE_SECONDS: u64 = 3_600;
const LIFE_SPREAD_SECONDS: u64 = 1_801;
/// How long an id token is good.
const ID_TOKEN_SECONDS: i64 = 3_600;
/// A clock that runs behind must not find a token too young.
const NOT_BEFORE_SECONDS: i64 = 300;

/// What a person granted and a client redeemed.
pub(crate) struct Granted<'a> {
    pub(crate) app: &'a ClientApp,
    pub(crate) proof: Proof,
    pub(crate) person: &'a Person,
    /// The tenant the tokens are for: the person's own, or one that has invited them.
    pub(crate) tenant_id: Uuid,
    pub(crate) scopes: &'a Scopes,
    pub(crate) nonce: Option<String>,
    pub(crate) refresh_token: Option<String>,
    /// Who the id token says issued it.
    pub(crate) issuer: String,
    pub(crate) client_info: bool,
}

/// Tokens on behalf of a person.
pub(crate) fn for_person(world: &World, granted: Granted<'_>) -> Response {
    let Granted { app, proof, person, scopes, .. } = &granted;
    let life = access_token_life(world);
    let mut claims = claims(world, app, *proof, person, scopes, life);
    claims.tid = granted.tenant_id;
    claims.iss = format!("https://sts.windows.net/{}/", granted.tenant_id);
    claims.scp = Some(scopes.permissions(app).join(" "));
    claims.upn = Some(person.upn.clone());
    claims.unique_name = Some(person.upn.clone());
    claims.name = Some(person.display_name.clone());
    let mut answer = json!({
        "token_type": "Bearer",
        "scope": scopes.granted(app),
        "expires_in": life,
        "ext_expires_in": life,
        "access_token": world.entra.read().signing_key.sign(&claims),
    });
    if let Some(refresh_token) = &granted.refresh_token {
        answer["refresh_token"] = refresh_token.as_str().into();
    }
    if scopes.has("openid") {
        answer["id_token"] = id_token(world, &granted).into();
    }
    if granted.client_info {
        let info = json!({ "uid": person.object_id, "utid": person.tenant_id });
        answer["client_info"] = URL_SAFE_NO_PAD.encode(info.to_string()).into();
    }
    (NO_STORE, Json(answer)).into_response()
}

/// An access token for an application that acts for itself.
pub(crate) fn for_application(
    world: &World,
    app: &ClientApp,
    proof: Proof,
    principal: &Person,
    scopes: &Scopes,
) -> Response {
    let life = access_token_life(world);
    let claims = claims(world, app, proof, principal, scopes, life);
    let answer = json!({
        "token_type": "Bearer",
        "expires_in": life,
        "ext_expires_in": life,
        "access_token": world.entra.read().signing_key.sign(&claims),
    });
    (NO_STORE, Json(answer)).into_response()
}

fn access_token_life(world: &World) -> u64 {
    let fixed = world.entra_settings().access_token_seconds;
    fixed.unwrap_or_else(|| SHORTEST_LIFE_SECONDS + world.random.below(LIFE_SPREAD_SECONDS))
}

fn claims(
    world: &World,
    app: &ClientApp,
    proof: Proof,
    subject: &Person,
    scopes: &Scopes,
    life: u64,
) -> AccessClaims {
    let now = world.clock.now().as_secs();
    AccessClaims {
        aud: scopes.audience().to_owned(),
        iss: format!("https://sts.windows.net/{}/", subject.tenant_id),
        iat: now,
        nbf: now - NOT_BEFORE_SECONDS,
        exp: now.saturating_add_unsigned(life),
        appid: app.client_id.clone(),
        appidacr: match proof {
            Proof::Public => "0",
            Proof::Secret => "1",
            Proof::Certificate => "2",
        }
        .to_owned(),
        oid: subject.object_id,
        sub: pairwise(subject, app),
        tid: subject.tenant_id,
        scp: None,
        upn: None,
        unique_name: None,
        name: None,
        uti: world.random.token(),
        ver: "1.0".to_owned(),
    }
}

fn id_token(world: &World, granted: &Granted<'_>) -> String {
    let Granted { app, person, scopes, nonce, issuer, .. } = granted;
    let now = world.clock.now().as_secs();
    let mut claims = json!({
        "aud": app.client_id,
        "iss": issuer,
        "iat": now,
        "nbf": now - NOT_BEFORE_SECONDS,
        "exp": now + ID_TOKEN_SECONDS,
        "oid": person.object_id,
        "sub": pairwise(person, app),
        "tid": person.tenant_id,
        "uti": world.random.token(),
        "ver": "2.0",
    });
    let mut add = |wanted: bool, name: &str, value: Value| {
        if wanted {
            claims[name] = value;
        }
    };
    add(nonce.is_some(), "nonce", json!(nonce));
    add(scopes.has("profile"), "name", json!(person.display_name));
    add(scopes.has("profile"), "preferred_username", json!(person.upn));
    add(scopes.has("email"), "email", json!(person.mail));
    world.entra.read().signing_key.sign(&claims)
}

/// An account's name towards one application: another application sees another.
fn pairwise(subject: &Person, app: &ClientApp) -> String {
    use sha2::{Digest, Sha256};
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{} {}", subject.object_id, app.client_id)))
}
