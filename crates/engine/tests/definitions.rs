//! Definitions: what is read, and what is told of those that cannot be deployed.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

use std::collections::BTreeMap;
use std::path::Path;

use connectors::Catalogue;
use engine::definition::{Definition, Graph, Offered, Problem, Surroundings, check};
use serde_json::{Value, json};

/// Checks a document in a project that has Azure DevOps.
fn checked(document: &Value) -> Result<Definition, Vec<Problem>> {
    let catalogue = Catalogue::load(None, &[]).unwrap();
    let connector = catalogue.get("azuredevops").unwrap();
    let offered = Offered { connector, inputs: Vec::new() };
    check(document, &Surroundings { integrations: BTreeMap::from([("azuredevops", offered)]) })
}

/// What is told of a document, line by line.
fn told(document: &Value) -> Vec<String> {
    let problems = checked(document).expect_err("it has faults");
    problems.iter().map(|one| format!("{}: {}", one.path, one.message)).collect()
}

#[test]
fn definitions_that_were_stored_once_are_read_as_ever() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/definitions");
    let mut kinds = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let file = file.unwrap().path();
        let golden: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let read = Definition::read(&golden["document"]).unwrap_or_else(|problems| {
            panic!("{}: {problems:?}", file.display());
        });
        let written = serde_json::to_value(&read).unwrap();
        assert_eq!(written, golden["reads_as"], "{}", file.display());
        assert_eq!(Definition::read(&written).unwrap(), read, "what is written reads the same");
        kinds.push(read.trigger.kind());
        kinds.extend(read.steps.values().map(|step| step.kind.name()));
    }
    kinds.sort_unstable();
    kinds.dedup();
    let all = "action app_event conditional delay fan_out function integration \
               integration_enabled integration_request request response scheduler webhook";
    assert_eq!(kinds.join(" "), all, "every kind is there; a request is a trigger and a step");
}

#[test]
fn every_fault_is_told_with_its_place_at_once() {
    let document = json!({
        "key": "Sync", "name": " ", "surprise": 1, "integration": "azuredevops",
        "trigger": [{ "kind": "scheduler" }, { "kind": "request" }],
        "start": "search",
        "steps": {
            "search": { "kind": "action", "action": "create_work_item", "input": {}, "next": "wait" },
            "wait": { "kind": "delay", "amount": -1, "next": "search" },
            "lost": { "kind": "request", "url": 5 },
            "Odd": { "kind": "teleport" },
            "tell": { "kind": "request", "url": "https://a.example/{{ steps.gone.output }}" },
        },
        "portal": { "inputs": [{ "id": "a", "type": "SLIDER", "title": "A" }] },
    });
    let told = told(&document);
    let begins = |start: &str| told.iter().any(|line| line.starts_with(start));
    for start in [
        "key: A key is a letter",
        "name: A workflow needs a name",
        "surprise: There is no such member",
        "trigger: A workflow has exactly one trigger",
        "steps.search.input.project: ",
        "steps.wait.amount: A delay is a number from 0 on, at most 366 days.",
        "steps.wait.next: This leads back to \"search\"",
        "steps.lost: No step leads here",
        "steps.lost.url: Invalid type: integer `5`, expected a string.",
        "steps.tell.url: In `{{ steps.gone.output }}`: There is no step \"gone\" before this one",
        "steps.Odd.kind: Say what the step does",
        "portal.inputs[0].type: There is no such type",
    ] {
        assert!(begins(start), "{start} is not in\n{}", told.join("\n"));
    }
}

#[test]
fn what_does_not_go_together_is_told() {
    let document = json!({
        "key": "sync", "name": "Sync", "trigger": { "kind": "scheduler", "cron": "0 9 * * *" },
        "start": "search",
        "steps": {
            "search": { "kind": "action", "action": "search", "next": "each" },
            "each": { "kind": "fan_out", "items": 5, "each": "answer", "parallel": 0, "next": "gone" },
            "answer": { "kind": "response", "status": 99, "next": "tell" },
            "tell": { "kind": "request", "url": "ftp://a", "headers": { "a b": "c" },
                "authorization": { "kind": "bearer", "token": "" },
                "pagination": { "preset": "azure_devops", "limit": 0 }, "next": "run" },
            "run": { "kind": "function", "source": "" },
        },
        "portal": { "default_enabled": true, "inputs": [
            { "id": "a", "type": "ENUM", "title": "A", "required": true },
            { "id": "a", "type": "TEXT_NO_VARS", "title": "" },
        ] },
    });
    insta::assert_snapshot!(told(&document).join("\n"));
}

