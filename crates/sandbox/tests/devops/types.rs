//! Work item types, their fields, states and categories, and the fields of the organization.

use http::StatusCode;
use serde_json::{Value, json};

use crate::app::App;

fn names(body: &Value) -> Vec<&str> {
    let list = body["value"].as_array().expect("a list");
    list.iter().map(|one| one["name"].as_str().expect("a name")).collect()
}

#[tokio::test]
async fn every_process_has_its_types() {
    let app = App::start().await;
    for (project, types) in [
        ("Storefront", &["Epic", "Feature", "User Story", "Task", "Bug", "Issue", "Test Case"][..]),
        (
            "Fulfilment",
            &["Epic", "Feature", "Product Backlog Item", "Task", "Bug", "Impediment", "Test Case"],
        ),
        ("Office Move", &["Epic", "Issue", "Task", "Test Case"]),
    ] {
        let body = app.ann_gets(&format!("/{project}/_apis/wit/workitemtypes")).await.ok();
        assert_eq!(names(&body), types);
    }
}

#[tokio::test]
async fn a_type_tells_its_states_and_which_may_follow_which() {
    let app = App::start().await;
    let body = app.ann_gets("/Storefront/_apis/wit/workitemtypes/user story").await.ok();
    assert_eq!(body["referenceName"], "Microsoft.VSTS.WorkItemTypes.UserStory");
    assert_eq!(body["transitions"][""], json!([{ "to": "New", "actions": null }]));
    assert_eq!(
        body["transitions"]["Removed"],
        json!([{ "to": "Removed", "actions": null }, { "to": "New", "actions": null }])
    );
    let states = app.ann_gets("/Storefront/_apis/wit/workitemtypes/Bug/states").await.ok();
    assert_eq!(
        states["value"],
        json!([
            { "name": "New", "color": "b2b2b2", "category": "Proposed" },
            { "name": "Active", "color": "007acc", "category": "InProgress" },
            { "name": "Resolved", "color": "ff9d00", "category": "Resolved" },
            { "name": "Closed", "color": "339933", "category": "Completed" },
        ])
    );
}

#[tokio::test]
async fn a_type_that_the_project_does_not_have_is_404() {
    let app = App::start().await;
    let project = app.ann_gets("/_apis/projects/Storefront").await.ok();
    let id = project["id"].as_str().expect("an id");
    assert_eq!(
        app.ann_gets("/Storefront/_apis/wit/workitemtypes/Impediment").await.refusal(),
        format!(
            "404 WorkItemTypeNotFoundException: VS402323: Work item type Impediment does not \
             exist in project {id} or you do not have permission to access it."
        )
    );
}

#[tokio::test]
async fn the_fields_of_a_type_tell_what_is_required_and_what_is_allowed() {
    let app = App::start().await;
    let plain = app.ann_gets("/Storefront/_apis/wit/workitemtypes/Bug/fields").await.ok();
    let field = |body: &Value, name: &str| {
        let list = body["value"].as_array().expect("a list").clone();
        list.into_iter().find(|one| one["referenceName"] == name).expect("the field")
    };
    assert_eq!(field(&plain, "System.Title")["alwaysRequired"], true);
    assert_eq!(field(&plain, "System.Title")["allowedValues"], Value::Null);
    for expand in ["all", "All", "3"] {
        let path = format!("/Storefront/_apis/wit/workitemtypes/Bug/fields?$expand={expand}");
        let body = app.ann_gets(&path).await.ok();
        let severity = field(&body, "Microsoft.VSTS.Common.Severity");
        assert_eq!(severity["defaultValue"], "3 - Medium");
        assert_eq!(
            severity["allowedValues"],
            json!(["1 - Critical", "2 - High", "3 - Medium", "4 - Low"])
        );
        let people = &field(&body, "System.AssignedTo")["allowedValues"];
        assert_eq!(people[0]["uniqueName"], "ann@acme.example");
        let state = field(&body, "System.State");
        assert_eq!(state["defaultValue"], "New");
        assert_eq!(state["dependentFields"][0]["referenceName"], "System.Reason");
    }
    let one = "/Storefront/_apis/wit/workitemtypes/Bug/fields/Priority?$expand=allowedValues";
    assert_eq!(app.ann_gets(one).await.ok()["allowedValues"], json!(["1", "2", "3", "4"]));
    let none = "/Storefront/_apis/wit/workitemtypes/Task/fields/Custom.CustomerTier";
    assert_eq!(app.ann_gets(none).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_customers_own_process_requires_a_custom_field() {
    let app = App::start().await;
    let path = "/globex/Helpdesk/_apis/wit/workitemtypes/Bug/fields/Customer Tier?$expand=all";
    let field = app.get(path).pat("ben", "globex").send().await.ok();
    assert_eq!(field["referenceName"], "Custom.CustomerTier");
    assert_eq!(field["alwaysRequired"], true);
    assert_eq!(field["allowedValues"], json!(["Bronze", "Silver", "Gold"]));
}

#[tokio::test]
async fn categories_group_the_types_of_a_process() {
    let app = App::start().await;
    let body = app.ann_gets("/Fulfilment/_apis/wit/workitemtypecategories").await.ok();
    let requirement = "/Fulfilment/_apis/wit/workitemtypecategories/Microsoft.RequirementCategory";
    let one = app.ann_gets(requirement).await.ok();
    assert_eq!(one["defaultWorkItemType"]["name"], "Product Backlog Item");
    assert!(body["value"].as_array().expect("a list").contains(&one));
    let missing = app.ann_gets("/Fulfilment/_apis/wit/workitemtypecategories/Nothing").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn fields_are_found_by_reference_name_and_by_name() {
    let app = App::start().await;
    let body = app.ann_gets("/_apis/wit/fields").await.ok();
    assert!(names(&body).contains(&"Story Points"));
    for name in ["System.IterationPath", "Iteration Path", "iteration path"] {
        let field = app.ann_gets(&format!("/_apis/wit/fields/{name}")).await.ok();
        assert_eq!(field["referenceName"], "System.IterationPath");
        assert_eq!(field["type"], "treePath");
    }
    assert_eq!(
        app.ann_gets("/_apis/wit/fields/Nothing").await.refusal(),
        "404 WorkItemTrackingFieldDefinitionNotFoundException: TF51535: Cannot find field Nothing."
    );
}
