//! The operator's own connectors, as the SDKs and the host developer see them.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{TestApp, on_each_engine};

async fn add_acme_crm(test: &TestApp) -> String {
    let body = json!({ "type": "custom.acmecrm" });
    let added = test.manager().project_post("/integrations", body).await.ok();
    added["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_vendors_sdk_gets_the_form_it_knows_custom_integrations_by() {
    on_each_engine(async |test: TestApp| {
        let id = add_acme_crm(&test).await;
        let listed = test.end_user("ann").get("/integrations").await.ok();
        let found = listed.as_array().unwrap().iter().find(|one| one["id"] == id.as_str()).unwrap();
        assert_eq!((&found["type"], &found["customIntegrationId"]), (&json!("custom"), &json!(id)));
        let custom = &found["customIntegration"];
        assert_eq!(custom["slug"], "custom.acmecrm");
        assert_eq!(custom["name"], "Acme CRM");
        assert_eq!(custom["authenticationType"], "oauth");
        assert_eq!(custom["inputFields"], json!([]));
        assert_eq!(custom["apiBaseUrl"]["parts"][0]["value"], "https://api.acme.example/v1");
        assert_eq!(custom["icon"], "http://localhost:8080/integrations/custom.acmecrm.svg");
        let me = test.end_user("ann").get("/me").await.ok();
        assert_eq!(me["integrations"]["custom.acmecrm"]["enabled"], false);
        let azure = listed.as_array().unwrap().iter().find(|one| one["type"] == "azuredevops");
        assert_eq!(azure.unwrap()["customIntegration"], Value::Null);
    })
    .await;
}

#[tokio::test]
async fn its_icon_and_its_page_are_served_and_cannot_act() {
    on_each_engine(async |test: TestApp| {
        let listed = test.manager().get("/api/v1/connectors").await.ok();
        let own = listed.as_array().unwrap().iter().find(|one| one["custom"] == true).unwrap();
        assert_eq!(own["type"], "custom.acmecrm");
        for (address, kind) in [(&own["icon"], "image/svg+xml"), (&own["readme"], "text/markdown")]
        {
            let path = address.as_str().unwrap().strip_prefix("http://localhost:8080").unwrap();
            let reply = test.call(Method::GET, path, "", Value::Null).await;
            assert!(reply.header("content-type").starts_with(kind), "{path}");
            assert!(reply.header("content-security-policy").contains("sandbox"), "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn it_is_called_by_its_name_or_by_the_id_of_the_integration() {
    on_each_engine(async |test: TestApp| {
        let id = add_acme_crm(&test).await;
        let ann = test.end_user("ann");
        for path in ["/proxy/custom.acmecrm/deals".to_owned(), format!("/proxy/custom/{id}/deals")]
        {
            let reply = ann.get(&path).await;
            assert_eq!(reply.refused(), "404 integration_not_enabled", "{path}");
        }
        assert_eq!(ann.get("/proxy/custom/nonsense/deals").await.status, StatusCode::BAD_REQUEST);
        let other = format!("/proxy/custom/{}/projects", test.integration_id);
        assert_eq!(ann.get(&other).await.refused(), "404 integration_not_enabled");
        ann.connects().await;
        assert_eq!(ann.get(&format!("{other}?api-version=7.1")).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn an_app_of_ones_own_is_asked_for_and_never_shown_again() {
    on_each_engine(async |test: TestApp| {
        let id = add_acme_crm(&test).await;
        let typed = json!({ "clientId": "my-app", "clientSecret": "canary-of-my-app" });
        let options = json!({ "accountType": "user-configured-oauth" });
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("action", "custom")
            .append_pair("integrationId", &id)
            .append_pair("originForPostMessage", crate::app::HOST_ORIGIN)
            .append_pair("installOptions", &options.to_string())
            .append_pair("endUserSuppliedValues", &typed.to_string())
            .finish();
        let path = format!("/v2/projects/{}/sdk/actions/build-oauth?{query}", test.project_id);
        let token = test.end_user("ann").token;
        let built = test.call(Method::GET, &path, &token, Value::Null).await.ok();
        let address = built["redirectUrl"].as_str().unwrap();
        assert!(address.starts_with("https://login.acme.example/authorize?client_id=my-app&"));
        assert!(!address.contains("canary"));
        let half = path.replace("my-app", "");
        let refused = test.call(Method::GET, &half, &token, Value::Null).await;
        assert_eq!(refused.refused(), "400 missing_field");
    })
    .await;
}