#[test]
fn an_unknown_action_and_an_unknown_integration_are_told_with_those_that_there_are() {
    let mut document = json!({
        "key": "sync", "name": "Sync", "integration": "azuredevops",
        "trigger": { "kind": "app_event", "event": "Task Created" },
        "start": "run", "steps": { "run": { "kind": "action", "action": "fly" } },
    });
    let line = told(&document).join("\n");
    assert!(line.starts_with("steps.run.action: There is no action \"fly\""), "{line}");
    assert!(line.contains("create_work_item"), "{line}");
    document["integration"] = json!("jira");
    let expected = "integration: The project has no integration \"jira\"; it has: azuredevops.";
    assert_eq!(told(&document), [expected]);
}

#[test]
fn a_chain_of_conditionals_is_looked_at_step_by_step_and_not_way_by_way() {
    let mut steps = serde_json::Map::new();
    for number in 0..400 {
        let next = format!("s{}", number + 1);
        let condition = json!({ "any": [{ "all": [
            { "left": "{{ trigger.a }}", "operator": "boolean_true" },
        ] }] });
        let step = json!({
            "kind": "conditional", "condition": condition, "when_true": next, "when_false": next,
        });
        steps.insert(format!("s{number}"), step);
    }
    steps.insert("s400".to_owned(), json!({ "kind": "delay", "amount": 1 }));
    let document = json!({
        "key": "chain", "name": "Chain", "start": "s0", "steps": steps,
        "trigger": { "kind": "app_event", "event": "a" },
    });
    let definition = checked(&document).unwrap();
    let graph = Graph::of(&definition, &mut Vec::new());
    assert_eq!(graph.before["s400"].len(), 400);
    assert_eq!(graph.order[..3], ["s0", "s1", "s2"]);
}

#[test]
fn steps_are_ordered_as_people_read_them_and_know_what_came_before() {
    let wait = |next: Value| json!({ "kind": "delay", "amount": 1, "next": next });
    let document = json!({
        "key": "order", "name": "Order", "start": "fork",
        "trigger": { "kind": "app_event", "event": "a" },
        "steps": {
            "fork": { "kind": "conditional", "when_true": "yes", "when_false": "no",
                "condition": { "any": [{ "all": [
                    { "left": "{{ trigger.a }}", "operator": "boolean_true" },
                ] }] } },
            "yes": wait(json!("many")), "no": wait(json!("many")),
            "many": { "kind": "fan_out", "items": [1], "each": "inner", "next": "after" },
            "inner": wait(json!("last_inner")), "last_inner": wait(Value::Null),
            "after": wait(Value::Null),
        },
    });
    let graph = Graph::of(&checked(&document).unwrap(), &mut Vec::new());
    let order = ["fork", "yes", "no", "many", "inner", "last_inner", "after"];
    assert_eq!(graph.order, order);
    assert_eq!(graph.bodies["last_inner"], ["many"]);
    let before: Vec<&str> = graph.before["after"].iter().map(String::as_str).collect();
    assert_eq!(before, ["fork", "inner", "last_inner", "many", "no", "yes"]);
}

#[test]
fn a_step_that_stands_in_two_paths_is_told() {
    let document = json!({
        "key": "order", "name": "Order", "start": "many",
        "trigger": { "kind": "app_event", "event": "a" },
        "steps": {
            "many": { "kind": "fan_out", "items": [1], "each": "inner", "next": "after" },
            "inner": { "kind": "delay", "amount": 1, "next": "after" },
            "after": { "kind": "delay", "amount": 1 },
        },
    });
    let line = told(&document).join("\n");
    assert!(line.starts_with("steps.inner.next: \"after\" belongs to another path"), "{line}");
}

#[test]
fn a_definition_beyond_its_bounds_is_refused() {
    let mut document = json!({
        "key": "big", "name": "Big", "trigger": { "kind": "app_event", "event": "a" },
        "description": "x".repeat(1024 * 1024),
    });
    assert!(told(&document)[0].contains("bytes as JSON"));
    document["description"] = json!("");
    let step = json!({ "kind": "delay", "amount": 1 });
    let steps = (0..501).map(|number| (format!("s{number}"), step.clone()));
    document["steps"] = Value::Object(steps.collect());
    assert_eq!(told(&document), ["steps: A workflow has at most 500 steps."]);
}

#[test]
fn any_json_is_read_or_refused_and_nothing_breaks() {
    for odd in [json!(null), json!([]), json!("a"), json!({}), json!({ "trigger": 5, "steps": [] })]
    {
        assert!(checked(&odd).is_err());
    }
}
