//! Who acts in tests: the host developer's program and the host's users.

use axum::body::Body;
use http::{Method, Request, header};
use serde_json::{Value, json};

use crate::app::{HOST_ORIGIN, TestApp};
use crate::browser::Browser;
use crate::reply::Reply;

/// The host developer's program, with an API token.
pub struct Manager<'a> {
    pub test: &'a TestApp,
}

impl Manager<'_> {
    pub async fn call(&self, method: Method, path: &str, body: Value) -> Reply {
        self.test.call(method, path, &self.test.api_token, body).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, Value::Null).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.call(Method::POST, path, body).await
    }

    /// A path below the test's project.
    pub fn in_project(&self, path: &str) -> String {
        format!("/api/v1/projects/{}{path}", self.test.project_id)
    }

    pub async fn project_get(&self, path: &str) -> Reply {
        self.get(&self.in_project(path)).await
    }

    pub async fn project_post(&self, path: &str, body: Value) -> Reply {
        self.post(&self.in_project(path), body).await
    }

    pub async fn project_patch(&self, path: &str, body: Value) -> Reply {
        self.call(Method::PATCH, &self.in_project(path), body).await
    }

    pub async fn project_delete(&self, path: &str) -> Reply {
        self.call(Method::DELETE, &self.in_project(path), Value::Null).await
    }

    /// Makes a workflow and deploys it; answers the workflow.
    pub async fn deploys(&self, definition: &Value) -> Value {
        let body = json!({ "definition": definition });
        let made = self.project_post("/workflows", body).await.ok();
        let path = format!("/workflows/{}/deploy", made["id"].as_str().expect("an id"));
        self.project_post(&path, json!({})).await.ok()
    }

    /// Changes the project's Azure DevOps integration.
    pub async fn changes_integration(&self, body: Value) -> Value {
        let path = format!("/integrations/{}", self.test.integration_id);
        self.project_patch(&path, body).await.ok()
    }
}

/// A user of the host, with a user token.
pub struct EndUser<'a> {
    pub test: &'a TestApp,
    pub token: String,
}

impl EndUser<'_> {
    pub async fn call(&self, method: Method, path: &str, body: Value) -> Reply {
        let path = format!("/projects/{}/sdk{path}", self.test.project_id);
        self.test.call(method, &path, &self.token, body).await
    }

    /// With more headers.
    pub async fn call_with(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> Reply {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/projects/{}/sdk{path}", self.test.project_id))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.test.send(request.body(body).expect("a request")).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, Value::Null).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.call(Method::POST, path, body).await
    }

    /// What `GET /sdk/me` says of Azure DevOps.
    pub async fn azure_devops(&self) -> Value {
        self.get("/me").await.ok()["integrations"]["azuredevops"].clone()
    }

    /// Opens the pop-up, as the vendor's SDK does; the answer is the provider's address.
    pub async fn begins_to_connect(&self, browser: &mut Browser<'_>, options: Value) -> String {
        let TestApp { project_id, integration_id, .. } = self.test;
        let nonce = format!(
            "/projects/{project_id}/sdk/actions/oauth-nonce?action=azuredevops\
             &integrationId={integration_id}&originForPostMessage={HOST_ORIGIN}&userToken={}",
            self.token
        );
        let page = browser.opens(&nonce).await;
        assert!(page.text().contains("oauth-nonce-loaded"), "{}", page.text());
        self.builds_oauth("a-session", options).await.ok()["redirectUrl"]
            .as_str()
            .expect("an address")
            .to_owned()
    }

    pub async fn builds_oauth(&self, session_key: &str, options: Value) -> Reply {
        let TestApp { project_id, integration_id, .. } = self.test;
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("action", "azuredevops")
            .append_pair("integrationId", integration_id)
            .append_pair("originForPostMessage", HOST_ORIGIN)
            .append_pair("installOptions", &options.to_string())
            .append_pair("oauthMetaKeyId", session_key)
            .finish();
        let path = format!("/v2/projects/{project_id}/sdk/actions/build-oauth?{query}");
        self.test.call(Method::GET, &path, &self.token, Value::Null).await
    }

    /// Connects an account by signing in as one of the sandbox's people; answers the last page.
    pub async fn signs_in_as(&self, person: &str, options: Value) -> Reply {
        let mut browser = Browser::new(self.test);
        let address = self.begins_to_connect(&mut browser, options).await;
        browser.signs_in(&address, person, "accept").await
    }

    /// Connects the sandbox's Ann by signing in; answers the credential.
    pub async fn connects(&self) -> Value {
        let page = self.signs_in_as("ann", json!({})).await.text();
        let (_, rest) = page.split_once("\"handle\":\"").unwrap_or_else(|| panic!("{page}"));
        let handle = rest.split('"').next().expect("a handle");
        self.redeems(handle).await.ok()
    }

    pub async fn redeems(&self, handle: &str) -> Reply {
        let body = json!({
            "integrationId": self.test.integration_id,
            "config": {},
            "payload": { "handle": handle },
            "installOptions": {},
        });
        self.post("/credentials", body).await
    }

    /// Connects with a personal access token by form.
    pub async fn types_token(&self, organization: &str, token: &str) -> Reply {
        let body = json!({
            "integrationId": self.test.integration_id,
            "config": {},
            "payload": { "organization": organization, "token": token },
            "installOptions": { "accountType": "pat" },
        });
        self.post("/credentials", body).await
    }

    /// Calls Azure DevOps through the proxy.
    pub async fn proxies(&self, path: &str) -> Reply {
        self.proxies_with(Request::get(path).body(Body::empty()).expect("a request")).await
    }

    /// Sends a request, whose path begins after the integration, through the proxy.
    pub async fn proxies_with(&self, mut request: Request<Body>) -> Reply {
        let path = request.uri().to_string();
        let path = format!("/projects/{}/sdk/proxy/azuredevops{path}", self.test.project_id);
        *request.uri_mut() = path.parse().expect("a path");
        let value = format!("Bearer {}", self.token).parse().expect("a header");
        request.headers_mut().insert(header::AUTHORIZATION, value);
        self.test.send(request).await
    }
}
