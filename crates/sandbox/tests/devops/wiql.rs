//! Queries of work items in WIQL.

use std::time::Duration;

use http::Method;
use sandbox::devops::bulk::BulkOrder;
use serde_json::{Value, json};

use crate::app::{Answer, App};

pub async fn ask(app: &App, place: &str, query: &str) -> Answer {
    let mark = if place.contains('?') { '&' } else { '?' };
    let (path, parameters) = place.split_once('?').unwrap_or((place, ""));
    let target = format!("/acme{path}/_apis/wit/wiql?{parameters}{mark}api-version=7.1");
    let target = target.replace("?&", "?").replace("??", "?");
    app.call(Method::POST, target).pat("ann", "acme").json(&json!({ "query": query })).send().await
}

fn ids(body: &Value) -> Vec<u64> {
    let list = body["workItems"].as_array().expect("a flat result");
    list.iter().map(|one| one["id"].as_u64().expect("a number")).collect()
}

/// The items that a condition finds among those that the test made.
async fn find(app: &App, place: &str, condition: &str) -> Vec<u64> {
    let query = format!(
        "SELECT [System.Id] FROM WorkItems WHERE [System.Tags] CONTAINS 'mark' AND ({condition}) ORDER BY [System.Id]"
    );
    let answer = ask(app, place, &query).await;
    assert_eq!(answer.status, 200, "{condition}: {}", answer.text());
    ids(&answer.json())
}

async fn refusal(app: &App, place: &str, query: &str) -> String {
    let answer = ask(app, place, query).await;
    assert_eq!(answer.status, 400, "{query}: {}", answer.text());
    answer.refusal()
}

async fn set(app: &App, id: u64, field: &str, value: Value) {
    app.clock.advance(Duration::from_secs(60));
    let steps = json!([{ "op": "add", "path": format!("/fields/{field}"), "value": value }]);
    app.ann_patches(Method::PATCH, &format!("/_apis/wit/workitems/{id}"), steps).await.ok();
}

/// Three marked items: ann's bug, ben's task with an estimate, and an unassigned story.
async fn marked(app: &App) -> [u64; 3] {
    let number = |item: Value| item["id"].as_u64().expect("a number");
    let bug = app
        .item(
            "Storefront/Bug",
            &[
                ("System.Title", json!("Payment fails on the basket page")),
                ("System.AssignedTo", json!("ann@acme.example")),
                ("System.Tags", json!("mark; urgent")),
                ("System.AreaPath", json!("Storefront\\Checkout")),
                ("Microsoft.VSTS.TCM.ReproSteps", json!("<p>Open the <b>basket</b>.</p>")),
                ("Microsoft.VSTS.Common.Priority", json!(1)),
            ],
        )
        .await;
    let task = app
        .item(
            "Storefront/Task",
            &[
                ("System.Title", json!("Write it down, it's late")),
                ("System.AssignedTo", json!("ben@acme.example")),
                ("System.Tags", json!("mark; urgently")),
                ("System.IterationPath", json!("Storefront\\Sprint 5")),
                ("Microsoft.VSTS.Scheduling.RemainingWork", json!(2.5)),
                ("Microsoft.VSTS.Scheduling.OriginalEstimate", json!(4)),
            ],
        )
        .await;
    let story = app
        .item(
            "Storefront/User%20Story",
            &[("System.Title", json!("Later")), ("System.Tags", json!("mark"))],
        )
        .await;
    [number(bug), number(task), number(story)]
}

#[tokio::test]
async fn texts_numbers_and_lists_are_compared_whatever_the_case() {
    let app = App::start().await;
    let [bug, task, story] = marked(&app).await;
    for (condition, expected) in [
        ("[System.WorkItemType] = 'bug'", vec![bug]),
        ("[Work Item Type] <> \"Bug\"", vec![task, story]),
        ("System.Title CONTAINS 'BASKET'", vec![bug]),
        ("[System.Title] = 'write it down, it''s late'", vec![task]),
        ("NOT [System.Title] CONTAINS 'a'", vec![]),
        ("[System.Title] CONTAINS WORDS 'fail* page'", vec![bug]),
        ("[System.WorkItemType] IN ('Bug', 'User Story')", vec![bug, story]),
        ("[System.WorkItemType] NOT IN ('Bug', 'User Story')", vec![task]),
        ("[Microsoft.VSTS.Scheduling.RemainingWork] > 2", vec![task]),
        ("[Microsoft.VSTS.Scheduling.RemainingWork] <= 2.5", vec![task]),
        ("[Microsoft.VSTS.Scheduling.RemainingWork] = ''", vec![bug, story]),
        ("[Remaining Work] < [Original Estimate]", vec![task]),
        ("[Microsoft.VSTS.Common.Priority] = 1", vec![bug]),
        ("[System.Tags] CONTAINS 'urgent'", vec![bug]),
        ("[System.Tags] NOT CONTAINS 'urgent'", vec![task, story]),
        ("[Microsoft.VSTS.TCM.ReproSteps] CONTAINS WORDS 'basket open'", vec![bug]),
        ("[Microsoft.VSTS.TCM.ReproSteps] IS EMPTY", vec![task, story]),
        ("[Microsoft.VSTS.TCM.ReproSteps] IS NOT EMPTY", vec![bug]),
        ("[System.WorkItemType] IN GROUP 'Microsoft.RequirementCategory'", vec![story]),
        ("[System.WorkItemType] = [Any]", vec![bug, task, story]),
        ("[System.CommentCount] = 0 AND [System.Rev] = 1", vec![bug, task, story]),
    ] {
        assert_eq!(find(&app, "", condition).await, expected, "{condition}");
    }
}

