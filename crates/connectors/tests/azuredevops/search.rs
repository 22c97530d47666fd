use base::ErrorKind;
use sandbox::faults::{Fault, FaultAnswer};
use serde_json::{Value, json};

use crate::app::{App, PROJECT};

/// Ids of a search of the project.
async fn ids(app: &App, query: Value) -> Vec<i64> {
    let inputs = json!({ "query": query, "project": PROJECT, "fields": ["System.Title"] });
    ids_of(&app.does("search_work_items", inputs).await)
}

fn ids_of(answer: &Value) -> Vec<i64> {
    answer["items"].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect()
}

fn all_of(conditions: Value) -> Value {
    json!({ "kind": "filter", "groups": [{ "conditions": conditions }] })
}

async fn makes(app: &App, title: &str, priority: i64) -> i64 {
    let inputs = json!({
        "project": PROJECT, "type": "Task", "title": title, "area": "Storefront\\Checkout",
        "fields": { "Microsoft.VSTS.Common.Priority": priority },
    });
    app.does("create_work_item", inputs).await["id"].as_i64().unwrap()
}

#[tokio::test]
async fn conditions_become_a_query_whatever_stands_in_them() {
    let app = App::start().await;
    let odd = "O'Brien's \"] OR [System.Id] > 0 --";
    let (one, two) = (makes(&app, odd, 1).await, makes(&app, "Second", 2).await);
    let title = |value: &str| json!({ "field": "System.Title", "value": value });
    assert_eq!(ids(&app, all_of(json!([title(odd)]))).await, [one]);
    let both = json!({ "field": "System.Title", "operator": "in", "values": [odd, "Second"] });
    assert_eq!(ids(&app, all_of(json!([both]))).await, [one, two]);
    let priority =
        json!({ "field": "Microsoft.VSTS.Common.Priority", "operator": ">", "value": 1 });
    assert_eq!(ids(&app, all_of(json!([both, priority]))).await, [two]);
    let either = json!({ "kind": "filter", "groups": [
        { "conditions": [title("Second")] },
        { "conditions": [title(odd), priority] },
        { "conditions": [title(odd), { "field": "System.CreatedBy", "value": "@Me" }] },
    ]});
    assert_eq!(ids(&app, either).await, [one, two]);
    let below = json!({
        "field": "System.AreaPath", "operator": "under", "value": "/Storefront/Area/Checkout",
    });
    assert_eq!(ids(&app, all_of(json!([both, below]))).await, [one, two]);
    let empty = |operator: &str| json!({ "field": "System.Description", "operator": operator });
    assert_eq!(ids(&app, all_of(json!([both, empty("is empty")]))).await, [one, two]);
    assert!(ids(&app, all_of(json!([both, empty("is not empty")]))).await.is_empty());
    let unassigned = json!({ "field": "System.AssignedTo", "operator": "is empty" });
    assert_eq!(ids(&app, all_of(json!([both, unassigned]))).await, [one, two]);
    let recent = json!({ "field": "System.CreatedDate", "operator": ">=", "value": "@Today - 1" });
    assert_eq!(ids(&app, all_of(json!([both, recent]))).await, [one, two]);
    let now = app.clock.now().to_rfc3339();
    let exact = json!({ "field": "System.CreatedDate", "operator": "<=", "value": now });
    assert_eq!(ids(&app, all_of(json!([both, exact]))).await, [one, two]);
}

#[tokio::test]
async fn an_answer_leads_to_the_next_until_all_are_met_once() {
    let app = App::start().await;
    let mut made = Vec::new();
    for number in 0..7 {
        made.push(makes(&app, &format!("Leaf {number}"), 1 + number % 3).await);
    }
    let condition = json!([{ "field": "System.Title", "operator": "contains", "value": "Leaf" }]);
    let by_id = all_of(condition.clone());
    let by_title = json!({
        "kind": "filter",
        "groups": [{ "conditions": condition }],
        "order": [{ "field": "System.Title", "descending": true }],
    });
    let backwards: Vec<i64> = made.iter().rev().copied().collect();
    for (query, wanted) in [(by_id, made.clone()), (by_title, backwards)] {
        let (mut met, mut cursor, mut pages) = (Vec::new(), Value::Null, 0);
        loop {
            let inputs = json!({
                "query": query, "project": PROJECT, "limit": 3, "cursor": cursor,
                "fields": ["System.Title"],
            });
            let answer = app.does("search_work_items", inputs).await;
            assert_eq!(answer["count"], answer["items"].as_array().unwrap().len());
            met.extend(ids_of(&answer));
            pages += 1;
            // Somebody changes what was met, which neither hides nor repeats others.
            let changed =
                json!({ "id": met[0], "fields": { "Microsoft.VSTS.Common.Priority": 4 } });
            app.does("update_work_item", changed).await;
            cursor = answer["next"].clone();
            if cursor.is_null() {
                break;
            }
        }
        assert_eq!((met, pages), (wanted, 3));
    }
}

