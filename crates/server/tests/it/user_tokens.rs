//! Which user tokens are believed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::app::{TestApp, on_each_engine};

/// A token with these claims over the usual ones; null takes one out.
fn token(test: &TestApp, header: &Header, changes: Value) -> String {
    let now = test.clock.now().as_secs();
    let mut claims = json!({ "sub": "ann", "iat": now, "exp": now + 3600 });
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    let key = EncodingKey::from_rsa_pem(test.signing_key.as_bytes()).unwrap();
    encode(header, &claims, &key).unwrap()
}

async fn answer(test: &TestApp, token: &str) -> String {
    let path = format!("/projects/{}/sdk/me", test.project_id);
    let reply = test.call(Method::GET, &path, token, Value::Null).await;
    if reply.status.is_success() { "200".to_owned() } else { reply.refused() }
}

#[tokio::test]
async fn claims_decide_whether_a_token_is_believed() {
    on_each_engine(async |test: TestApp| {
        let now = test.clock.now().as_secs();
        let id = test.project_id;
        let header = Header::new(Algorithm::RS256);
        let cases = [
            (json!({}), "200"),
            (json!({ "exp": null }), "401 token_expiry"),
            (json!({ "exp": "soon" }), "401 token_claims"),
            (json!({ "exp": now - 59 }), "200"),
            (json!({ "exp": now - 60 }), "401 token_expired"),
            (json!({ "nbf": now + 60 }), "200"),
            (json!({ "nbf": now + 61 }), "401 token_not_yet_valid"),
            (json!({ "iat": now + 61 }), "401 token_not_yet_valid"),
            (json!({ "sub": null }), "401 token_subject"),
            (json!({ "sub": "" }), "401 token_subject"),
            (json!({ "sub": "  " }), "401 token_subject"),
            (json!({ "sub": 7 }), "401 token_subject"),
            (json!({ "sub": "a\u{0}b" }), "401 token_subject"),
            (json!({ "sub": "x".repeat(513) }), "401 token_subject"),
            (json!({ "aud": format!("localhost:8080/{id}") }), "200"),
            (json!({ "aud": format!("localhost/{id}") }), "200"),
            (json!({ "aud": ["x", format!("useparagon.com/{id}")] }), "200"),
            (json!({ "aud": "localhost/other" }), "401 token_audience"),
            (json!({ "aud": format!("evil.example/{id}") }), "401 token_audience"),
            (json!({ "aud": 7 }), "401 token_audience"),
        ];
        for (changes, expected) in cases {
            let token = token(&test, &header, changes.clone());
            assert_eq!(answer(&test, &token).await, expected, "{changes}");
        }
    })
    .await;
}

#[tokio::test]
async fn headers_that_bring_their_own_key_or_algorithm_are_refused() {
    on_each_engine(async |test: TestApp| {
        let mut with_url = Header::new(Algorithm::RS256);
        with_url.jku = Some("https://evil.example/keys".to_owned());
        assert_eq!(answer(&test, &token(&test, &with_url, json!({}))).await, "401 token_header");
        let mut with_url = Header::new(Algorithm::RS256);
        with_url.x5u = Some("https://evil.example/keys".to_owned());
        assert_eq!(answer(&test, &token(&test, &with_url, json!({}))).await, "401 token_header");
        let other = token(&test, &Header::new(Algorithm::RS512), json!({}));
        assert_eq!(answer(&test, &other).await, "401 token_signature");

        let good = token(&test, &Header::new(Algorithm::RS256), json!({}));
        let (_, rest) = good.split_once('.').unwrap();
        let (claims, signature) = rest.split_once('.').unwrap();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        assert_eq!(answer(&test, &format!("{none}.{claims}.")).await, "401 token_malformed");
        let public = public_key(&test).await;
        let claims_value = json!({ "sub": "ann", "exp": test.clock.now().as_secs() + 60 });
        let confused = encode(
            &Header::new(Algorithm::HS256),
            &claims_value,
            &EncodingKey::from_secret(public.as_bytes()),
        );
        assert_eq!(answer(&test, &confused.unwrap()).await, "401 token_signature");
        let jwk =
            URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","jwk":{"kty":"RSA","n":"AQAB","e":"AQAB"}}"#);
        assert_eq!(answer(&test, &format!("{jwk}.{claims}.{signature}")).await, "401 token_header");
        assert_eq!(answer(&test, "nonsense").await, "401 token_malformed");
    })
    .await;
}

