use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{Request, StatusCode, header};
use sandbox::directory::{
    ACME_TENANT, DISABLED_CLIENT_ID, DISABLED_CLIENT_SECRET, EXPIRED_CLIENT_SECRET,
    EXPIRED_SECRET_CLIENT_ID, PUBLIC_CLIENT_ID,
};
use sandbox::entra::AZURE_DEVOPS;
use sandbox::{DEVELOPMENT_CLIENT_ID, DEVELOPMENT_CLIENT_SECRET};
use serde_json::{Value, json};

use crate::app::{App, REDIRECT_URI, SCOPE, VERIFIER, claims, encode};

#[tokio::test]
async fn a_code_becomes_tokens_that_say_who_allowed_what() {
    let app = App::start().await;
    let scope = format!("openid profile email {SCOPE}");
    let code = app.code_of("ann", &[("scope", &scope), ("nonce", "the-nonce")]).await;
    let answer = app.redeem(&code, &[("client_info", "1"), ("x-client-SKU", "msal")]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("cache-control"), "no-store, no-cache");
    let body = answer.json();
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["scope"], SCOPE.replace(" offline_access", ""));
    let life = body["expires_in"].as_i64().expect("a number");
    assert!((3_600..=5_400).contains(&life), "{life}");
    assert_eq!(body["ext_expires_in"], life);
    assert!(body["refresh_token"].is_string());

    let ann = app.world().directory.person("ann").expect("ann is there");
    let now = app.clock.now().as_secs();
    let mut access = claims(&body["access_token"]);
    for random in ["uti", "sub"] {
        assert!(access.as_object_mut().unwrap().remove(random).is_some());
    }
    assert_eq!(
        access,
        json!({
            "aud": AZURE_DEVOPS, "iss": format!("https://sts.windows.net/{ACME_TENANT}/"),
            "iat": now, "nbf": now - 300, "exp": now + life,
            "appid": DEVELOPMENT_CLIENT_ID, "appidacr": "1",
            "oid": ann.object_id, "tid": ACME_TENANT, "scp": "vso.profile vso.work_write",
            "upn": "ann@acme.example", "unique_name": "ann@acme.example", "name": "Ann Archer",
            "ver": "1.0",
        })
    );
    let id = claims(&body["id_token"]);
    let base = app.sandbox.http_url().expect("an http listener");
    assert_eq!(id["iss"], format!("{base}/{ACME_TENANT}/v2.0"));
    assert_eq!(id["aud"], DEVELOPMENT_CLIENT_ID);
    assert_eq!(id["nonce"], "the-nonce");
    assert_eq!(id["preferred_username"], "ann@acme.example");
    assert_eq!(id["email"], "ann@acme.example");
    let info = URL_SAFE_NO_PAD.decode(body["client_info"].as_str().unwrap()).unwrap();
    let info: Value = serde_json::from_slice(&info).unwrap();
    assert_eq!(info, json!({ "uid": ann.object_id, "utid": ACME_TENANT }));
}

#[tokio::test]
async fn without_offline_access_there_is_no_refresh_token_and_without_openid_no_id_token() {
    let app = App::start().await;
    let scope = format!("{AZURE_DEVOPS}/vso.work");
    let body = app.tokens_of("ann", &[("scope", &scope)]).await;
    assert_eq!(body["refresh_token"], Value::Null);
    assert_eq!(body["id_token"], Value::Null);
    assert_eq!(body["scope"], scope);
}

#[tokio::test]
async fn default_stands_for_what_the_application_is_registered_for() {
    let app = App::start().await;
    let scope = format!("{AZURE_DEVOPS}/.default");
    let body = app.tokens_of("ann", &[("scope", &scope)]).await;
    assert_eq!(body["scope"], format!("{AZURE_DEVOPS}/user_impersonation {scope}"));
    assert_eq!(claims(&body["access_token"])["scp"], "user_impersonation");
}

