use std::time::Duration;

use connectors::descriptor::Choice;
use connectors::source::Page;
use serde_json::{Value, json};

use crate::app::{App, PROJECT};

fn values(choices: &[Choice]) -> Vec<&str> {
    choices.iter().map(|choice| choice.value.as_str()).collect()
}

#[tokio::test]
async fn every_list_of_a_form_is_filled_from_the_account() {
    let app = App::start().await;
    let of_project = json!({ "project": PROJECT });
    let of_type = json!({ "project": PROJECT, "type": "Bug" });
    let mut lists = serde_json::Map::new();
    for (key, inputs) in [
        ("projects", json!({})),
        ("work_item_types", of_project.clone()),
        ("states", of_type.clone()),
        ("areas", of_project.clone()),
        ("iterations", of_project.clone()),
        ("people", of_project.clone()),
        ("tags", of_project.clone()),
        ("queries", of_project.clone()),
    ] {
        let choices = app.choices(key, inputs, "").await;
        assert!(!choices.is_empty(), "{key}");
        let shown = choices.iter().map(|choice| match (&choice.subtitle, key) {
            // Ids are made anew for each sandbox.
            (Some(path), "queries") => json!(path),
            (Some(subtitle), _) => json!([choice.value, subtitle]),
            (None, _) => json!(choice.value),
        });
        lists.insert(key.to_owned(), shown.collect());
    }
    insta::assert_json_snapshot!(Value::Object(lists));
}

#[tokio::test]
async fn every_value_of_a_list_is_one_that_the_service_takes() {
    let app = App::start().await;
    let of_project = json!({ "project": PROJECT });
    let area = app.choices("areas", of_project.clone(), "checkout").await.remove(0);
    let iteration = app.choices("iterations", of_project.clone(), "").await.pop().unwrap();
    let person = app.choices("people", of_project.clone(), "ann").await.remove(0);
    let inputs = json!({
        "project": PROJECT, "type": "Task", "title": "Picked",
        "area": area.value, "iteration": iteration.value, "assigned_to": person.value,
    });
    let item = app.does("create_work_item", inputs).await;
    assert_eq!(item["fields"]["System.AreaPath"], area.value);
    assert_eq!(item["fields"]["System.IterationPath"], iteration.value);
    assert_eq!(item["fields"]["System.AssignedTo"]["displayName"], person.label);
}

#[tokio::test]
async fn the_fields_of_a_type_become_inputs() {
    let app = App::start().await;
    let inputs = json!({ "project": PROJECT, "type": "Bug" });
    let Page::Fields(fields) = app.loads("fields", inputs, "").await.unwrap() else {
        panic!("fields are inputs");
    };
    insta::assert_json_snapshot!(connectors::descriptor::form(&fields));
}

#[tokio::test]
async fn what_was_read_is_kept_for_a_while_and_searched_without_asking_again() {
    let app = App::start().await;
    let of_project = json!({ "project": PROJECT });
    app.requests();
    let all = app.choices("tags", of_project.clone(), "").await;
    let found = app.choices("tags", of_project.clone(), "CUSTOM").await;
    assert!(found.len() < all.len());
    assert_eq!(values(&found), ["customer"]);
    let with_more = json!({ "project": PROJECT, "title": "not read", "organization": "" });
    app.choices("tags", with_more, "").await;
    assert_eq!(app.requests().len(), 1);
    app.choices("tags", json!({ "project": PROJECT, "organization": "acme" }), "").await;
    assert_eq!(app.requests().len(), 1, "another organization is asked for itself");
    app.clock.advance(Duration::from_secs(301));
    app.choices("tags", of_project, "").await;
    assert_eq!(app.requests().len(), 1, "after its time it is read again");
}

#[tokio::test]
async fn a_list_that_needs_another_input_says_which() {
    let app = App::start().await;
    let error = app.loads("states", json!({ "project": null, "type": "" }), "").await.unwrap_err();
    assert_eq!(error.code(), "input_missing");
    assert_eq!(error.meta().unwrap()["missing"], json!(["project", "type"]));
    let inputs = json!({ "project": "Nowhere" });
    let error = app.loads("tags", inputs, "").await.unwrap_err();
    assert_eq!(error.code(), "project_not_found");
}