#[tokio::test]
async fn and_binds_tighter_than_or_and_parentheses_tighter_than_both() {
    let app = App::start().await;
    let [bug, task, story] = marked(&app).await;
    let [b, t, s] =
        ["Bug", "Task", "User Story"].map(|one| format!("[System.WorkItemType]='{one}'"));
    for (condition, expected) in [
        (format!("{b} OR {t} AND {s}"), vec![bug]),
        (format!("({b} or {t}) and not {b}"), vec![task]),
        (format!("NOT ({b} OR {t})"), vec![story]),
        (format!("NOT NOT {b}"), vec![bug]),
    ] {
        assert_eq!(find(&app, "", &condition).await, expected, "{condition}");
    }
}

#[tokio::test]
async fn people_are_found_by_name_address_group_and_as_oneself() {
    let app = App::start().await;
    let [bug, task, story] = marked(&app).await;
    for (condition, expected) in [
        ("[System.AssignedTo] = @Me", vec![bug]),
        ("[System.AssignedTo] <> @me", vec![task, story]),
        ("[System.AssignedTo] = 'Ben Baker'", vec![task]),
        ("[System.AssignedTo] = 'Ben Baker <ben@acme.example>'", vec![task]),
        ("[System.AssignedTo] IN (@Me, 'ben@acme.example')", vec![bug, task]),
        ("[System.AssignedTo] = ''", vec![story]),
        ("[System.AssignedTo] = 'nobody@acme.example'", vec![]),
        ("[System.AssignedTo] CONTAINS 'arch'", vec![bug]),
        ("[System.AssignedTo] IN GROUP '[Storefront]\\Storefront Team'", vec![bug, task]),
        (
            "[System.AssignedTo] NOT IN GROUP '[Storefront]\\Project Administrators'",
            vec![task, story],
        ),
    ] {
        assert_eq!(find(&app, "", condition).await, expected, "{condition}");
    }
}

#[tokio::test]
async fn trees_projects_and_the_current_iteration_are_known_by_their_place() {
    let app = App::start().await;
    let [bug, task, story] = marked(&app).await;
    let team = "/Storefront/Storefront Team";
    for (place, condition, expected) in [
        ("", "[System.AreaPath] UNDER 'Storefront\\checkout'", vec![bug]),
        ("", "[System.AreaPath] NOT UNDER 'Storefront\\Checkout'", vec![task, story]),
        ("", "[System.AreaPath] = 'Storefront'", vec![task, story]),
        ("", "[System.AreaLevel2] = 'Checkout'", vec![bug]),
        ("/Storefront", "[System.TeamProject] = @project", vec![bug, task, story]),
        ("/Fulfilment", "[System.TeamProject] = @Project", vec![]),
        // The project of the address does not narrow a query that does not ask for it.
        ("/Fulfilment", "[System.Id] > 0", vec![bug, task, story]),
        (team, "[System.IterationPath] = @CurrentIteration", vec![task]),
        (team, "[System.IterationPath] = @CurrentIteration + 1", vec![]),
        (
            "",
            "[System.IterationPath] UNDER @CurrentIteration('[Storefront]\\Storefront Team')",
            vec![task],
        ),
        (team, "[System.AreaPath] = @TeamAreas", vec![bug, task, story]),
        ("", "[System.Id] IN (@MyRecentActivity)", vec![bug, task, story]),
        ("", "[System.Id] IN (@Follows)", vec![]),
    ] {
        assert_eq!(find(&app, place, condition).await, expected, "{place} {condition}");
    }
    let without =
        "SELECT [System.Id] FROM WorkItems WHERE [System.IterationPath] = @CurrentIteration";
    assert!(refusal(&app, "/Storefront", without).await.contains("VS402612"));
    let nowhere = "SELECT [System.Id] FROM WorkItems WHERE [System.AreaPath] UNDER 'Nowhere'";
    assert!(refusal(&app, "", nowhere).await.contains("TF51011: The specified area path"));
    let no_project = "SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project";
    refusal(&app, "", no_project).await;
}

