use std::time::Duration;

use connectors::Trigger;
use connectors::trigger::{Batch, Change, Position};
use serde_json::{Map, Value, json};

use crate::app::{App, PROJECT};

/// A reader of the feed.
struct Reader<'a> {
    app: &'a App,
    position: Position,
}

impl<'a> Reader<'a> {
    /// One that wants what happens from now on.
    fn of(app: &'a App, inputs: Value) -> Self {
        let feed = app.connector().feed().unwrap();
        let scope = (feed.scope)(inputs.as_object().unwrap());
        Self { app, position: Position { scope, watermark: (feed.begin)(app.clock.now()) } }
    }

    async fn batch(&mut self) -> Batch {
        let feed = self.app.connector().feed().unwrap();
        let batch = (feed.read)(&self.app.context(), &self.position).await.unwrap();
        self.position.watermark.clone_from(&batch.watermark);
        batch
    }

    /// The changes since the last time, to the end.
    async fn changes(&mut self) -> Vec<Change> {
        let mut changes = Vec::new();
        loop {
            let batch = self.batch().await;
            changes.extend(batch.changes);
            if batch.is_last {
                return changes;
            }
        }
    }

    /// The names of the events since the last time, with no inputs.
    async fn events(&mut self) -> Vec<String> {
        let changes = self.changes().await;
        let all = self.app.connector().triggers();
        let of = |change: &Change| {
            let is_of = |trigger: &&Trigger| trigger.event(change, &Map::new()).is_some();
            let names: Vec<&str> = all.iter().filter(is_of).map(|one| short(one.key)).collect();
            names.join(" ")
        };
        changes.iter().map(of).collect()
    }
}

fn short(key: &str) -> &str {
    key.strip_prefix("work_item_").unwrap()
}

impl App {
    fn trigger(&self, key: &str) -> &Trigger {
        self.connector().trigger(key).unwrap()
    }

    async fn creates(&self, more: Value) -> Value {
        let mut inputs = json!({ "project": PROJECT, "type": "Task", "title": "One" });
        inputs.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let made = self.does("create_work_item", inputs).await;
        self.clock.advance(Duration::from_secs(1));
        made["id"].clone()
    }

    async fn changes(&self, id: &Value, fields: Value) {
        let mut inputs = json!({ "id": id });
        inputs.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        self.does("update_work_item", inputs).await;
        self.clock.advance(Duration::from_secs(1));
    }
}

#[tokio::test]
async fn a_feed_begins_now_and_goes_on_where_it_was_left() {
    let app = App::start().await;
    let mut reader = Reader::of(&app, json!({ "project": PROJECT }));
    assert_eq!(reader.events().await, Vec::<String>::new());
    let start = reader.position.watermark.clone();
    let id = app.creates(json!({})).await;
    assert_eq!(reader.events().await, ["created"]);
    assert_ne!(reader.position.watermark, start);
    assert_eq!(reader.events().await, Vec::<String>::new());
    app.changes(&id, json!({ "title": "Two" })).await;
    assert_eq!(reader.events().await, ["updated"]);
}

#[tokio::test]
async fn one_revision_can_be_several_events() {
    let app = App::start().await;
    let mut reader = Reader::of(&app, json!({ "project": PROJECT }));
    let id = app.creates(json!({ "assigned_to": "ann@acme.example" })).await;
    app.changes(&id, json!({ "state": "Active", "comment": "On it" })).await;
    app.does("add_comment", json!({ "project": PROJECT, "id": id, "text": "More" })).await;
    app.changes(&id, json!({ "state": "Closed" })).await;
    app.does("delete_work_item", json!({ "id": id })).await;
    let expected = [
        "created assigned",
        "updated commented state_changed",
        "commented",
        "updated state_changed closed",
        "deleted",
    ];
    assert_eq!(reader.events().await, expected);
    app.does("restore_work_item", json!({ "id": id })).await;
    assert_eq!(reader.events().await, ["restored"]);
}

#[tokio::test]
async fn old_values_are_known_whether_or_not_the_page_has_the_revision_before() {
    let app = App::start().await;
    let mut reader = Reader::of(&app, json!({}));
    let id = app.creates(json!({ "assigned_to": "ann@acme.example" })).await;
    app.changes(&id, json!({ "title": "Two" })).await;
    let together = reader.changes().await;
    app.changes(&id, json!({ "title": "Three", "description": "<p>Why</p>" })).await;
    app.requests();
    let alone = reader.changes().await;
    let asked = app.requests().iter().filter(|one| one.contains("/revisions/2")).count();
    assert_eq!((together.len(), alone.len(), asked), (2, 1, 1));

    let event = |change: &Change| {
        app.trigger("work_item_updated").event(change, &Map::new()).unwrap()["changes"].clone()
    };
    assert_eq!(event(&together[1]), json!({ "System.Title": { "old": "One", "new": "Two" } }));
    let expected = json!({
        "System.Description": { "old": null, "new": "<p>Why</p>" },
        "System.Title": { "old": "Two", "new": "Three" },
    });
    assert_eq!(event(&alone[0]), expected);
}