#[tokio::test]
async fn more_than_the_service_counts_is_gone_through_by_ranges_of_ids() {
    let app = App::start().await;
    let made = [makes(&app, "Many", 1).await, makes(&app, "Many", 1).await];
    let refused = FaultAnswer {
        status: 400,
        body: r#"{"message":"VS402337: The number of work items returned exceeds the size limit of 20000. Change the query to return fewer items.","typeKey":"WorkItemTrackingQueryResultSizeLimitExceededException"}"#.to_owned(),
        ..FaultAnswer::default()
    };
    let fault =
        Fault { path_contains: Some("wiql".to_owned()), answer: Some(refused), ..Fault::default() };
    app.world().faults.order(fault.clone());
    app.requests();
    let query = all_of(json!([{ "field": "System.Title", "value": "Many" }]));
    assert_eq!(ids(&app, query.clone()).await, made);
    let asked = app.requests().iter().filter(|one| one.contains("wiql")).count();
    assert_eq!(asked, 3, "all, a range, the rest");
    app.world().faults.order(fault);
    let mut ordered = query;
    ordered["order"] = json!([{ "field": "System.Id", "descending": true }]);
    let inputs = json!({ "query": ordered, "project": PROJECT });
    let error = app.tries("search_work_items", inputs).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::TooLarge, "too_many_results"));
}

#[tokio::test]
async fn a_query_in_wiql_is_taken_as_it_is_and_followed_page_by_page() {
    let app = App::start().await;
    let made = [makes(&app, "Raw", 2).await, makes(&app, "Raw", 1).await];
    let text = "SELECT [System.Title] FROM WorkItems WHERE [System.TeamProject] = @project AND \
                [System.Title] = 'Raw' OR [System.Title] = 'nothing'";
    let query = json!({ "kind": "wiql", "text": text });
    assert_eq!(ids(&app, query.clone()).await, made);
    let inputs = json!({ "query": query, "project": PROJECT, "limit": 1 });
    let first = app.does("search_work_items", inputs.clone()).await;
    assert_eq!(ids_of(&first), [made[0]]);
    assert_eq!(first["items"][0]["relations"], Value::Null);
    let mut inputs = inputs;
    inputs["cursor"] = first["next"].clone();
    let second = app.does("search_work_items", inputs).await;
    assert_eq!((ids_of(&second), &second["next"]), (vec![made[1]], &Value::Null));
    let ordered = json!({
        "kind": "wiql", "text": format!("{text} ORDER BY [Microsoft.VSTS.Common.Priority]"),
    });
    assert_eq!(ids(&app, ordered).await, [made[1], made[0]]);
}

#[tokio::test]
async fn a_query_of_links_finds_the_items_they_lead_to() {
    let app = App::start().await;
    let above = makes(&app, "Above", 1).await;
    let inputs = json!({ "project": PROJECT, "type": "Task", "title": "Below", "parent": above });
    let below = app.does("create_work_item", inputs).await["id"].as_i64().unwrap();
    let text = format!(
        "SELECT [System.Id] FROM WorkItemLinks WHERE [Source].[System.Id] = {above} AND \
         [System.Links.LinkType] = 'System.LinkTypes.Hierarchy-Forward' MODE (MustContain)"
    );
    assert_eq!(ids(&app, json!({ "kind": "wiql", "text": text })).await, [above, below]);
}

#[tokio::test]
async fn a_saved_query_is_run_by_its_id() {
    let app = App::start().await;
    let page = app.choices("queries", json!({ "project": PROJECT }), "").await;
    let query = page.first().expect("the sandbox has saved queries");
    let saved = json!({ "kind": "saved", "id": query.value });
    let found = ids(&app, saved.clone()).await;
    assert!(!found.is_empty(), "{query:?}");
    let error = app.tries("search_work_items", json!({ "query": saved })).await.unwrap_err();
    assert_eq!(error.code(), "project_missing");
}

#[tokio::test]
async fn a_query_that_is_wrong_is_refused_with_a_reason() {
    let app = App::start().await;
    for (query, code) in [
        (json!({ "kind": "wiql", "text": "DROP TABLE x" }), "query_malformed"),
        (
            json!({ "kind": "wiql", "text": "SELECT [A.B] FROM WorkItems WHERE [A.B] = 1" }),
            "query_refused",
        ),
        (json!({ "kind": "guess" }), "invalid_inputs"),
        (all_of(json!([{ "field": "System.Title" }])), "invalid_filter"),
        (
            all_of(json!([{ "field": "System.Title] = '' OR [System.Id", "value": "x" }])),
            "invalid_filter",
        ),
        (
            all_of(json!([{ "field": "System.Title", "value": "a", "values": ["b"] }])),
            "invalid_filter",
        ),
        (all_of(json!([])), "invalid_inputs"),
    ] {
        let inputs = json!({ "query": query, "project": PROJECT });
        let error = app.tries("search_work_items", inputs).await.unwrap_err();
        assert_eq!(error.code(), code, "{query} {error:?}");
    }
    let inputs = json!({ "query": { "kind": "filter" }, "cursor": "guess" });
    let error = app.tries("search_work_items", inputs).await.unwrap_err();
    assert_eq!(error.code(), "invalid_cursor");
}
