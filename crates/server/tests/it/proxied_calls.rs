//! Calls to Azure DevOps through an account.

use axum::body::Body;
use http::{Method, Request, header};
use serde_json::json;

use crate::app::{TestApp, on_each_engine};

#[tokio::test]
async fn the_documented_first_call_lists_the_projects_of_the_organization() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        ann.connects().await;
        let reply = ann.proxies("/projects?api-version=5.0").await;
        let projects = reply.ok();
        assert_eq!(projects["count"], projects["value"].as_array().unwrap().len());
        assert!(reply.header("content-type").starts_with("application/json"));
        assert!(reply.headers.get(header::SET_COOKIE).is_none());
    })
    .await;
}

#[tokio::test]
async fn a_work_item_is_created_read_and_deleted_through_the_proxy() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        ann.connects().await;
        let projects = ann.proxies("/projects?api-version=7.1").await.ok();
        let project = projects["value"][0]["name"].as_str().unwrap().replace(' ', "%20");
        let patch = json!([{ "op": "add", "path": "/fields/System.Title", "value": "By proxy" }]);
        let request =
            Request::post(format!("/{project}/_apis/wit/workitems/$Task?api-version=7.1"))
                .header(header::CONTENT_TYPE, "application/json-patch+json")
                .body(Body::from(patch.to_string()));
        let item = ann.proxies_with(request.unwrap()).await.ok();
        assert_eq!(item["fields"]["System.Title"], "By proxy");
        let path = format!("/_apis/wit/workitems/{}?api-version=7.1", item["id"]);
        assert_eq!(ann.proxies(&path).await.ok()["rev"], 1);
        let request = Request::builder().method(Method::DELETE).uri(&path).body(Body::empty());
        ann.proxies_with(request.unwrap()).await.ok();
        let gone = ann.proxies(&path).await;
        assert_eq!(gone.status, 404);
        assert_eq!(gone.json()["typeKey"], "WorkItemUnauthorizedAccessException");
    })
    .await;
}

#[tokio::test]
async fn a_token_about_to_end_is_renewed_before_the_call() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        let first = ann.connects().await;
        ann.proxies("/projects?api-version=5.0").await.ok();
        test.after(90 * 60);
        let ann = test.end_user("ann");
        ann.proxies("/projects?api-version=5.0").await.ok();
        let after = ann.get("/credentials").await.ok();
        assert_ne!(after[0]["dateRefreshed"], first["dateRefreshed"]);
    })
    .await;
}

#[tokio::test]
async fn another_of_the_persons_accounts_is_chosen_by_header() {
    on_each_engine(async |test: TestApp| {
        let ben = test.end_user("ben");
        let person = test.sandbox.world().directory.person("ben").unwrap();
        let acme = ben.types_token("acme", person.pat("acme").unwrap()).await.ok();
        test.after(1);
        let body = json!({
            "integrationId": test.integration_id,
            "payload": { "organization": "globex", "token": person.pat("globex").unwrap() },
            "installOptions":
                { "accountType": "pat", "allowMultipleCredentials": true, "externalId": "other" },
        });
        ben.post("/credentials", body).await.ok();
        let ids = async |selector: &str| {
            let request = Request::get("/projects?api-version=7.1")
                .header("x-paragon-credential", selector)
                .body(Body::empty());
            ben.proxies_with(request.unwrap()).await.ok()["value"].clone()
        };
        let acme = ids(acme["id"].as_str().unwrap()).await;
        assert_eq!(acme, ben.proxies("/projects?api-version=7.1").await.ok()["value"]);
        let globex = ids("ext:other").await;
        assert_ne!(acme, globex);
        assert_eq!(globex, ids("other").await);
    })
    .await;
}

#[tokio::test]
async fn an_account_that_is_not_there_is_named_in_the_refusal() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        assert_eq!(
            ann.proxies("/projects").await.refusal(),
            "404 integration_not_enabled: Integration not enabled for user."
        );
        let foreign = test.end_user("ben");
        foreign.signs_in_as("ann", json!({})).await;
        let id = foreign.azure_devops().await["credentialId"].as_str().unwrap().to_owned();
        let request = Request::get("/projects").header("x-paragon-credential", &id);
        let reply = ann.proxies_with(request.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.refused(), "404 credential_not_found");
        assert_eq!(
            ann.get(&format!("/credentials/{id}")).await.refused(),
            "404 credential_not_found"
        );
    })
    .await;
}

#[tokio::test]
async fn a_full_address_is_called_only_on_the_providers_own_hosts() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        ann.connects().await;
        let call = async |url: &str| {
            let request = Request::get("/").header("x-paragon-proxy-url", url);
            ann.proxies_with(request.body(Body::empty()).unwrap()).await
        };
        call("https://dev.azure.com/acme/_apis/projects?api-version=7.1").await.ok();
        for foreign in [
            "https://evil.example/",
            "https://dev.azure.com.evil.example/",
            "https://dev.azure.com@evil.example/",
            "http://169.254.169.254/latest",
            "https://127.0.0.1/",
        ] {
            let reply = call(foreign).await;
            assert!(reply.status.is_client_error(), "{foreign} {}", reply.text());
        }
        let log = test.sandbox.world().requests.take();
        assert!(log.iter().all(|request| !format!("{request:?}").contains("evil")));
    })
    .await;
}

#[tokio::test]
async fn a_large_attachment_goes_up_and_comes_down_unchanged() {
    let test = TestApp::start(store::Engine::Sqlite).await;
    let ann = test.end_user("ann");
    ann.connects().await;
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    let request = Request::post("/_apis/wit/attachments?fileName=a.bin&api-version=7.1")
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .body(Body::from(bytes.clone()));
    let made = ann.proxies_with(request.unwrap()).await.ok();
    let path = format!("/_apis/wit/attachments/{}?api-version=7.1", made["id"].as_str().unwrap());
    assert!(ann.proxies(&path).await.body == bytes);
}
