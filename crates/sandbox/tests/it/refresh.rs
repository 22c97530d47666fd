use http::{HeaderMap, StatusCode, header};
use sandbox::access::{Refusal, authenticate};
use sandbox::entra::AZURE_DEVOPS;

use crate::app::{App, SCOPE};

fn bearer(token: &serde_json::Value) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let value = format!("Bearer {}", token.as_str().expect("a token"));
    headers.insert(header::AUTHORIZATION, value.parse().unwrap());
    headers
}

#[tokio::test]
async fn an_access_token_ends_when_its_answer_said_and_a_refresh_gives_a_new_one() {
    let app = App::start().await;
    app.world().set_entra(|settings| settings.access_token_seconds = Some(600));
    let first = app.tokens_of("ann", &[]).await;
    assert_eq!(first["expires_in"], 600);
    app.after(599);
    let caller = authenticate(app.world(), &bearer(&first["access_token"])).expect("still good");
    assert_eq!(caller.person.name, "ann");
    assert_eq!(caller.scopes.expect("scopes"), ["vso.profile", "vso.work_write"]);
    app.after(1);
    let refusal = authenticate(app.world(), &bearer(&first["access_token"])).expect_err("ended");
    assert_eq!(refusal, Refusal::ExpiredBearer);
    let second = app.refresh(first["refresh_token"].as_str().unwrap(), &[]).await.json();
    assert!(authenticate(app.world(), &bearer(&second["access_token"])).is_ok());
    assert_ne!(first["refresh_token"], second["refresh_token"]);
}

#[tokio::test]
async fn a_used_refresh_token_stays_alive_as_on_the_service() {
    let app = App::start().await;
    let tokens = app.tokens_of("ann", &[]).await;
    let token = tokens["refresh_token"].as_str().unwrap();
    let new = app.refresh(token, &[]).await.json();
    assert_eq!(app.refresh(token, &[]).await.status, StatusCode::OK);
    let new = new["refresh_token"].as_str().unwrap();
    assert_eq!(app.refresh(new, &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn on_request_a_second_use_revokes_everything_that_came_of_the_sign_in() {
    let app = App::start().await;
    app.world().set_entra(|settings| settings.revoke_on_refresh_token_reuse = true);
    let tokens = app.tokens_of("ann", &[]).await;
    let first = tokens["refresh_token"].as_str().unwrap();
    let answer = app.refresh(first, &[]).await.json();
    let second = answer["refresh_token"].as_str().unwrap();
    assert_eq!(app.refresh(first, &[]).await.failure(), "400 invalid_grant 50173");
    assert_eq!(app.refresh(second, &[]).await.failure(), "400 invalid_grant 50173");
}

#[tokio::test]
async fn each_use_gives_another_ninety_days() {
    const DAY: u64 = 24 * 3600;
    let app = App::start().await;
    let tokens = app.tokens_of("ann", &[]).await;
    let first = tokens["refresh_token"].as_str().unwrap();
    app.after(89 * DAY);
    let answer = app.refresh(first, &[]).await.json();
    let second = answer["refresh_token"].as_str().unwrap();
    app.after(DAY);
    assert_eq!(app.refresh(first, &[]).await.failure(), "400 invalid_grant 700082");
    app.after(88 * DAY);
    assert_eq!(app.refresh(second, &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_refresh_may_ask_for_less_and_for_what_was_consented_but_not_for_more() {
    let app = App::start().await;
    let tokens = app.tokens_of("ann", &[]).await;
    let token = tokens["refresh_token"].as_str().unwrap();
    let less = format!("{AZURE_DEVOPS}/vso.profile");
    let answer = app.refresh(token, &[("scope", &less)]).await.json();
    assert_eq!(answer["scope"], less);
    assert!(answer["refresh_token"].is_string());
    let more = format!("{AZURE_DEVOPS}/vso.code_full");
    let refused = app.refresh(token, &[("scope", &more)]).await;
    assert_eq!(refused.failure(), "400 invalid_grant 65001");
    assert_eq!(refused.json()["suberror"], "consent_required");
    let two_resources = format!("{SCOPE} User.Read");
    let refused = app.refresh(token, &[("scope", &two_resources)]).await;
    assert_eq!(refused.failure(), "400 invalid_request 28000");
}

#[tokio::test]
async fn refresh_tokens_end_when_they_are_revoked_and_at_a_tenant_that_does_not_know_the_person() {
    let app = App::start().await;
    let tokens = app.tokens_of("ann", &[]).await;
    let token = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(app.refresh("junk", &[]).await.failure(), "400 invalid_grant 9002313");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("client_id", sandbox::DEVELOPMENT_CLIENT_ID),
        ("client_secret", sandbox::DEVELOPMENT_CLIENT_SECRET),
    ];
    let elsewhere = app.post_form("/initech.example/oauth2/v2.0/token", &form).await;
    assert_eq!(elsewhere.failure(), "400 invalid_grant 50020");
    let ann = app.world().directory.person("ann").expect("ann is there");
    app.world().revoke_sign_ins(ann);
    assert_eq!(app.refresh(token, &[]).await.failure(), "400 invalid_grant 50173");
}

#[tokio::test]
async fn failures_of_policies_and_accidents_come_on_order() {
    let app = App::start().await;
    let tokens = app.tokens_of("ann", &[]).await;
    let token = tokens["refresh_token"].as_str().unwrap();
    let cases = [
        (50_076, "400 interaction_required 50076"),
        (50_057, "400 invalid_grant 50057"),
        (53_003, "400 interaction_required 53003"),
        (70_043, "400 invalid_grant 70043"),
        (90_033, "503 temporarily_unavailable 90033"),
        (123, "400 invalid_grant 123"),
    ];
    for (code, failure) in cases {
        app.world().set_entra(|settings| settings.token_error = Some(code));
        let answer = app.refresh(token, &[]).await;
        assert_eq!(answer.failure(), failure);
        let wants_more = failure.contains("interaction_required");
        assert_eq!(answer.json()["claims"].is_string(), wants_more);
    }
    app.world().set_entra(|settings| settings.token_error = None);
    assert_eq!(app.refresh(token, &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn of_two_uses_at_once_one_is_the_second() {
    let app = App::start().await;
    app.world().set_entra(|settings| settings.revoke_on_refresh_token_reuse = true);
    let tokens = app.tokens_of("ann", &[]).await;
    let token = tokens["refresh_token"].as_str().unwrap();
    let (one, other) = tokio::join!(app.refresh(token, &[]), app.refresh(token, &[]));
    let mut statuses = [one.status, other.status];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::BAD_REQUEST]);
}
