//! Saved queries.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{Answer, App};
use crate::description::Description;

const QUERIES: &str = "/Storefront/_apis/wit/queries";

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
async fn a_project_has_queries_of_ones_own_and_queries_that_all_share() {
    let app = App::start().await;
    let flat = app.ann_gets(QUERIES).await.ok();
    assert_eq!(names(&flat["value"]), ["My Queries", "Shared Queries"]);
    assert_eq!(flat["value"][1]["children"], Value::Null);
    let deep = app.ann_gets(&format!("{QUERIES}?$depth=2&$expand=all")).await.ok();
    let shared = &deep["value"][1]["children"];
    assert_eq!(names(shared), ["Assigned to me", "Changed in the last week", "Team"]);
    assert_eq!(names(&shared[2]["children"]), ["Open bugs", "Work and what is below it"]);
    assert_eq!(shared[2]["children"][1]["queryType"], "tree");
    assert_eq!(shared[2]["children"][1]["linkClauses"]["field"]["name"], "Link Type");
    let tracking = Description::read("workItemTracking");
    assert_eq!(tracking.faults("Queries_List", &deep), Vec::<String>::new());
    assert_eq!(app.ann_gets(&format!("{QUERIES}?$depth=3")).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_saved_query_is_found_by_path_and_id_and_run() {
    let app = App::start().await;
    let path = format!("{QUERIES}/Shared Queries/Team/Open bugs?$expand=clauses");
    let query = app.ann_gets(&path).await.ok();
    assert_eq!(query["path"], "Shared Queries/Team/Open bugs");
    let clauses = query["clauses"]["clauses"].as_array().expect("clauses");
    assert_eq!(clauses[0]["value"], "@project");
    assert_eq!(clauses[1]["operator"]["name"], "In Group");
    let id = query["id"].as_str().expect("an id");
    let by_id = app.ann_gets(&format!("{QUERIES}/{id}?$expand=clauses")).await.ok();
    assert_eq!(by_id, query);
    let result = app.ann_gets(&format!("/Storefront/_apis/wit/wiql/{id}")).await.ok();
    assert!(result["workItems"].as_array().is_some_and(|list| !list.is_empty()));
    let anywhere = app.ann_gets(&format!("/_apis/wit/wiql/{id}")).await.ok();
    assert_eq!(anywhere, result);
    let tracking = Description::read("workItemTracking");
    assert_eq!(tracking.faults("Queries_Get", &query), Vec::<String>::new());
    assert_eq!(tracking.faults("Wiql_Query By Id", &result), Vec::<String>::new());
    let path = format!("{QUERIES}/Shared Queries/Team/Work and what is below it");
    let tree = app.ann_gets(&path).await.ok();
    let id = tree["id"].as_str().expect("an id");
    let result = app.ann_gets(&format!("/Storefront/_apis/wit/wiql/{id}")).await.ok();
    assert!(result["workItemRelations"].as_array().is_some_and(|list| list.len() > 100));
    let missing = app.ann_gets(&format!("{QUERIES}/Shared Queries/None")).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn queries_and_folders_are_made_changed_and_deleted() {
    let app = App::start().await;
    let wiql = "SELECT [System.Id] FROM WorkItems WHERE [System.State] = 'New'";
    let folder = json!({ "name": "Mine", "isFolder": true });
    let made = write(&app, "ann", Method::POST, &format!("{QUERIES}/My Queries"), folder).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let inside = format!("{QUERIES}/My Queries/Mine");
    let body = json!({ "name": "New things", "wiql": wiql });
    let made = write(&app, "ann", Method::POST, &inside, body.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let twice = write(&app, "ann", Method::POST, &inside, body).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    let body = json!({ "name": "Newer things", "wiql": format!("{wiql} ORDER BY [System.Id]") });
    let path = format!("{QUERIES}/{id}");
    let changed = write(&app, "ann", Method::PATCH, &path, body).await.ok();
    assert_eq!(changed["path"], "My Queries/Mine/Newer things");
    assert_eq!(changed["sortColumns"][0]["field"]["referenceName"], "System.Id");
    // Nobody else sees them.
    let bens = app.get(format!("/acme{path}")).pat("ben", "acme").send().await;
    assert_eq!(bens.status, StatusCode::NOT_FOUND);
    let delete = app.call(Method::DELETE, format!("/acme{inside}?api-version=7.1"));
    assert_eq!(delete.pat("ann", "acme").send().await.status, StatusCode::NO_CONTENT);
    assert_eq!(app.ann_gets(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_query_that_cannot_be_run_is_not_saved() {
    let app = App::start().await;
    let path = format!("{QUERIES}/Shared Queries");
    let wrong = json!({ "name": "x", "wiql": "SELECT [X.Y] FROM WorkItems" });
    let answer = write(&app, "ann", Method::POST, &path, wrong).await;
    assert!(answer.refusal().contains("TF51005"));
    let right = json!({ "name": "x", "wiql": "SELECT [System.Id] FROM WorkItems" });
    let only = format!("{path}?validateWiqlOnly=true");
    let answer = write(&app, "ann", Method::POST, &only, right).await.ok();
    assert_eq!(answer["name"], "x");
    let missing = app.ann_gets(&format!("{path}/x")).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn queries_are_searched_by_name_and_read_by_the_batch() {
    let app = App::start().await;
    let found = app.ann_gets(&format!("{QUERIES}?$filter=BUGS")).await.ok();
    assert_eq!((names(&found["value"]), &found["hasMore"]), (vec!["Open bugs"], &json!(false)));
    let none = "00000000-0000-4000-8000-000000000000";
    let ids = json!([found["value"][0]["id"], none]);
    let path = "/Storefront/_apis/wit/queriesbatch";
    let body = json!({ "ids": ids, "errorPolicy": "omit", "$expand": "wiql" });
    let batch = write(&app, "ann", Method::POST, path, body).await.ok();
    assert_eq!(
        (&batch["value"][0]["name"], &batch["value"][1]),
        (&json!("Open bugs"), &Value::Null)
    );
    let failing = write(&app, "ann", Method::POST, path, json!({ "ids": [none] })).await;
    assert_eq!(failing.status, StatusCode::NOT_FOUND);
}
