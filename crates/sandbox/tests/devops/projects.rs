//! Projects, teams, members and processes.

use http::StatusCode;
use serde_json::Value;

use crate::app::App;

fn names(body: &Value) -> Vec<&str> {
    let list = body["value"].as_array().expect("a list");
    list.iter().map(|one| one["name"].as_str().expect("a name")).collect()
}

#[tokio::test]
async fn projects_are_listed_with_the_call_of_the_reference_page() {
    let app = App::start().await;
    let body = app.ann_gets("/_apis/projects?api-version=5.0").await.ok();
    assert_eq!(names(&body), ["Storefront", "Fulfilment", "Office Move"]);
    assert_eq!(body["value"][0]["state"], "wellFormed");
}

#[tokio::test]
async fn a_list_of_projects_is_read_page_by_page() {
    let app = App::start().await;
    let first = app.ann_gets("/_apis/projects?$top=2").await;
    assert_eq!(names(&first.ok()), ["Storefront", "Fulfilment"]);
    let token = first.header("x-ms-continuationtoken");
    let second = app.ann_gets(&format!("/_apis/projects?$top=2&continuationToken={token}")).await;
    assert_eq!(names(&second.ok()), ["Office Move"]);
    assert_eq!(second.header("x-ms-continuationtoken"), "");
    let skipped = app.ann_gets("/_apis/projects?%24skip=1&%24top=1").await.ok();
    assert_eq!(names(&skipped), ["Fulfilment"]);
    let bad = app.ann_gets("/_apis/projects?$top=many").await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn only_well_formed_projects_exist() {
    let app = App::start().await;
    for (filter, count) in [("all", 3), ("wellFormed", 3), ("1", 3), ("deleted", 0), ("4", 0)] {
        let body = app.ann_gets(&format!("/_apis/projects?stateFilter={filter}")).await.ok();
        assert_eq!(body["count"], count, "{filter}");
    }
}

#[tokio::test]
async fn a_project_is_found_by_name_or_id_and_tells_its_process_when_asked() {
    let app = App::start().await;
    let body = app.ann_gets("/_apis/projects/office move?includeCapabilities=true").await.ok();
    assert_eq!(body["capabilities"]["processTemplate"]["templateName"], "Basic");
    assert_eq!(body["defaultTeam"]["name"], "Office Move Team");
    let id = body["id"].as_str().expect("an id");
    let by_id = app.ann_gets(&format!("/_apis/projects/{id}")).await.ok();
    assert_eq!(by_id["name"], "Office Move");
    assert_eq!(by_id["capabilities"], Value::Null);
}

#[tokio::test]
async fn a_project_that_does_not_exist_is_404_by_name_and_by_id() {
    let app = App::start().await;
    for path in ["/_apis/projects/Nowhere", "/Nowhere/_apis/wit/workitemtypes"] {
        assert_eq!(
            app.ann_gets(path).await.refusal(),
            "404 ProjectDoesNotExistWithNameException: TF200016: The following project does not \
             exist: Nowhere. Verify that the name of the project is correct and that the project \
             exists on the specified Azure DevOps Server."
        );
    }
    let id = "6ce954b1-ce1f-45d1-b94d-e6bf2464ba2c";
    assert_eq!(
        app.ann_gets(&format!("/_apis/projects/{id}")).await.refusal(),
        format!(
            "404 ProjectDoesNotExistException: VS800075: The project with id '{id}' does not \
             exist, or you do not have permission to access it."
        )
    );
}

#[tokio::test]
async fn teams_are_listed_for_a_project_and_for_all() {
    let app = App::start().await;
    let of_project = app.ann_gets("/_apis/projects/Storefront/teams").await.ok();
    assert_eq!(names(&of_project), ["Storefront Team", "Checkout Crew"]);
    let all = app.ann_gets("/_apis/teams?api-version=7.1-preview.3&$top=3").await.ok();
    assert_eq!(names(&all), ["Storefront Team", "Checkout Crew", "Fulfilment Team"]);
    let one = app.ann_gets("/_apis/projects/Storefront/teams/checkout crew").await.ok();
    assert_eq!(one, of_project["value"][1]);
    let missing = app.ann_gets("/_apis/projects/Storefront/teams/Nobody").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_team_has_members_of_whom_one_administers_it() {
    let app = App::start().await;
    let path = "/_apis/projects/Storefront/teams/Storefront Team/members";
    let body = app.ann_gets(path).await.ok();
    let members: Vec<(&str, bool)> = body["value"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            let name = one["identity"]["uniqueName"].as_str().expect("an address");
            (name, one["isTeamAdmin"].as_bool().expect("yes or no"))
        })
        .collect();
    assert_eq!(members, [("ann@acme.example", true), ("ben@acme.example", false)]);
}

#[tokio::test]
async fn a_process_of_a_customer_is_known_in_their_organization_only() {
    let app = App::start().await;
    let acme = app.ann_gets("/_apis/process/processes").await.ok();
    assert_eq!(names(&acme), ["Agile", "Scrum", "Basic"]);
    let call = app.get("/globex/_apis/process/processes").pat("ben", "globex");
    let globex = call.send().await.ok();
    assert_eq!(names(&globex), ["Agile", "Scrum", "Basic", "Customer Support"]);
    assert_eq!(globex["value"][3]["type"], "inherited");
    let agile = "/_apis/process/processes/adcc42ab-9882-485e-a3ed-7678f01f66bc";
    assert_eq!(app.ann_gets(agile).await.ok()["name"], "Agile");
}
