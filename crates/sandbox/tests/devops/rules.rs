//! Rules of work item types: every one that is broken is named.

use http::Method;
use serde_json::{Value, json};

use crate::app::{Answer, App};

async fn create(app: &App, item_type: &str, fields: Value) -> Answer {
    let steps: Vec<Value> = fields
        .as_object()
        .expect("fields")
        .iter()
        .map(|(name, value)| json!({ "op": "add", "path": format!("/fields/{name}"), "value": value }))
        .collect();
    let path = format!("/Storefront/_apis/wit/workItems/${item_type}");
    app.ann_patches(Method::POST, &path, json!(steps)).await
}

#[tokio::test]
async fn an_item_without_a_title_is_refused_with_the_field_in_the_details() {
    let app = App::start().await;
    let answer = create(&app, "Task", json!({ "System.Description": "x" })).await;
    let body = answer.json();
    assert_eq!(
        body,
        json!({
            "$id": "1",
            "innerException": null,
            "message": "TF401320: Rule Error for field Title. Error code: Required, InvalidEmpty.",
            "typeName": "Microsoft.TeamFoundation.WorkItemTracking.Server.RuleValidationException, Microsoft.TeamFoundation.WorkItemTracking.Server",
            "typeKey": "RuleValidationException",
            "errorCode": 0,
            "eventId": 3200,
            "customProperties": {
                "FieldReferenceName": null,
                "FieldStatusFlags": "none",
                "ErrorMessage": "TF401320: Rule Error for field Title. Error code: Required, InvalidEmpty.",
                "FieldStatusCode": 0,
                "RuleValidationErrors": [{
                    "fieldReferenceName": "System.Title",
                    "fieldStatusFlags": "required, invalidEmpty",
                    "errorMessage": "TF401320: Rule Error for field Title. Error code: Required, InvalidEmpty.",
                    "fieldStatusCode": 524_289,
                    "ruleValidationErrors": null,
                }],
            },
        })
    );
}

#[tokio::test]
async fn all_broken_rules_are_told_at_once() {
    let app = App::start().await;
    let fields = json!({
        "Microsoft.VSTS.Common.Priority": 9,
        "Microsoft.VSTS.Common.Activity": "Sleeping",
        "System.State": "Closed",
    });
    let body = create(&app, "Task", fields).await.json();
    let message = body["message"].as_str().expect("a sentence");
    assert!(message.ends_with("3 additional errors occurred during validation of the work item."));
    let errors = body["customProperties"]["RuleValidationErrors"].as_array().expect("a list");
    let mut told: Vec<(&str, &str)> = errors
        .iter()
        .map(|error| {
            let text = |name: &str| error[name].as_str().expect("text");
            (text("fieldReferenceName"), text("fieldStatusFlags"))
        })
        .collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            ("Microsoft.VSTS.Common.Activity", "hasValues, limitedToValues, invalidListValue"),
            (
                "Microsoft.VSTS.Common.Priority",
                "required, hasValues, limitedToValues, invalidListValue"
            ),
            ("System.State", "hasValues, limitedToValues, allowsOldValue, invalidListValue"),
            ("System.Title", "required, invalidEmpty"),
        ]
    );
}

#[tokio::test]
async fn only_allowed_transitions_are_taken() {
    let app = App::start().await;
    let story = app.item("Storefront/User%20Story", &[("System.Title", json!("x"))]).await;
    let path = format!("/_apis/wit/workitems/{}", story["id"]);
    let go = |state: &str| {
        let steps = json!([{ "op": "add", "path": "/fields/System.State", "value": state }]);
        app.ann_patches(Method::PATCH, &path, steps)
    };
    go("Removed").await.ok();
    assert_eq!(
        go("Closed").await.refusal(),
        "400 RuleValidationException: TF401320: Rule Error for field State. Error code: HasValues, \
         LimitedToValues, AllowsOldValue, InvalidListValue."
    );
    go("New").await.ok();
    go("Closed").await.ok();
    assert_eq!(go("Doing").await.status, 400);
}

#[tokio::test]
async fn a_required_field_of_a_customers_process_is_demanded() {
    let app = App::start().await;
    let steps = |tier: Option<&str>| {
        let title = json!({ "op": "add", "path": "/fields/System.Title", "value": "x" });
        let tier = tier.map(
            |tier| json!({ "op": "add", "path": "/fields/Custom.CustomerTier", "value": tier }),
        );
        json!([Some(title), tier].into_iter().flatten().collect::<Vec<_>>())
    };
    let create = |tier: Option<&str>| {
        let call =
            app.call(Method::POST, "/globex/Helpdesk/_apis/wit/workItems/$Bug?api-version=7.1");
        call.pat("ben", "globex").patch(&steps(tier)).send()
    };
    assert_eq!(
        create(None).await.refusal(),
        "400 RuleValidationException: TF401320: Rule Error for field Customer Tier. Error code: \
         Required, HasValues, LimitedToValues, InvalidEmpty."
    );
    assert_eq!(create(Some("Tin")).await.status, 400);
    assert_eq!(create(Some("Gold")).await.ok()["fields"]["Custom.CustomerTier"], "Gold");
}

#[tokio::test]
async fn fields_that_the_service_keeps_cannot_be_written() {
    let app = App::start().await;
    let fields = json!({ "System.Title": "x", "System.CreatedDate": "2020-01-01" });
    assert_eq!(
        create(&app, "Task", fields).await.refusal(),
        "400 RuleValidationException: TF401326: Invalid field status 'ReadOnly' for field \
         'System.CreatedDate'."
    );
}

#[tokio::test]
async fn a_field_that_does_not_exist_or_that_the_type_does_not_have_is_refused() {
    let app = App::start().await;
    for field in ["Nothing", "Custom.CustomerTier"] {
        let answer = create(&app, "Task", json!({ "System.Title": "x", field: "y" })).await;
        assert_eq!(
            answer.refusal(),
            format!(
                "400 WorkItemTrackingFieldDefinitionNotFoundException: TF51535: Cannot find field \
                 {field}."
            )
        );
    }
}

#[tokio::test]
async fn a_path_must_be_in_the_tree_without_slashes_in_front_or_the_level_called_area() {
    let app = App::start().await;
    let good = create(
        &app,
        "Task",
        json!({ "System.Title": "x", "System.AreaPath": "storefront\\checkout" }),
    );
    assert_eq!(good.await.ok()["fields"]["System.AreaPath"], "Storefront\\Checkout");
    for path in [
        "\\Storefront\\Checkout",
        "Storefront/Checkout",
        "Storefront\\Area\\Checkout",
        "Fulfilment",
    ] {
        let fields = json!({ "System.Title": "x", "System.AreaPath": path });
        assert_eq!(
            create(&app, "Task", fields).await.refusal(),
            "400 WorkItemFieldInvalidTreeNameException: TF401347: Invalid tree name given for work \
             item -1, field 'System.AreaPath'.",
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_type_that_the_project_does_not_have_is_404() {
    let app = App::start().await;
    let answer = create(&app, "Impediment", json!({ "System.Title": "x" })).await;
    assert!(answer.refusal().starts_with("404 WorkItemTypeNotFoundException: VS402323: "));
}

#[tokio::test]
async fn a_refusal_that_quotes_a_long_value_can_still_be_sent() {
    let app = App::start().await;
    let fields = json!({ "System.Title": "x", "System.AssignedTo": "nobody ".repeat(20_000) });
    let answer = create(&app, "Task", fields).await;
    assert_eq!(answer.json()["typeKey"], "RuleValidationException");
    assert!(answer.header("x-tfs-serviceerror").len() < 2_000);
}
