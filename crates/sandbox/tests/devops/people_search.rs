//! Looking for people.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::App;
use crate::description::Description;

fn names(list: &Value, name: &str) -> Vec<String> {
    let list = list["value"].as_array().expect("a list");
    list.iter().map(|one| one[name].as_str().unwrap_or("nobody").to_owned()).collect()
}

#[tokio::test]
async fn people_are_found_by_the_beginning_of_a_name_or_address() {
    let app = App::start().await;
    let search = async |filter: &str, value: &str| {
        let path = format!("/_apis/identities?searchFilter={filter}&filterValue={value}");
        names(&app.ann_gets(&path).await.ok(), "providerDisplayName")
    };
    assert_eq!(search("General", "bak").await, ["Ben Baker"]);
    assert_eq!(search("General", "ANN@acme").await, ["Ann Archer"]);
    assert_eq!(search("General", "zoe").await, Vec::<String>::new());
    assert_eq!(search("DisplayName", "Ann Archer").await, ["Ann Archer"]);
    assert_eq!(search("MailAddress", "ben@acme.example").await, ["Ben Baker"]);
    // Nobody of another organization.
    assert_eq!(search("General", "tess").await, Vec::<String>::new());
}

#[tokio::test]
async fn an_identity_is_the_one_that_work_items_name() {
    let app = App::start().await;
    let fields = [("System.Title", json!("x")), ("System.AssignedTo", json!("ben@acme.example"))];
    let item = app.item("Storefront/Task", &fields).await;
    let person = &item["fields"]["System.AssignedTo"];
    let id = person["id"].as_str().expect("an id");
    let none = "00000000-0000-4000-8000-000000000000";
    let body = app.ann_gets(&format!("/_apis/identities?identityIds={id},{none}")).await.ok();
    assert_eq!(body["value"][0]["subjectDescriptor"], person["descriptor"]);
    assert_eq!(body["value"][1], Value::Null);
    let plain = app.ann_gets("/_apis/identities").await;
    assert_eq!(plain.status, StatusCode::BAD_REQUEST);
    let faults = Description::read("identities").faults("Identities_Read Identities", &body);
    assert_eq!(faults, Vec::<String>::new());
}

#[tokio::test]
async fn the_graph_lists_users_and_answers_a_search() {
    let app = App::start().await;
    let graph = Description::read("graph");
    let version = "api-version=7.1-preview.1";
    let users = app.ann_gets(&format!("/_apis/graph/users?{version}")).await.ok();
    assert_eq!(names(&users, "displayName"), ["Ann Archer", "Ben Baker"]);
    let descriptor = users["value"][0]["descriptor"].as_str().expect("a descriptor");
    let one = app.ann_gets(&format!("/_apis/graph/users/{descriptor}?{version}")).await.ok();
    assert_eq!(one, users["value"][0]);
    let search = app.call(Method::POST, format!("/acme/_apis/graph/subjectquery?{version}"));
    let body = json!({ "query": "be", "subjectKind": ["User"] });
    let found = search.pat("ann", "acme").json(&body).send().await.ok();
    assert_eq!(names(&found, "displayName"), ["Ben Baker"]);
    assert_eq!(graph.faults("Users_List", &users), Vec::<String>::new());
    assert_eq!(graph.faults("Users_Get", &one), Vec::<String>::new());
}

#[tokio::test]
async fn people_are_looked_for_at_their_own_host_with_their_own_scope() {
    let app = App::start().await;
    let path = "/acme/_apis/identities?searchFilter=General&filterValue=ann";
    for (host, status) in [("vssps.dev.azure.com", 200), ("dev.azure.com", 404)] {
        let answer = app.get(path).at(host).pat("ann", "acme").send().await;
        assert_eq!(answer.status, status, "{host}");
    }
    for (scope, status) in [("vso.identity", 200), ("vso.work_full", 401)] {
        let token = app.token("ann", scope).await;
        assert_eq!(app.get(path).bearer(&token).send().await.status, status, "{scope}");
    }
}
