//! What holds for every action and source of every connector.

use std::collections::BTreeSet;

use connectors::descriptor::{self, Field, Fields, Kind, Options};
use connectors::{Connector, catalogue};
use serde_json::{Value, json};

use crate::host::Host;
use crate::outside::Outside;

/// Every input of these fields, with its path.
fn all<'f>(before: &str, fields: &'f [Field], into: &mut Vec<(String, &'f Field)>) {
    for field in fields {
        let path = format!("{before}{}", field.key);
        into.push((path.clone(), field));
        within(&path, &field.kind, into);
    }
}

fn within<'f>(path: &str, kind: &'f Kind, into: &mut Vec<(String, &'f Field)>) {
    match kind {
        Kind::Object(Fields::Static(fields)) => all(&format!("{path}."), fields, into),
        Kind::Array { item, .. } => within(path, item, into),
        Kind::Map(value) => within(path, value, into),
        Kind::OneOf(variants) => {
            variants.iter().for_each(|one| all(&format!("{path}.{}.", one.key), &one.fields, into));
        }
        _ => {}
    }
}

fn with_code() -> Vec<Connector> {
    catalogue().unwrap().iter().filter(|one| !one.actions().is_empty()).cloned().collect()
}

#[test]
fn every_action_can_be_understood_by_people_and_agents() {
    for connector in with_code() {
        let (mut keys, mut tools) = (BTreeSet::new(), BTreeSet::new());
        for action in connector.actions() {
            let key = action.key;
            assert!(keys.insert(key), "{key} is there twice");
            assert!(tools.insert(action.tool_name), "{} is there twice", action.tool_name);
            let of_key = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            assert!(key.starts_with(|c: char| c.is_ascii_lowercase()) && key.chars().all(of_key));
            assert!(action.tool_name.len() <= 50, "{key}");
            assert!(action.tool_name.chars().all(|c| c.is_ascii_uppercase() || c == '_'), "{key}");
            assert!(!action.title.is_empty() && action.description.ends_with('.'), "{key}");
            assert!(action.output_sample.is_object(), "{key}");
            if let Some(pages) = action.pages {
                assert!(action.inputs.iter().any(|field| field.key == pages.cursor), "{key}");
                assert!(action.output_sample[pages.items].is_array(), "{key}");
                assert!(action.output_sample.get(pages.next).is_some(), "{key}");
            }
            let mut fields = Vec::new();
            all("", &action.inputs, &mut fields);
            for (path, field) in fields {
                assert!(!field.label.is_empty(), "{key} {path} has no label");
                assert!(field.hint.is_empty() || field.hint.ends_with('.'), "{key} {path}");
                if let Kind::Choice { options: Options::Static(choices), .. } = &field.kind {
                    assert!(choices.iter().all(|choice| !choice.label.is_empty()), "{key} {path}");
                }
            }
        }
    }
}

#[test]
fn every_source_that_is_named_is_there_and_reads_no_more_than_is_said() {
    for connector in with_code() {
        let mut used = BTreeSet::new();
        for action in connector.actions() {
            for use_of in descriptor::sources(&action.inputs) {
                let source = connector.source(use_of.key);
                let source = source.unwrap_or_else(|| panic!("there is no {}", use_of.key));
                for input in source.needs.iter().chain(source.uses) {
                    let named = use_of.depends_on.contains(input);
                    assert!(named, "{} {} reads {input}", action.key, source.key);
                }
                used.insert(source.key);
            }
        }
        let there: Vec<&str> = connector.sources().iter().map(|source| source.key).collect();
        assert_eq!(
            there.iter().collect::<BTreeSet<_>>().len(),
            there.len(),
            "a key is twice there"
        );
        for source in connector.sources() {
            assert!(!source.life.is_zero() && !source.title.is_empty(), "{}", source.key);
        }
    }
}

#[test]
fn agents_are_given_a_schema_of_each_action() {
    for connector in with_code() {
        for action in connector.actions() {
            insta::assert_json_snapshot!(format!("tool_{}", action.key), action.tool());
        }
    }
}

#[test]
fn the_four_actions_that_the_vendor_has_are_called_as_there() {
    let catalogue = catalogue().unwrap();
    let names: Vec<&str> =
        catalogue.get("azuredevops").unwrap().actions().iter().map(|one| one.tool_name).collect();
    for name in ["SEARCH_WORKITEMS", "CREATE_WORKITEM", "UPDATE_WORKITEM", "DELETE_WORKITEM"] {
        let name = format!("AZURE_DEVOPS_{name}");
        assert!(names.contains(&name.as_str()), "{name}");
    }
}

/// What is sent for these inputs.
fn examples(action: &str) -> Value {
    match action {
        "search_work_items" => json!({
            "project": "Web Shop",
            "query": { "kind": "filter", "groups": [
                { "conditions": [
                    { "field": "System.State", "operator": "<>", "value": "Closed" },
                    { "field": "System.AssignedTo", "value": "@Me" },
                ]},
                { "conditions": [{ "field": "System.Title", "operator": "contains", "value": "it's" }] },
            ]},
        }),
        "get_work_item" => json!({ "id": 42, "fields": ["System.Title", "System.State"] }),
        "create_work_item" => json!({
            "project": "Web Shop", "type": "User Story", "title": "A title", "state": "New",
            "description": "*Text*", "description_format": "markdown",
            "area": "/Web Shop/Area/Team", "tags": ["a", "b"], "parent": 7,
            "fields": { "Custom.Risk": "High", "Microsoft.VSTS.Common.Priority": 2 },
            "links": [{ "type": "related", "id": 8 }], "comment": "Hello",
            "bypass_rules": true, "suppress_notifications": true,
        }),
        "update_work_item" => json!({
            "id": 42, "title": "A title", "add_tags": ["a"], "parent": 7,
            "fields": { "Custom.Risk": "High" }, "comment": "Hello",
        }),
        "delete_work_item" => json!({ "id": 42, "destroy": true, "destroy_id": 42 }),
        "restore_work_item" => json!({ "id": 42, "organization": "globex" }),
        "add_comment" => json!({ "id": 42, "text": "**Hello**", "project": "Web Shop" }),
        other => panic!("{other} has no example here"),
    }
}

#[tokio::test]
async fn what_each_action_sends_is_known() {
    for connector in with_code() {
        let outside = Outside::playing(&connector.provider).await;
        let host = Host::with(&connector.provider, &outside).await;
        host.types("pat", &[("organization", "acme"), ("token", "the-token")]).await;
        for action in connector.actions() {
            outside.seen();
            host.does(action, &examples(action.key)).await;
            let seen = outside.seen().join("\n\n");
            insta::assert_snapshot!(format!("sent_{}", action.key), seen);
        }
    }
}