async fn public_key(test: &TestApp) -> String {
    let keys = test.manager().project_get("/signing-keys").await.ok();
    keys[0]["publicKey"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_pasted_key_of_each_kind_checks_tokens_of_its_own_algorithm() {
    on_each_engine(async |test: TestApp| {
        let now = test.clock.now().as_secs();
        let claims = json!({ "sub": "ann", "iat": now, "exp": now + 60 });
        let cases = [
            (
                Algorithm::ES256,
                "ES256",
                ES256_PUBLIC,
                EncodingKey::from_ec_pem(ES256_PRIVATE.as_bytes()),
            ),
            (
                Algorithm::EdDSA,
                "EdDSA",
                ED25519_PUBLIC,
                EncodingKey::from_ed_pem(ED25519_PRIVATE.as_bytes()),
            ),
        ];
        for (algorithm, name, public, private) in cases {
            let token = encode(&Header::new(algorithm), &claims, &private.unwrap()).unwrap();
            assert_eq!(answer(&test, &token).await, "401 token_signature");
            let body = json!({ "publicKey": public });
            let added = test.manager().project_post("/signing-keys", body).await.ok();
            assert_eq!((&added["algorithm"], &added["privateKey"]), (&json!(name), &Value::Null));
            assert_eq!(answer(&test, &token).await, "200");
        }
        let private = json!({ "publicKey": ED25519_PRIVATE });
        let refused = test.manager().project_post("/signing-keys", private).await;
        assert_eq!(refused.refused(), "400 private_key_pasted");
        let nonsense = json!({ "publicKey": "ssh-rsa AAAA" });
        let refused = test.manager().project_post("/signing-keys", nonsense).await;
        assert_eq!(refused.refused(), "400 public_key_malformed");
    })
    .await;
}

#[tokio::test]
async fn a_revoked_key_ends_tokens_that_were_believed_before() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        ann.get("/me").await.ok();
        let keys = test.manager().project_get("/signing-keys").await.ok();
        let path = format!("/signing-keys/{}", keys[0]["id"].as_str().unwrap());
        test.manager().project_delete(&path).await.ok();
        assert_eq!(ann.get("/me").await.refused(), "401 token_signature");
        assert_eq!(
            test.manager().project_delete(&path).await.refused(),
            "404 signing_key_not_found"
        );
    })
    .await;
}

#[tokio::test]
async fn a_token_that_was_believed_ends_with_its_expiry() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        ann.get("/me").await.ok();
        test.after(3600 + 60);
        assert_eq!(ann.get("/me").await.refused(), "401 token_expired");
    })
    .await;
}

const ES256_PRIVATE: &str = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQm0dF0QO99hpYuAl\ngtgcFUW4Co7pMVk79MjjCorWs8uhRANCAATIvCivMhzJqx0Q7zRLDzF4iJQz2Sp9\nrfpp9wpgQ0YpLY0LfxoGOOqPKR2WElcKH++0cTtWVUzMA4gy4Eq/vxYG\n-----END PRIVATE KEY-----\n";
const ES256_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEyLworzIcyasdEO80Sw8xeIiUM9kq\nfa36afcKYENGKS2NC38aBjjqjykdlhJXCh/vtHE7VlVMzAOIMuBKv78WBg==\n-----END PUBLIC KEY-----\n";
const ED25519_PRIVATE: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIKjd8FOd7yzq0IFg7+Nmd2ILh0gyiSLVji/hGxvn9kx5\n-----END PRIVATE KEY-----\n";
const ED25519_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAdv8uv0NPIq0lRLmsPxAA1aPnGrreuWtR3xUojweCBKs=\n-----END PUBLIC KEY-----\n";
