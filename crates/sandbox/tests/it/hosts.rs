use http::{Request, StatusCode, header};

use crate::app::{Answer, App};

const DISCOVERY: &str = "/organizations/v2.0/.well-known/openid-configuration";

async fn get_at(app: &App, host: &str, target: &str) -> Answer {
    let request = Request::get(target).header(header::HOST, host).body(String::new());
    app.send(request.unwrap()).await
}

#[tokio::test]
async fn sign_in_is_served_on_its_own_host_and_on_this_machine_only() {
    let app = App::start().await;
    for host in ["login.microsoftonline.com", "localhost", "127.0.0.1:8090", "[::1]:8090"] {
        assert_eq!(get_at(&app, host, DISCOVERY).await.status, StatusCode::OK, "{host}");
    }
    for host in ["dev.azure.com", "vssps.dev.azure.com", "app.vssps.visualstudio.com"] {
        assert_ne!(get_at(&app, host, DISCOVERY).await.status, StatusCode::OK, "{host}");
    }
}

#[tokio::test]
async fn azure_devops_is_not_served_on_the_sign_in_host() {
    let app = App::start().await;
    let answer = get_at(&app, "login.microsoftonline.com", "/acme/_apis/projects").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_host_the_sandbox_does_not_stand_for_gets_a_sentence() {
    let app = App::start().await;
    let answer = get_at(&app, "example.com", "/").await;
    assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST);
    assert!(answer.body.contains("not for \"example.com\""));
}

#[tokio::test]
async fn looking_at_the_sandbox_is_not_offered_on_the_providers_hosts() {
    let app = App::start().await;
    for target in ["/_sandbox/requests", "/_sandbox/clock"] {
        assert_eq!(get_at(&app, "localhost", target).await.status, StatusCode::OK);
        assert_ne!(get_at(&app, "dev.azure.com", target).await.status, StatusCode::OK);
    }
    assert_ne!(get_at(&app, "login.microsoftonline.com", "/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn repeated_slashes_collapse() {
    let app = App::start().await;
    let answer = get_at(&app, "localhost", "//common//discovery/v2.0//keys").await;
    assert_eq!(answer.status, StatusCode::OK);
}
