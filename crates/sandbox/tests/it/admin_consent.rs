use http::StatusCode;
use sandbox::DEVELOPMENT_CLIENT_ID;
use sandbox::directory::INITECH_TENANT;

use crate::app::{App, REDIRECT_URI, SCOPE, encode};

fn admin_consent(changes: &[(&str, &str)]) -> String {
    let mut pairs = vec![
        ("client_id", DEVELOPMENT_CLIENT_ID),
        ("redirect_uri", REDIRECT_URI),
        ("state", "the-state"),
        ("scope", SCOPE),
    ];
    pairs.extend_from_slice(changes);
    format!("/organizations/v2.0/adminconsent?{}", encode(&pairs))
}

#[tokio::test]
async fn where_only_administrators_may_consent_others_are_told_to_ask_one() {
    let app = App::start().await;
    let target = App::authorize_target("organizations", &[("sandbox_person", "tess")]);
    let page = app.get(&target).await;
    assert!(page.body.contains("Need admin approval"), "{}", page.body);
    assert!(page.body.contains("Have an admin account?"));
    let back = app.post_form(&target, &[("decision", "cancel")]).await;
    assert_eq!(back.refusal(), "access_denied AADSTS90094");
    let forced = app.post_form(&target, &[("decision", "accept")]).await;
    assert_eq!(forced.refusal(), "access_denied AADSTS90094");
}

#[tokio::test]
async fn after_the_administrator_has_consented_everyone_of_the_tenant_can_sign_in() {
    let app = App::start().await;
    assert!(app.get(&admin_consent(&[])).await.body.contains("Pick an account"));
    let as_ada = admin_consent(&[("sandbox_person", "ada")]);
    assert!(app.get(&as_ada).await.body.contains("Review for your organization"));
    let answer = app.post_form(&as_ada, &[("decision", "accept")]).await;
    assert_eq!(answer.redirect_parameter("admin_consent").as_deref(), Some("True"));
    assert_eq!(answer.redirect_parameter("tenant"), Some(INITECH_TENANT.to_string()));
    assert_eq!(answer.redirect_parameter("scope").as_deref(), Some(SCOPE));
    assert_eq!(answer.redirect_parameter("state").as_deref(), Some("the-state"));
    let target = App::authorize_target("organizations", &[("sandbox_person", "tess")]);
    assert!(app.get(&target).await.redirect_parameter("code").is_some());
}

#[tokio::test]
async fn the_administrator_can_consent_for_everyone_while_signing_in() {
    let app = App::start().await;
    let target = App::authorize_target("organizations", &[("sandbox_person", "ada")]);
    assert!(app.get(&target).await.body.contains("Consent on behalf of your organization"));
    app.post_form(&target, &[("decision", "accept"), ("for_everyone", "yes")]).await;
    let target = App::authorize_target("organizations", &[("sandbox_person", "tess")]);
    assert!(app.get(&target).await.redirect_parameter("code").is_some());
}

#[tokio::test]
async fn an_administrator_who_declines_and_a_person_who_is_none_change_nothing() {
    let app = App::start().await;
    let as_ada = admin_consent(&[("sandbox_person", "ada")]);
    let answer = app.post_form(&as_ada, &[("decision", "cancel")]).await;
    assert_eq!(answer.refusal(), "access_denied AADSTS65004");
    let as_tess = admin_consent(&[("sandbox_person", "tess")]);
    let answer = app.post_form(&as_tess, &[("decision", "accept")]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.body.contains("AADSTS90093"));
    let target = App::authorize_target("organizations", &[("sandbox_person", "tess")]);
    assert!(app.get(&target).await.body.contains("Need admin approval"));
}

#[tokio::test]
async fn the_consent_address_shows_a_wrong_client_address_on_the_page() {
    let app = App::start().await;
    let target = admin_consent(&[]).replace("%2Foauth", "%2Fevil");
    let answer = app.get(&target).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.body.contains("AADSTS50011"));
}
