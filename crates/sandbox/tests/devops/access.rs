//! Who is let in, and what the others get.

use http::{Method, StatusCode};
use serde_json::json;

use crate::app::App;

const PROJECTS: &str = "/acme/_apis/projects?api-version=7.1";
const ACME_TENANT: &str = "ac3e0000-0000-4000-8000-000000000001";

#[tokio::test]
async fn any_user_name_goes_with_a_personal_access_token() {
    let app = App::start().await;
    let ann = app.world().directory.person("ann").expect("ann").clone();
    let pat = ann.pat("acme").expect("a token");
    for user in ["", "PAT", "OAuth", "ann@acme.example"] {
        let answer = app.get(PROJECTS).basic(&format!("{user}:{pat}")).send().await;
        assert_eq!(answer.status, StatusCode::OK, "{user}");
    }
}

#[tokio::test]
async fn without_a_credential_a_browser_is_sent_to_sign_in_and_a_program_astray() {
    let app = App::start().await;
    let answer = app.get(PROJECTS).send().await;
    assert_eq!(answer.status, StatusCode::FOUND);
    assert!(answer.header("location").contains("/_signin?realm=localhost&reply_to="));
    assert_eq!(answer.header("x-vss-resourcetenant"), ACME_TENANT);
}

#[tokio::test]
async fn a_bad_credential_gets_a_page_with_a_status_of_success() {
    let app = App::start().await;
    let ann = app.world().directory.person("ann").expect("ann").clone();
    let bad_pat = app.get(PROJECTS).basic(":nobody-has-this");
    let pat_as_bearer = app.get(PROJECTS).bearer(ann.pat("acme").expect("a token"));
    let no_token = app.get(PROJECTS).bearer("a.b.c");
    let other_organization = app.get("/globex/_apis/projects").pat("ann", "acme");
    for call in [bad_pat, pat_as_bearer, no_token, other_organization] {
        let answer = call.send().await;
        assert_eq!(answer.status, StatusCode::NON_AUTHORITATIVE_INFORMATION);
        assert!(answer.header("content-type").starts_with("text/html"));
        assert!(answer.text().contains("<title>Azure DevOps Services | Sign In</title>"));
    }
}

#[tokio::test]
async fn callers_who_suppress_the_redirect_get_401_with_the_tenant_to_sign_in_to() {
    let app = App::start().await;
    let anonymous = app.get(PROJECTS);
    let bad = app.get(PROJECTS).basic(":nobody-has-this");
    for call in [anonymous, bad] {
        let answer = call.header("x-tfs-fedauthredirect", "Suppress").send().await;
        assert_eq!(
            answer.refusal(),
            "401 UnauthorizedRequestException: TF400813: Resource not available for anonymous \
             access. Client authentication required."
        );
        assert_eq!(answer.header("x-vss-resourcetenant"), ACME_TENANT);
        let origin = app.origin();
        assert_eq!(
            answer.header("www-authenticate"),
            format!(
                "Bearer authorization_uri={origin}/{ACME_TENANT}, Basic realm=\"{origin}/\", \
                 TFS-Federated"
            )
        );
    }
}

#[tokio::test]
async fn an_expired_personal_access_token_says_so() {
    let app = App::start().await;
    let ann = app.world().directory.person("ann").expect("ann").clone();
    let expired = ann.pats.iter().find(|pat| pat.expired).expect("an expired one");
    let answer = app.get(PROJECTS).basic(&format!(":{}", expired.token)).send().await;
    assert_eq!(
        answer.refusal(),
        "401 UnauthorizedRequestException: Access Denied: The Personal Access Token used has \
         expired."
    );
}

