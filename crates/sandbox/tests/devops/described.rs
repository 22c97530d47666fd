//! Answers are what Microsoft's descriptions say they are.

use http::Method;
use serde_json::{Value, json};

use crate::app::App;
use crate::description::Description;

#[tokio::test]
async fn projects_and_teams_answer_as_described() {
    let app = App::start().await;
    let core = Description::read("core");
    for (operation, path) in [
        ("Projects_List", "/_apis/projects"),
        ("Projects_Get", "/_apis/projects/Storefront?includeCapabilities=true"),
        ("Teams_Get Teams", "/_apis/projects/Storefront/teams"),
        ("Teams_Get", "/_apis/projects/Storefront/teams/Checkout Crew"),
        (
            "Teams_Get Team Members With Extended Properties",
            "/_apis/projects/Storefront/teams/Checkout Crew/members",
        ),
        ("Teams_Get All Teams", "/_apis/teams"),
        ("Processes_List", "/_apis/process/processes"),
        ("Processes_Get", "/_apis/process/processes/adcc42ab-9882-485e-a3ed-7678f01f66bc"),
    ] {
        let body = app.ann_gets(path).await.ok();
        assert_eq!(core.faults(operation, &body), Vec::<String>::new(), "{operation}");
    }
}

#[tokio::test]
async fn profiles_and_accounts_answer_as_described() {
    let app = App::start().await;
    let token = app.token("ben", "vso.profile").await;
    let me = app.get("/_apis/profile/profiles/me").bearer(&token).send().await.ok();
    assert_eq!(Description::read("profile").faults("Profiles_Get", &me), Vec::<String>::new());
    let id = me["id"].as_str().expect("an id");
    let target = format!("/_apis/accounts?memberId={id}");
    let accounts = app.get(target).bearer(&token).send().await.ok();
    let faults = Description::read("accounts").faults("Accounts_List", &accounts);
    assert_eq!(faults, Vec::<String>::new());
}

#[tokio::test]
async fn reads_of_work_item_tracking_answer_as_described() {
    let app = App::start().await;
    let tracking = Description::read("workItemTracking");
    let bug = "/Storefront/_apis/wit/workitemtypes/Bug";
    for (operation, path) in [
        ("Work Items_Get Work Item", "/_apis/wit/workitems/2?$expand=all".to_owned()),
        ("Work Items_List", "/_apis/wit/workitems?ids=1,2,3&$expand=all".to_owned()),
        ("Work Items_Get Work Item Template", "/Storefront/_apis/wit/workitems/$Bug".to_owned()),
        ("Revisions_List", "/_apis/wit/workitems/4/revisions".to_owned()),
        ("Revisions_Get", "/_apis/wit/workitems/4/revisions/1".to_owned()),
        ("Updates_List", "/_apis/wit/workitems/4/updates".to_owned()),
        ("Updates_Get", "/_apis/wit/workitems/4/updates/1".to_owned()),
        ("Work Item Types_List", "/Storefront/_apis/wit/workitemtypes".to_owned()),
        ("Work Item Types_Get", bug.to_owned()),
        ("Work Item Types Field_List", format!("{bug}/fields?$expand=all")),
        ("Work Item Types Field_Get", format!("{bug}/fields/System.State?$expand=all")),
        ("Work Item Type States_List", format!("{bug}/states")),
        (
            "Work Item Type Categories_List",
            "/Storefront/_apis/wit/workitemtypecategories".to_owned(),
        ),
        (
            "Work Item Type Categories_Get",
            "/Storefront/_apis/wit/workitemtypecategories/Microsoft.BugCategory".to_owned(),
        ),
        (
            "Reporting Work Item Revisions_Read Reporting Revisions Get",
            "/_apis/wit/reporting/workitemrevisions?$maxPageSize=200".to_owned(),
        ),
        ("Tags_List", "/Storefront/_apis/wit/tags".to_owned()),
        ("Fields_List", "/_apis/wit/fields".to_owned()),
        ("Fields_Get", "/_apis/wit/fields/System.Title".to_owned()),
        ("Work Item Relation Types_List", "/_apis/wit/workitemrelationtypes".to_owned()),
        (
            "Work Item Relation Types_Get",
            "/_apis/wit/workitemrelationtypes/System.LinkTypes.Related".to_owned(),
        ),
    ] {
        let body = app.ann_gets(&path).await.ok();
        assert_eq!(tracking.faults(operation, &body), Vec::<String>::new(), "{operation}");
    }
}