#[tokio::test]
async fn dates_count_by_the_day_unless_time_precision_is_asked_for() {
    // The clock of the tests begins on Monday, 21 September 2026, at 14:13:20.
    let app = App::start().await;
    let [bug, task, story] = marked(&app).await;
    let all = vec![bug, task, story];
    for (condition, expected) in [
        ("[System.CreatedDate] = @Today", all.clone()),
        ("[System.CreatedDate] >= @Today - 1", all.clone()),
        ("[System.CreatedDate] > @Today", vec![]),
        ("[System.CreatedDate] = '2026-09-21'", all.clone()),
        ("[System.CreatedDate] <= '9/21/2026'", all.clone()),
        ("[System.CreatedDate] < '2026-09-21T00:00:00Z'", vec![]),
        ("[System.CreatedDate] >= @StartOfWeek", all.clone()),
        ("[System.CreatedDate] >= @StartOfWeek('+2d')", vec![]),
        (
            "[System.CreatedDate] >= @StartOfMonth AND [System.CreatedDate] < @StartOfMonth + 1",
            all.clone(),
        ),
        ("[System.CreatedDate] >= @StartOfYear('-1y')", all.clone()),
        ("[Microsoft.VSTS.Common.ClosedDate] < @Today", vec![]),
    ] {
        assert_eq!(find(&app, "", condition).await, expected, "{condition}");
    }
    let precise = "?timePrecision=true";
    let after = "[System.CreatedDate] > '2026-09-21T14:13:20Z'";
    assert_eq!(find(&app, precise, after).await, Vec::<u64>::new());
    let since = "[System.CreatedDate] >= '2026-09-21T14:13:20Z'";
    assert_eq!(find(&app, precise, since).await, all);
    let query = format!("SELECT [System.Id] FROM WorkItems WHERE {since}");
    let told = refusal(&app, "", &query).await;
    assert!(told.contains("You cannot supply a time with the date"), "{told}");
}

#[tokio::test]
async fn the_past_can_be_asked() {
    let app = App::start().await;
    let [bug, task, _] = marked(&app).await;
    let before = app.clock.now().to_rfc3339();
    set(&app, bug, "System.State", json!("Active")).await;
    set(&app, bug, "System.State", json!("Resolved")).await;
    set(&app, task, "System.AssignedTo", json!("ann@acme.example")).await;
    for (condition, expected) in [
        ("EVER [System.State] = 'Active'", vec![bug]),
        ("[System.State] WAS EVER 'Active'", vec![bug]),
        ("EVER ([System.AssignedTo] = 'Ben Baker')", vec![task]),
        (
            "NOT EVER [System.AssignedTo] = 'ben@acme.example' AND [System.AssignedTo] = @Me",
            vec![bug],
        ),
    ] {
        assert_eq!(find(&app, "", condition).await, expected, "{condition}");
    }
    let query = format!(
        "SELECT [System.Id] FROM WorkItems WHERE [System.Tags] CONTAINS 'mark' AND [System.State] = 'New' AND [System.WorkItemType] = 'Bug' ASOF '{before}'"
    );
    let body = ask(&app, "", &query).await.ok();
    assert_eq!((ids(&body), &body["asOf"]), (vec![bug], &json!(before)));
}

#[tokio::test]
async fn rows_come_in_the_order_asked_for_and_only_as_many() {
    let app = App::start().await;
    let [bug, task, story] = marked(&app).await;
    let ordered = async |order: &str, place: &str| {
        let query = format!(
            "SELECT [System.Id], [Title] FROM WorkItems WHERE [System.Tags] CONTAINS 'mark' ORDER BY {order}"
        );
        ids(&ask(&app, place, &query).await.ok())
    };
    assert_eq!(ordered("[System.Title]", "").await, [story, bug, task]);
    assert_eq!(ordered("[System.Title] desc", "").await, [task, bug, story]);
    let by_two = "[System.AssignedTo] asc, [System.Id] desc";
    assert_eq!(ordered(by_two, "").await, [story, bug, task]);
    assert_eq!(ordered("[System.Id]", "?$top=2").await, [bug, task]);
}

