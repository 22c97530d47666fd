//! The log of calls to providers, as the host developer's programs read it.

use axum::body::Body;
use base::CredentialId;
use http::{Request, header};
use serde_json::Value;
use server::worker;

use crate::actors::Manager;
use crate::app::{PUBLIC_URL, TestApp, on_each_engine};

async fn listed(manager: &Manager<'_>, query: &str) -> Vec<Value> {
    let reply = manager.project_get(&format!("/requests{query}")).await.ok();
    reply["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn calls_are_listed_newest_first_and_by_how_they_ended() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        let credential = ann.connects().await["id"].as_str().unwrap().to_owned();
        for path in ["/projects?api-version=5.0", "/_apis/nothing", "/a/../b"] {
            test.after(1);
            ann.proxies(path).await;
        }
        worker::notes::tick(test.app.clone()).await.unwrap();
        let manager = test.manager();
        let all = listed(&manager, "").await;
        let ended: Vec<_> = all.iter().map(|call| (&call["status"], &call["errorCode"])).collect();
        assert_eq!(ended[0], (&Value::Null, &Value::from("invalid_path")));
        assert_eq!(ended[1], (&Value::from(404), &Value::Null));
        assert_eq!(ended[2], (&Value::from(200), &Value::Null));
        assert_eq!(all[2]["host"], "dev.azure.com");
        assert_eq!(all[2]["path"], "/acme/_apis/projects");
        assert_eq!(all[2]["credentialId"], credential);
        assert_eq!(all[2]["activityId"].as_str().map(str::len), Some(36));

        assert_eq!(listed(&manager, "?status=4xx").await, all[1..2]);
        assert_eq!(listed(&manager, "?status=none").await, all[..1]);
        assert_eq!(listed(&manager, &format!("?credential={credential}")).await, all);
        let other = CredentialId::new(test.app.clock(), test.app.random());
        assert_eq!(listed(&manager, &format!("?credential={other}")).await, [] as [Value; 0]);
        let since = all[1]["createdAt"].as_str().unwrap();
        assert_eq!(listed(&manager, &format!("?since={since}")).await, all[..2]);
        let first = manager.project_get("/requests?limit=2").await.ok();
        let next = first["next"].as_str().unwrap();
        assert_eq!(listed(&manager, &format!("?limit=2&after={next}")).await, all[2..]);
        for wrong in ["?status=odd", "?since=noon", "?credential=x", "?colour=red"] {
            let reply = manager.project_get(&format!("/requests{wrong}")).await;
            assert_eq!(reply.status, 400, "{wrong}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_older_than_the_setting_allows_is_deleted() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        ann.connects().await;
        for _ in 0..12 {
            ann.proxies("/projects?api-version=5.0").await.ok();
        }
        test.after(60);
        worker::notes::tick(test.app.clone()).await.unwrap();
        let manager = test.manager();
        assert_eq!(listed(&manager, "").await.len(), 10);
        let counts = manager.project_get("/request-counts").await.ok();
        assert_eq!(counts["items"][0]["successes"], 2);
        test.after(15 * 86_400);
        worker::cleanup::tick(test.app.clone()).await.unwrap();
        assert_eq!(listed(&manager, "").await.len(), 0);
        let counts = manager.project_get("/request-counts").await.ok();
        assert_eq!(counts["items"], Value::Array(Vec::new()));
    })
    .await;
}

#[tokio::test]
async fn a_client_that_knows_nothing_of_us_is_told_our_addresses() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        ann.connects().await;
        let base = format!("/projects/{}/sdk/proxy/azuredevops/_", test.project_id);
        let login = format!("PAT:{}", ann.token);
        let login = base64_of(login.as_bytes());
        let request = Request::get(format!("{base}/dev.azure.com/acme/_apis/resourceAreas"))
            .header(header::AUTHORIZATION, format!("Basic {login}"))
            .header(header::ACCEPT_ENCODING, "gzip");
        let areas = test.send(request.body(Body::empty()).unwrap()).await.ok();
        for area in areas["value"].as_array().unwrap() {
            let address = area["locationUrl"].as_str().unwrap();
            assert!(address.starts_with(&format!("{PUBLIC_URL}{base}/")), "{address}");
        }
        let options = Request::builder()
            .method("OPTIONS")
            .uri(format!("{base}/dev.azure.com/acme/_apis/wit"))
            .header(header::AUTHORIZATION, format!("Bearer {}", ann.token));
        let locations = test.send(options.body(Body::empty()).unwrap()).await.ok();
        assert!(locations["count"].as_u64().unwrap() > 10);
    })
    .await;
}

fn base64_of(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
