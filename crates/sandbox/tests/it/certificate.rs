use std::time::Duration;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use sandbox::DEVELOPMENT_CLIENT_ID;
use serde_json::{Value, json};

use crate::app::{App, claims};

/// A certificate's key as an application holds it: private half to sign, public half to register.
fn key_pair() -> (EncodingKey, String) {
    let pair = KeyPair::generate(KeySize::Rsa2048).expect("a key");
    let private: Pkcs8V1Der<'_> = pair.as_der().expect("a private key");
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().expect("a public key");
    let pem = |label: &str, der: &[u8]| {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
    };
    let private = EncodingKey::from_rsa_pem(pem("PRIVATE KEY", private.as_ref()).as_bytes());
    (private.expect("a key"), pem("PUBLIC KEY", public.as_ref()))
}

fn assertion(app: &App, changes: &Value) -> Value {
    let now = app.clock.now().as_secs();
    let base = app.sandbox.http_url().unwrap();
    let mut claims = json!({
        "aud": format!("{base}/organizations/oauth2/v2.0/token"),
        "iss": DEVELOPMENT_CLIENT_ID, "sub": DEVELOPMENT_CLIENT_ID,
        "nbf": now, "exp": now + 600, "jti": "once",
    });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

#[tokio::test]
async fn an_assertion_signed_with_a_registered_certificate_stands_for_the_secret() {
    let app = App::start().await;
    let (private, public) = key_pair();
    let refresh = async |algorithm: Algorithm, changes: &Value, token: &str| {
        let header = Header::new(algorithm);
        let signed = encode(&header, &assertion(&app, changes), &private).unwrap();
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let changes =
            [("client_secret", ""), ("client_assertion", &signed), ("client_assertion_type", kind)];
        app.refresh(token, &changes).await
    };
    let tokens = app.tokens_of("ann", &[]).await;
    let token = tokens["refresh_token"].as_str().unwrap();
    let (rs, ps, plain) = (Algorithm::RS256, Algorithm::PS256, json!({}));

    assert_eq!(refresh(rs, &plain, token).await.failure(), "401 invalid_client 700027");
    app.world().register_certificate(DEVELOPMENT_CLIENT_ID, &public);
    for algorithm in [rs, ps] {
        let answer = refresh(algorithm, &plain, token).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert_eq!(claims(&answer.json()["access_token"])["appidacr"], "2");
    }
    for wrong in [json!({ "aud": "https://elsewhere.example" }), json!({ "sub": "someone" })] {
        assert_eq!(refresh(ps, &wrong, token).await.failure(), "401 invalid_client 700027");
    }
    let old = json!({ "exp": app.clock.now().as_secs() });
    app.clock.advance(Duration::from_secs(301));
    assert_eq!(refresh(ps, &old, token).await.failure(), "401 invalid_client 700024");
}
