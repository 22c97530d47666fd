//! Areas and iterations, and what teams make of them.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{Answer, App};
use crate::description::Description;

const NODES: &str = "/Storefront/_apis/wit/classificationnodes";

async fn write(app: &App, person: &str, method: Method, path: &str, body: Value) -> Answer {
    let mark = if path.contains('?') { '&' } else { '?' };
    let call = app.call(method, format!("/acme{path}{mark}api-version=7.1")).pat(person, "acme");
    call.json(&body).send().await
}

fn names(list: &Value) -> Vec<&str> {
    let list = list.as_array().expect("a list");
    list.iter().map(|one| one["name"].as_str().expect("a name")).collect()
}

#[tokio::test]
async fn both_trees_can_be_walked_as_deep_as_one_likes() {
    let app = App::start().await;
    let roots = app.ann_gets(NODES).await.ok();
    assert_eq!(names(&roots["value"]), ["Storefront", "Storefront"]);
    assert_eq!(roots["value"][0]["children"], Value::Null);
    assert_eq!(roots["value"][0]["hasChildren"], true);
    let areas = app.ann_gets(&format!("{NODES}/areas?$depth=2")).await.ok();
    assert_eq!(names(&areas["children"]), ["Catalogue", "Checkout", "Account"]);
    let below = &areas["children"][0]["children"][0];
    assert_eq!(below["path"], "\\Storefront\\Area\\Catalogue\\Accessibility");
    assert_eq!(below["hasChildren"], false);
    let by_path = app.ann_gets(&format!("{NODES}/Areas/catalogue/Accessibility")).await.ok();
    assert_eq!(by_path["id"], below["id"]);
    let sprint = app.ann_gets(&format!("{NODES}/iterations/Sprint 1")).await.ok();
    assert!(sprint["attributes"]["startDate"].is_string());
    let ids = format!("{NODES}?ids={},{}", by_path["id"], sprint["id"]);
    let listed = app.ann_gets(&ids).await.ok();
    assert_eq!(names(&listed["value"]), ["Accessibility", "Sprint 1"]);
    let tracking = Description::read("workItemTracking");
    for (operation, body) in [
        ("Classification Nodes_Get Root Nodes", &roots),
        ("Classification Nodes_Get", &areas),
        ("Classification Nodes_Get Classification Nodes", &listed),
    ] {
        assert_eq!(tracking.faults(operation, body), Vec::<String>::new(), "{operation}");
    }
    let missing = app.ann_gets(&format!("{NODES}/areas/None")).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_node_is_made_renamed_moved_and_deleted_and_takes_its_items_along() {
    let app = App::start().await;
    let areas = format!("{NODES}/areas");
    let made = write(&app, "ann", Method::POST, &areas, json!({ "name": "New" })).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let inner = format!("{areas}/New");
    let made = write(&app, "ann", Method::POST, &inner, json!({ "name": "Inner" })).await.json();
    let fields =
        [("System.Title", json!("x")), ("System.AreaPath", json!("Storefront\\New\\Inner"))];
    let item = app.item("Storefront/Task", &fields).await;
    let path = format!("/_apis/wit/workitems/{}", item["id"]);
    let area = async || app.ann_gets(&path).await.ok()["fields"]["System.AreaPath"].clone();
    write(&app, "ann", Method::PATCH, &inner, json!({ "name": "Newer" })).await.ok();
    assert_eq!(area().await, "Storefront\\Newer\\Inner");
    let target = format!("{areas}/Checkout");
    let moved = write(&app, "ann", Method::POST, &target, json!({ "id": made["id"] })).await.ok();
    assert_eq!(moved["path"], "\\Storefront\\Area\\Checkout\\Inner");
    assert_eq!(area().await, "Storefront\\Checkout\\Inner");
    let root = app.ann_gets(&areas).await.ok()["id"].clone();
    let gone = format!("{areas}/Checkout/Inner");
    let unclear = write(&app, "ann", Method::DELETE, &gone, json!({})).await;
    assert_eq!(unclear.status, StatusCode::BAD_REQUEST);
    let gone = format!("{gone}?$reclassifyId={root}");
    let deleted = write(&app, "ann", Method::DELETE, &gone, json!({})).await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT);
    assert_eq!(area().await, "Storefront");
    assert_eq!(app.ann_gets(&path).await.ok()["rev"], 2);
}

#[tokio::test]
async fn a_new_iteration_has_dates_and_becomes_that_of_the_team_in_its_time() {
    let app = App::start().await;
    let path = format!("{NODES}/iterations");
    let dates = json!({ "startDate": "2026-12-01", "finishDate": "2026-12-14T00:00:00Z" });
    let body = json!({ "name": "Sprint 99", "attributes": dates });
    let made = write(&app, "ann", Method::POST, &path, body).await.json();
    assert_eq!(made["attributes"]["startDate"], "2026-12-01T00:00:00.000Z");
    let current = "/Storefront/Checkout Crew/_apis/work/teamsettings/iterations?$timeframe=current";
    let now = app.ann_gets(current).await.ok();
    assert_eq!(names(&now["value"]), ["Sprint 5"]);
    app.clock.advance(Duration::from_secs(75 * 86_400));
    let later = app.ann_gets(current).await.ok();
    assert_eq!(names(&later["value"]), ["Sprint 99"]);
    let wrong = json!({ "name": "x", "attributes": { "startDate": "2026-12-02", "finishDate": "2026-12-01" } });
    let wrong = write(&app, "ann", Method::POST, &path, wrong).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn trees_are_for_administrators_to_change_and_names_are_unique() {
    let app = App::start().await;
    let areas = format!("{NODES}/areas");
    let body = || json!({ "name": "checkout" });
    let bens = write(&app, "ben", Method::POST, &areas, body()).await;
    assert_eq!(bens.status, StatusCode::FORBIDDEN);
    let twice = write(&app, "ann", Method::POST, &areas, body()).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    assert!(twice.refusal().contains("VS402371"));
    for name in ["", "a/b", "a\\b", "a?"] {
        let answer = write(&app, "ann", Method::POST, &areas, json!({ "name": name })).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name}");
    }
    let root = write(&app, "ann", Method::PATCH, &areas, json!({ "name": "Other" })).await;
    assert_eq!(root.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_team_tells_its_iterations_areas_and_days_as_described() {
    let app = App::start().await;
    let work = Description::read("work");
    let team = "/Storefront/Checkout Crew/_apis/work/teamsettings";
    let list = app.ann_gets(&format!("{team}/iterations")).await.ok();
    assert_eq!(list["count"], 6);
    let id = list["value"][0]["id"].as_str().expect("an id");
    for (operation, path) in [
        ("Teamsettings_Get", team.to_owned()),
        ("Iterations_List", format!("{team}/iterations")),
        ("Iterations_Get", format!("{team}/iterations/{id}")),
        ("Teamfieldvalues_Get", format!("{team}/teamfieldvalues")),
    ] {
        let body = app.ann_gets(&path).await.ok();
        assert_eq!(work.faults(operation, &body), Vec::<String>::new(), "{operation}");
    }
    let nobody = app.ann_gets("/Storefront/No Team/_apis/work/teamsettings").await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
}
