use http::{Request, StatusCode, header};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use sandbox::directory::{ACME_TENANT, PERSONAL_TENANT};
use serde_json::{Value, json};

use crate::app::App;

#[tokio::test]
async fn the_issuer_is_a_template_where_the_endpoint_is_for_many_tenants() {
    let app = App::start().await;
    let base = app.sandbox.http_url().expect("an http listener");
    for (tenant, issuer) in [
        ("common", "{tenantid}".to_owned()),
        ("organizations", "{tenantid}".to_owned()),
        ("consumers", PERSONAL_TENANT.to_string()),
        ("acme.example", ACME_TENANT.to_string()),
    ] {
        let target = format!("/{tenant}/v2.0/.well-known/openid-configuration");
        let document = app.get(&target).await.json();
        assert_eq!(document["issuer"], format!("{base}/{issuer}/v2.0"));
        assert_eq!(document["token_endpoint"], format!("{base}/{tenant}/oauth2/v2.0/token"));
    }
    let answer = app.get("/nowhere.example/v2.0/.well-known/openid-configuration").await;
    assert_eq!(answer.failure(), "400 invalid_request 90002");
}

#[tokio::test]
async fn on_the_providers_host_addresses_are_the_providers() {
    let app = App::start().await;
    let request = Request::get("/organizations/v2.0/.well-known/openid-configuration")
        .header(header::HOST, "login.microsoftonline.com")
        .body(String::new());
    let document = app.send(request.unwrap()).await.json();
    assert_eq!(
        document["authorization_endpoint"],
        "https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize"
    );
}

#[tokio::test]
async fn tokens_verify_with_the_published_keys() {
    let app = App::start().await;
    let scope = format!("openid {}", crate::app::SCOPE);
    let tokens = app.tokens_of("ann", &[("scope", &scope)]).await;
    let keys = app.get("/organizations/discovery/v2.0/keys").await;
    assert_eq!(keys.header("access-control-allow-origin"), "*");
    let keys: JwkSet = serde_json::from_str(&keys.body).expect("a key set");
    let token = tokens["id_token"].as_str().expect("an id token");
    let key_id = decode_header(token).expect("a header").kid.expect("a key id");
    let key = DecodingKey::from_jwk(keys.find(&key_id).expect("the key")).expect("a key");
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_audience(&[sandbox::DEVELOPMENT_CLIENT_ID]);
    rules.validate_exp = false;
    assert!(decode::<Value>(token, &key, &rules).is_ok());
}

#[tokio::test]
async fn instance_discovery_names_the_host_that_was_asked() {
    let app = App::start().await;
    let answer = app.get("/common/discovery/instance?api-version=1.1").await;
    assert_eq!(answer.status, StatusCode::OK);
    let host = format!("localhost:{}", app.address().port());
    assert_eq!(
        answer.json()["metadata"],
        json!([{ "preferred_network": host, "preferred_cache": host, "aliases": [host] }])
    );
}
