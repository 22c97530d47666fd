use http::{HeaderMap, StatusCode, header};
use sandbox::access::authenticate;
use sandbox::directory::PUBLIC_CLIENT_ID;
use sandbox::entra::AZURE_DEVOPS;
use sandbox::{DEVELOPMENT_CLIENT_ID, DEVELOPMENT_CLIENT_SECRET};
use serde_json::Value;

use crate::app::{Answer, App};

async fn ask(app: &App, tenant: &str, scope: &str) -> Answer {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", DEVELOPMENT_CLIENT_ID),
        ("client_secret", DEVELOPMENT_CLIENT_SECRET),
        ("scope", scope),
    ];
    app.post_form(&format!("/{tenant}/oauth2/v2.0/token"), &form).await
}

#[tokio::test]
async fn an_application_acts_for_itself_where_it_was_added() {
    let app = App::start().await;
    let default = format!("{AZURE_DEVOPS}/.default");
    let answer = ask(&app, "acme.example", &default).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let body = answer.json();
    assert_eq!(body["refresh_token"], Value::Null);
    let mut headers = HeaderMap::new();
    let token = body["access_token"].as_str().expect("a token");
    headers.insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    let caller = authenticate(app.world(), &headers).expect("a caller");
    assert_eq!(caller.person.upn, DEVELOPMENT_CLIENT_ID);
    assert_eq!(caller.scopes, None);
}

#[tokio::test]
async fn an_application_must_name_a_tenant_that_has_it_and_ask_for_everything() {
    let app = App::start().await;
    let default = format!("{AZURE_DEVOPS}/.default");
    let failure = async |tenant: &str, scope: &str| ask(&app, tenant, scope).await.failure();
    assert_eq!(failure("organizations", &default).await, "400 invalid_request 50059");
    assert_eq!(failure("initech.example", &default).await, "400 unauthorized_client 700016");
    let named = format!("{AZURE_DEVOPS}/vso.work");
    assert_eq!(failure("acme.example", &named).await, "400 invalid_scope 1002012");
    let form =
        [("grant_type", "client_credentials"), ("client_id", PUBLIC_CLIENT_ID), ("scope", "x")];
    let public = app.post_form("/acme.example/oauth2/v2.0/token", &form).await;
    assert_eq!(public.failure(), "401 invalid_client 7000218");
}