#[tokio::test]
async fn writes_of_work_item_tracking_answer_as_described() {
    let app = App::start().await;
    let tracking = Description::read("workItemTracking");
    let check = |operation: &str, body: Value| {
        assert_eq!(tracking.faults(operation, &body), Vec::<String>::new(), "{operation}");
    };
    let step = |field: &str, value: &str| json!({ "op": "add", "path": format!("/fields/{field}"), "value": value });
    let steps = json!([step("System.Title", "x"), step("System.AssignedTo", "ann@acme.example")]);
    let item =
        app.ann_patches(Method::POST, "/Storefront/_apis/wit/workItems/$Task", steps).await.ok();
    let path = format!("/_apis/wit/workitems/{}", item["id"]);
    let id = item["id"].clone();
    check("Work Items_Create", item);
    let steps = json!([step("System.History", "y")]);
    check("Work Items_Update", app.ann_patches(Method::PATCH, &path, steps).await.ok());
    let call = |method: Method, path: &str| {
        app.call(method, format!("/acme{path}?api-version=7.1")).pat("ann", "acme")
    };
    let batch = call(Method::POST, "/_apis/wit/workitemsbatch").json(&json!({ "ids": [1, id] }));
    check("Work Items_Get Work Items Batch", batch.send().await.ok());
    for text in [
        "SELECT [System.Id] FROM WorkItems WHERE [System.Id] < 9 ORDER BY [System.Id]",
        "SELECT [System.Id] FROM WorkItemLinks WHERE [Source].[System.Id] < 9",
    ] {
        let wiql = call(Method::POST, "/_apis/wit/wiql").json(&json!({ "query": text }));
        check("Wiql_Query By Wiql", wiql.send().await.ok());
    }
    let feed = call(Method::POST, "/_apis/wit/reporting/workitemrevisions")
        .json(&json!({ "fields": ["System.Title"], "includeDeleted": true }));
    let operation = "Reporting Work Item Revisions_Read Reporting Revisions Post";
    check(operation, feed.send().await.ok());
    check("Work Items_Delete", call(Method::DELETE, &path).send().await.ok());
    let bin = format!("/_apis/wit/recyclebin/{id}");
    check("Recyclebin_Get", app.ann_gets(&bin).await.ok());
    let shallow = app.ann_gets("/_apis/wit/recyclebin").await.ok();
    check("Recyclebin_Get Deleted Work Item Shallow References", shallow);
    let listed = app.ann_gets(&format!("/_apis/wit/recyclebin?ids={id}")).await.ok();
    check("Recyclebin_Get Deleted Work Items", listed);
    let restore = call(Method::PATCH, &bin).json(&json!({ "isDeleted": false }));
    check("Recyclebin_Restore Work Item", restore.send().await.ok());
    let several = call(Method::POST, "/_apis/wit/workitemsdelete").json(&json!({ "ids": [1, 2] }));
    check("Work Items_Delete Work Items", several.send().await.ok());
    let upload =
        call(Method::POST, "/_apis/wit/attachments").body("application/octet-stream", "hi");
    check("Attachments_Create", upload.send().await.json());
}

#[test]
fn a_wrong_answer_is_found() {
    let core = Description::read("core");
    let wrong = json!({ "count": 2, "value": [{ "id": "x", "state": "odd", "nmae": "y" }] });
    assert_eq!(core.faults("Projects_List", &wrong).len(), 4);
}