#[tokio::test]
async fn an_event_says_what_happened_to_which_item_by_whom() {
    let app = App::start().await;
    let mut reader = Reader::of(&app, json!({ "project": PROJECT }));
    let id = app.creates(json!({})).await;
    app.changes(&id, json!({ "state": "Closed", "comment": "Ready" })).await;
    let changes = reader.changes().await;
    let event = app.trigger("work_item_closed").event(&changes[1], &Map::new()).unwrap();
    assert_eq!(event["event"], "work_item_closed");
    let item = &event["workItem"];
    let page = format!("https://dev.azure.com/acme/{PROJECT}/_workitems/edit/{id}");
    assert_eq!((&item["id"], &item["rev"], &item["url"]), (&id, &json!(2), &json!(page)));
    assert_eq!((&item["state"], &item["stateCategory"]), (&json!("Closed"), &json!("Completed")));
    assert_eq!((&item["project"], &item["type"]), (&json!(PROJECT), &json!("Task")));
    assert_eq!(item["fields"]["System.AreaPath"], PROJECT);
    assert_eq!(event["changes"]["System.State"], json!({ "old": "New", "new": "Closed" }));
    assert_eq!(event["comment"]["text"], "Ready");
    assert_eq!(event["changedBy"]["uniqueName"], "ann@acme.example");
    assert!(event["changedAt"].as_str().unwrap().starts_with("2026-"));
    // Samples have the same members.
    let members = |value: &Value| {
        let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        (keys(value), keys(&value["workItem"]))
    };
    let commented = app.trigger("work_item_commented").event(&changes[1], &Map::new()).unwrap();
    let mut sample = app.trigger("work_item_commented").event_sample.clone();
    sample["workItem"]["stateCategory"] = json!("InProgress");
    let sorted = |(mut one, mut other): (Vec<String>, Vec<String>)| {
        one.sort();
        other.sort();
        (one, other)
    };
    assert_eq!(sorted(members(&commented)), sorted(members(&sample)));
}

#[tokio::test]
async fn inputs_narrow_down() {
    let app = App::start().await;
    let mut reader = Reader::of(&app, json!({ "project": PROJECT }));
    let id = app.creates(json!({ "assigned_to": "ann@acme.example" })).await;
    app.changes(&id, json!({ "state": "Active", "comment": "Please REVIEW this" })).await;
    let changes = reader.changes().await;
    let fires = |key: &str, at: usize, inputs: Value| {
        let trigger = app.trigger(key);
        let inputs = trigger.read(&inputs).unwrap();
        trigger.event(&changes[at], &inputs).is_some()
    };
    let state = "work_item_state_changed";
    assert!(fires(state, 1, json!({ "from": "new", "to": "Active", "type": "task" })));
    assert!(!fires(state, 1, json!({ "from": "Closed" })));
    assert!(!fires(state, 1, json!({ "type": "Bug" })));
    let updated = "work_item_updated";
    assert!(fires(updated, 1, json!({ "fields": ["System.Title", "System.State"] })));
    assert!(!fires(updated, 1, json!({ "fields": ["System.Title"] })));
    assert!(fires("work_item_commented", 1, json!({ "contains": "review" })));
    assert!(!fires("work_item_commented", 1, json!({ "contains": "merge" })));
    assert!(fires("work_item_assigned", 0, json!({ "assigned_to": "ANN@acme.example" })));
    assert!(!fires("work_item_assigned", 0, json!({ "assigned_to": "bob@acme.example" })));
    assert!(fires("work_item_created", 0, json!({ "area": PROJECT })));
    assert!(!fires("work_item_created", 0, json!({ "area": format!("{PROJECT}/Nowhere") })));
    assert_eq!(
        app.trigger(updated).read(&json!({ "fields": 7 })).unwrap_err().code(),
        "invalid_inputs"
    );
}

#[tokio::test]
async fn a_project_hears_nothing_of_others() {
    let app = App::start().await;
    let mut here = Reader::of(&app, json!({ "project": PROJECT }));
    let mut elsewhere = Reader::of(&app, json!({ "project": "Website" }));
    app.creates(json!({})).await;
    assert_eq!(here.changes().await.len(), 1);
    let feed = app.connector().feed().unwrap();
    match (feed.read)(&app.context(), &elsewhere.position).await {
        Ok(_) => assert!(elsewhere.changes().await.is_empty()),
        Err(error) => assert_eq!(error.code(), "project_not_found"),
    }
}

#[tokio::test]
async fn every_trigger_is_described_and_shows_its_event() {
    let app = App::start().await;
    for trigger in app.connector().triggers() {
        assert_eq!(trigger.event_sample["event"], trigger.key);
        assert!(trigger.description.ends_with('.'));
        assert!(trigger.inputs.iter().any(|input| input.key == "project"));
    }
}