#[tokio::test]
async fn the_secret_may_come_in_a_basic_header() {
    let app = App::start().await;
    let code = app.code_of("ann", &[]).await;
    let credentials = STANDARD.encode(format!(
        "{DEVELOPMENT_CLIENT_ID}:{}",
        DEVELOPMENT_CLIENT_SECRET.replace('~', "%7E")
    ));
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ];
    let request = Request::post("/organizations/oauth2/v2.0/token")
        .header(header::AUTHORIZATION, format!("Basic {credentials}"))
        .body(encode(&form));
    let answer = app.send(request.unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

#[tokio::test]
async fn a_public_client_needs_no_secret_and_may_not_show_one() {
    let app = App::start().await;
    let public = ("client_id", PUBLIC_CLIENT_ID);
    let plain = [public, ("code_challenge", VERIFIER), ("code_challenge_method", "")];
    let code = app.code_of("ann", &plain).await;
    let with_secret = app.redeem(&code, &[public]).await;
    assert_eq!(with_secret.failure(), "401 invalid_client 700025");
    let without = app.redeem(&code, &[public, ("client_secret", "")]).await;
    assert_eq!(without.status, StatusCode::OK, "{}", without.body);
    assert_eq!(claims(&without.json()["access_token"])["appidacr"], "0");
}

#[tokio::test]
async fn a_code_is_good_once_for_ten_minutes_at_its_address_with_its_verifier() {
    let app = App::start().await;
    let code = app.code_of("ann", &[]).await;
    let failure = async |changes: &[(&str, &str)]| app.redeem(&code, changes).await.failure();
    let other_address = [("redirect_uri", "http://localhost:9999/oauth")];
    assert_eq!(failure(&other_address).await, "400 invalid_grant 500112");
    assert_eq!(failure(&[("code_verifier", "wrong")]).await, "400 invalid_grant 501481");
    assert_eq!(failure(&[("code_verifier", "")]).await, "400 invalid_grant 50148");
    assert_eq!(failure(&[("code", "nonsense")]).await, "400 invalid_grant 9002313");
    assert_eq!(failure(&[("code", "1.nonsense")]).await, "400 invalid_grant 70000");
    let other_client = [("client_id", PUBLIC_CLIENT_ID), ("client_secret", "")];
    assert_eq!(failure(&other_client).await, "400 invalid_grant 70000");
    // None of the failures has used it up.
    app.after(599);
    assert_eq!(app.redeem(&code, &[]).await.status, StatusCode::OK);
    assert_eq!(failure(&[]).await, "400 invalid_grant 54005");

    let code = app.code_of("ben", &[]).await;
    app.after(600);
    assert_eq!(app.redeem(&code, &[]).await.failure(), "400 invalid_grant 70008");
}

#[tokio::test]
async fn a_code_of_one_tenant_is_not_redeemed_at_another() {
    let app = App::start().await;
    let code = app.code_of("ann", &[]).await;
    let form = [
        ("client_id", DEVELOPMENT_CLIENT_ID),
        ("client_secret", DEVELOPMENT_CLIENT_SECRET),
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ];
    let answer = app.post_form("/initech.example/oauth2/v2.0/token", &form).await;
    assert_eq!(answer.failure(), "400 invalid_grant 700005");
    let answer = app.post_form("/acme.example/oauth2/v2.0/token", &form).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn clients_that_do_not_prove_themselves_are_refused_by_number() {
    let app = App::start().await;
    let code = app.code_of("ann", &[]).await;
    let key_id = app.world().directory.applications[0].secrets[0].key_id.to_string();
    let cases: [(&[(&str, &str)], &str); 8] = [
        (&[("client_secret", "wrong")], "401 invalid_client 7000215"),
        (&[("client_secret", &key_id)], "401 invalid_client 7000215"),
        (&[("client_secret", "")], "401 invalid_client 7000218"),
        (
            &[("client_id", EXPIRED_SECRET_CLIENT_ID), ("client_secret", EXPIRED_CLIENT_SECRET)],
            "401 invalid_client 7000222",
        ),
        (
            &[("client_id", DISABLED_CLIENT_ID), ("client_secret", DISABLED_CLIENT_SECRET)],
            "400 unauthorized_client 7000112",
        ),
        (&[("client_id", "unknown")], "400 unauthorized_client 700016"),
        (&[("client_id", "")], "400 invalid_request 900144"),
        (
            &[
                ("client_secret", ""),
                ("client_assertion", "a.b.c"),
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ],
            "401 invalid_client 700027",
        ),
    ];
    for (changes, failure) in cases {
        assert_eq!(app.redeem(&code, changes).await.failure(), failure, "{changes:?}");
    }
}

#[tokio::test]
async fn requests_that_make_no_sense_are_refused_by_number() {
    let app = App::start().await;
    let failure = async |changes: &[(&str, &str)]| app.token(changes).await.failure();
    assert_eq!(failure(&[]).await, "400 invalid_request 900144");
    assert_eq!(failure(&[("grant_type", "password")]).await, "400 unsupported_grant_type 70003");
    assert_eq!(
        failure(&[("grant_type", "authorization_code")]).await,
        "400 invalid_request 900144"
    );
    assert_eq!(failure(&[("grant_type", "refresh_token")]).await, "400 invalid_request 900144");
    let form = [("grant_type", "refresh_token")];
    let answer = app.post_form("/nowhere.example/oauth2/v2.0/token", &form).await;
    assert_eq!(answer.failure(), "400 invalid_request 90002");
    let huge = "x".repeat(64 * 1024);
    let answer = app.token(&[("grant_type", "refresh_token"), ("refresh_token", &huge)]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let answer = app.get("/organizations/oauth2/v2.0/token").await;
    assert_eq!(answer.failure(), "400 invalid_request 900561");
}

#[tokio::test]
async fn an_error_carries_its_number_its_time_and_the_ids_that_support_asks_for() {
    let app = App::start().await;
    let correlation = "c0ffee00-0000-4000-8000-000000000001";
    let target = format!("/organizations/oauth2/v2.0/token?client-request-id={correlation}");
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", EXPIRED_SECRET_CLIENT_ID),
        ("client_secret", EXPIRED_CLIENT_SECRET),
    ];
    let answer = app.post_form(&target, &form).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let body = answer.json();
    let trace = body["trace_id"].as_str().expect("an id");
    assert_eq!(
        body,
        json!({
            "error": "invalid_client",
            "error_description": format!(
                "AADSTS7000222: The provided client secret keys for app \
                 '{EXPIRED_SECRET_CLIENT_ID}' are expired. Visit the Azure portal to create new \
                 keys for your app, or consider using certificate credentials for added \
                 security. Trace ID: {trace} Correlation ID: {correlation} Timestamp: \
                 2026-09-21 14:13:20Z"
            ),
            "error_codes": [7_000_222],
            "timestamp": "2026-09-21 14:13:20Z",
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": "https://login.microsoftonline.com/error?code=7000222",
        })
    );
}