#[tokio::test]
async fn an_answer_tells_its_columns_and_only_ids() {
    let app = App::start().await;
    let query = "SELECT [System.Id], Title FROM workitems WHERE [System.Id] = 1 ORDER BY [Created Date] DESC";
    let body = ask(&app, "", query).await.ok();
    assert_eq!(
        (&body["queryType"], &body["queryResultType"]),
        (&json!("flat"), &json!("workItem"))
    );
    assert_eq!(body["columns"][1]["referenceName"], "System.Title");
    assert_eq!(body["sortColumns"][0]["descending"], true);
    let url = format!("{}/acme/_apis/wit/workItems/1", app.origin());
    assert_eq!(body["workItems"], json!([{ "id": 1, "url": url }]));
}

#[tokio::test]
async fn deleted_items_are_found_only_by_those_who_ask_for_them() {
    let app = App::start().await;
    let [bug, ..] = marked(&app).await;
    let path = format!("/acme/_apis/wit/workitems/{bug}?api-version=7.1");
    app.call(Method::DELETE, path).pat("ann", "acme").send().await.ok();
    assert_eq!(find(&app, "", "[System.WorkItemType] = 'Bug'").await, Vec::<u64>::new());
    assert_eq!(find(&app, "", "[System.IsDeleted] = true").await, [bug]);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_what_is_to_blame() {
    let app = App::start().await;
    for (query, told) in [
        (
            "SELECT [X.Y] FROM WorkItems",
            "TF51005: The query references a field that does not exist. The error is caused by «[X.Y]».",
        ),
        ("SELECT [System.Id] FROM WorkItems WHERE [No Such] = 1", "«[No Such]»"),
        ("SELECT [System.Id] WHERE [System.Id] = 1", "TF51006"),
        ("SELECT [System.Id] FROM Items", "Expecting WorkItems or WorkItemLinks"),
        ("[System.Id]", "Expecting SELECT"),
        ("SELECT [System.Id] FROM WorkItems WHERE", "the end of the query"),
        ("SELECT [System.Id] FROM WorkItems WHERE [System.Id] = 'x'", "not of the type"),
        ("SELECT [System.Id] FROM WorkItems WHERE [System.Description] = 'x'", "operator"),
        (
            "SELECT [System.Id] FROM WorkItems WHERE EVER [System.AreaPath] = 'Storefront'",
            "Was Ever",
        ),
        ("SELECT [System.Id] FROM WorkItems WHERE [System.Id] = @Me", "macro"),
        ("SELECT [System.Id] FROM WorkItems WHERE [System.Id] = @Nothing", "no such macro"),
        ("SELECT [System.Id] FROM WorkItems WHERE [System.Id] = 1 rubbish", "Expecting the end"),
        ("SELECT [System.Id] FROM WorkItems WHERE [System.AssignedTo] IN GROUP 'x\\y'", "group"),
        ("SELECT [System.Id] FROM WorkItems MODE (MayContain)", "links only"),
    ] {
        let refusal = refusal(&app, "", query).await;
        assert!(
            refusal.contains("WorkItemTrackingQueryException") && refusal.contains(told),
            "{query}: {refusal}"
        );
    }
    let deep = format!(
        "SELECT [System.Id] FROM WorkItems WHERE {}[System.Id] = 1{}",
        "(".repeat(200),
        ")".repeat(200)
    );
    refusal(&app, "", &deep).await;
    let long = format!(
        "SELECT [System.Id] FROM WorkItems WHERE [System.Title] = '{}'",
        "x".repeat(32_000)
    );
    assert!(refusal(&app, "", &long).await.contains("32000"));
}

#[tokio::test]
async fn more_than_twenty_thousand_rows_are_an_error_and_never_cut_off() {
    let app = App::start().await;
    let order = BulkOrder {
        organization: "acme".to_owned(),
        project: "Office Move".to_owned(),
        item_type: "Task".to_owned(),
        count: 20_001,
    };
    let (first, last) = app.world().add_work_items(&order).expect("they are made");
    assert_eq!(last - first, 20_000);
    let query = format!("SELECT [System.Id] FROM WorkItems WHERE [System.Id] >= {first}");
    let refused = refusal(&app, "", &query).await;
    assert_eq!(
        refused,
        "400 WorkItemTrackingQueryResultSizeLimitExceededException: VS402337: The number of work items returned exceeds the size limit of 20000. Change the query to return fewer items."
    );
    let query = format!("SELECT [System.Id] FROM WorkItems WHERE [System.Id] > {first}");
    assert_eq!(ids(&ask(&app, "", &query).await.ok()).len(), 20_000);
}