#[tokio::test]
async fn an_access_token_opens_the_organizations_of_its_tenant_that_admit_the_person() {
    let app = App::start().await;
    let token = app.token("ben", "vso.project").await;
    for organization in ["acme", "globex"] {
        let target = format!("/{organization}/_apis/projects");
        assert_eq!(app.get(target).bearer(&token).send().await.status, StatusCode::OK);
    }
    let answer = app.get("/initech/_apis/projects").bearer(&token).send().await;
    let refusal = answer.refusal();
    assert!(refusal.starts_with("401 UnauthorizedRequestException: TF400813: The user '"));
    assert!(refusal.ends_with("' is not authorized to access this resource."));
    assert_ne!(answer.header("x-vss-resourcetenant"), ACME_TENANT);
}

#[tokio::test]
async fn a_guest_is_admitted_to_the_organization_that_no_list_shows() {
    let app = App::start().await;
    let token = app.token("gus", "vso.project").await;
    let globex = app.get("/globex/_apis/projects").bearer(&token).send().await;
    assert_eq!(globex.status, StatusCode::OK);
    let acme = app.get("/acme/_apis/projects").bearer(&token).send().await;
    assert_eq!(acme.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_expired_access_token_is_refused_with_401() {
    let app = App::start().await;
    let token = app.token("ann", "vso.project").await;
    app.clock.advance(std::time::Duration::from_secs(3 * 3_600));
    let answer = app.get(PROJECTS).bearer(&token).send().await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn every_operation_needs_a_scope_that_contains_its_own() {
    let app = App::start().await;
    let read = app.token("ann", "vso.work").await;
    let write = app.token("ann", "vso.work_write").await;
    let project = app.token("ann", "vso.project").await;
    let item = "/acme/_apis/wit/workitems/1";
    let status = |target: &'static str, token: String| {
        let call = app.get(target).bearer(&token);
        async move { call.send().await.status }
    };
    assert_eq!(status(item, read.clone()).await, StatusCode::OK);
    assert_eq!(status(item, write.clone()).await, StatusCode::OK);
    assert_eq!(status(item, project.clone()).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(PROJECTS, project).await, StatusCode::OK);
    assert_eq!(status(PROJECTS, write.clone()).await, StatusCode::UNAUTHORIZED);

    let steps = json!([{ "op": "add", "path": "/fields/System.History", "value": "Hello." }]);
    let patch = |token: &str| {
        let call = app.call(Method::PATCH, format!("{item}?api-version=7.1"));
        call.bearer(token).patch(&steps).send()
    };
    assert_eq!(patch(&read).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(patch(&write).await.status, StatusCode::OK);
}

#[tokio::test]
async fn anyone_can_ask_which_tenant_an_organization_belongs_to() {
    let app = App::start().await;
    let known = app.call(Method::HEAD, "/acme").at("vssps.dev.azure.com").send().await;
    assert_eq!(known.status, StatusCode::NOT_FOUND);
    assert_eq!(known.header("x-vss-resourcetenant"), ACME_TENANT);
    let unknown = app.call(Method::HEAD, "/hooli").at("vssps.dev.azure.com").send().await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert_eq!(unknown.header("x-vss-resourcetenant"), "");
}

#[tokio::test]
async fn an_organization_that_does_not_exist_is_404() {
    let app = App::start().await;
    let answer = app.get("/hooli/_apis/projects").pat("ann", "acme").send().await;
    assert!(answer.refusal().starts_with("404 HostDoesNotExistException: "));
}

#[tokio::test]
async fn every_answer_names_the_activity_and_the_caller() {
    let app = App::start().await;
    let answer = app.ann_gets("/_apis/projects").await;
    for name in ["activityid", "x-tfs-processid", "x-tfs-session", "x-vss-e2eid"] {
        assert!(answer.header(name).parse::<uuid::Uuid>().is_ok(), "{name}");
    }
    assert!(answer.header("x-vss-userdata").ends_with(":ann@acme.example"));
    assert_eq!(answer.header("cache-control"), "no-cache");
    let refused = app.ann_gets("/_apis/wit/workitems/999999").await;
    assert!(refused.header("x-tfs-serviceerror").starts_with("TF401232%3A%20Work%20item%20999999"));
}
