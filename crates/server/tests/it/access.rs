//! The access matrix: every route refuses whoever is not its owner.

use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::Value;
use server::router::{Owner, table};

use crate::app::{TestApp, on_each_engine};

const METHODS: [Method; 5] =
    [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

/// The route's pattern with real ids of the test's project in it.
fn address(test: &TestApp, pattern: &str) -> String {
    let some_id = "00000000-0000-4000-8000-000000000000";
    let project = test.project_id.to_string();
    let parts = pattern.split('/').skip(1);
    parts.fold(String::new(), |path, part| match part {
        "{project_id}" => format!("{path}/{project}"),
        "{integration_id}" => format!("{path}/{}", test.integration_id),
        "{slug}" => format!("{path}/azuredevops"),
        "{file}" => format!("{path}/azuredevops.svg"),
        part if part.starts_with('{') => format!("{path}/{some_id}"),
        part => format!("{path}/{part}"),
    })
}

#[tokio::test]
async fn every_route_of_an_end_user_or_a_manager_refuses_a_caller_without_a_token() {
    on_each_engine(async |test: TestApp| {
        for route in table() {
            for method in METHODS {
                let address = address(&test, route.path);
                let request = Request::builder().method(&method).uri(&address);
                let reply = test.send(request.body(Body::empty()).unwrap()).await;
                if reply.status == StatusCode::METHOD_NOT_ALLOWED {
                    continue;
                }
                let refused = reply.status == StatusCode::UNAUTHORIZED;
                let needs_token =
                    matches!(route.owner, Owner::EndUser | Owner::Manager | Owner::Operator);
                assert_eq!(refused, needs_token, "{method} {} {}", route.path, reply.text());
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_end_users_token_opens_no_route_of_a_manager_and_the_other_way_round() {
    on_each_engine(async |test: TestApp| {
        let end_user = test.end_user("ann").token;
        for route in table() {
            let foreign = match route.owner {
                Owner::EndUser | Owner::Operator => &test.api_token,
                Owner::Manager => &end_user,
                Owner::Public | Owner::Browser => continue,
            };
            for method in METHODS {
                let address = address(&test, route.path);
                let reply = test.call(method.clone(), &address, foreign, Value::Null).await;
                let fine = [StatusCode::UNAUTHORIZED, StatusCode::METHOD_NOT_ALLOWED];
                assert!(fine.contains(&reply.status), "{method} {address} {}", reply.text());
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_token_of_one_project_finds_no_other() {
    on_each_engine(async |test: TestApp| {
        let (own, _) = server::auth::manager::create_token(
            test.app.store(),
            test.app.clock(),
            test.app.random(),
            "one project".to_owned(),
            Some(test.project_id),
        )
        .await
        .unwrap();
        let body = serde_json::json!({ "name": "Other" });
        let other = test.manager().post("/api/v1/projects", body.clone()).await.ok();
        let other = format!("/api/v1/projects/{}", other["id"].as_str().unwrap());
        for route in table().iter().filter(|route| route.owner == Owner::Manager) {
            let Some(rest) = route.path.strip_prefix("/api/v1/projects/{project_id}") else {
                continue;
            };
            let address = format!("{other}{}", address(&test, rest));
            for method in METHODS {
                let reply = test.call(method.clone(), &address, &own, Value::Null).await;
                let fine = [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED];
                assert!(fine.contains(&reply.status), "{method} {address} {}", reply.text());
            }
        }
        let listed = test.call(Method::GET, "/api/v1/projects", &own, Value::Null).await.ok();
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
        let made = test.call(Method::POST, "/api/v1/projects", &own, body).await;
        assert_eq!(made.refused(), "403 token_of_one_project");
    })
    .await;
}
