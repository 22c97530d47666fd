//! The whole of it: what happens in Azure DevOps starts a workflow, which works there and tells the
//! host.

use http::Method;
use sandbox::devops::hooks::settings::HookRight;
use sandbox::faults::{Fault, FaultAnswer};
use serde_json::{Value, json};
use store::testing::engines;

use crate::app::{TestApp, allow_loopback};
use crate::door::Door;
use crate::receiver::Receiver;

/// A new bug: those like it are looked for; each gets a tag and a comment, and the host is told.
fn triage(host: &str) -> Value {
    json!({
        "version": 1, "key": "triage", "name": "Triage", "integration": "azuredevops",
        "trigger": {
            "kind": "integration", "trigger": "work_item_created",
            "input": { "project": "Storefront", "type": "Bug" },
        },
        "start": "search",
        "steps": {
            "search": {
                "kind": "action", "action": "search_work_items", "next": "alike",
                "input": {
                    "project": "Storefront",
                    "query": { "kind": "filter", "groups": [{ "conditions": [
                        { "field": "System.Title", "operator": "contains words",
                          "value": "{{ trigger.workItem.title }}" },
                        { "field": "System.WorkItemType", "value": "Task" },
                    ] }] },
                },
            },
            "alike": {
                "kind": "conditional",
                "condition": { "any": [{ "all": [
                    { "left": "{{ steps.search.output.items }}", "operator": "array_is_not_empty" },
                ] }] },
                "when_true": "each", "when_false": "tell_nothing",
            },
            "each": {
                "kind": "fan_out", "items": "{{ steps.search.output.items }}", "each": "update",
                "next": "tell",
            },
            "update": {
                "kind": "action", "action": "update_work_item", "next": "comment",
                "input": { "id": "{{ item.id }}", "add_tags": ["alike"] },
            },
            "comment": {
                "kind": "action", "action": "add_comment",
                "input": {
                    "id": "{{ item.id }}", "project": "Storefront",
                    "text": "See also #{{ trigger.workItem.id }}",
                },
            },
            "tell": {
                "kind": "request", "method": "POST", "url": host,
                "body": { "type": "json", "content": {
                    "bug": "{{ trigger.workItem.id }}",
                    "alike": "{{ steps.update.output | map(\"id\") }}",
                } },
            },
            "tell_nothing": {
                "kind": "request", "method": "POST", "url": host,
                "body": { "type": "json", "content": { "bug": "{{ trigger.workItem.id }}" } },
            },
        },
    })
}

struct Story {
    test: TestApp,
    host: Receiver,
    door: Door,
    workflow: String,
    alike: [u64; 2],
}

impl Story {
    async fn begin(engine: store::Engine, right: HookRight) -> Self {
        let (host, door) = (Receiver::start().await, Door::open().await);
        let test = TestApp::start_at(engine, &door.url, allow_loopback).await;
        door.leads_to(&test.router);
        test.sandbox.world().set_hooks(|settings| settings.right = right);
        let workflow = test.manager().makes_live(triage(&host.url)).await;
        let ann = test.end_user("ann");
        ann.connects().await;
        let alike = [
            ann.creates_item("Checkout forgets the basket").await,
            ann.creates_item("Checkout: keep the basket").await,
        ];
        ann.creates_item("Something else").await;
        test.after(1);
        ann.switches_on(&workflow).await;
        test.works().await;
        test.after(1);
        Self { test, host, door, workflow, alike }
    }

    async fn somebody_files(&self, title: &str) -> u64 {
        let patch = json!([{ "op": "add", "path": "/fields/System.Title", "value": title }]);
        let path = "/Storefront/_apis/wit/workitems/$Bug";
        let ann = self.test.end_user("ann");
        ann.writes(Method::POST, path, patch).await["id"].as_u64().unwrap()
    }

    /// Runs what is due, and what that is followed by, until the host was told.
    async fn runs(&self) {
        for _ in 0..50 {
            self.test.settles().await;
            if !self.host.is_silent() {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("the host was told nothing");
    }

    async fn item(&self, id: u64) -> Value {
        let path = format!("/_apis/wit/workitems/{id}?api-version=7.1");
        self.test.end_user("ann").proxies(&path).await.ok()
    }

    /// Every one that is alike was changed once and has one comment.
    async fn is_told_as_it_should_be(&self, bug: u64) {
        assert_eq!(self.host.told(), json!({ "bug": bug, "alike": self.alike }));
        for id in self.alike {
            let fields = &self.item(id).await["fields"];
            assert_eq!(fields["System.Tags"], "alike", "{fields}");
            assert_eq!(fields["System.CommentCount"], 1, "{fields}");
        }
        let listed = format!("/executions?workflow={}", self.workflow);
        let listed = self.test.manager().project_get(&listed).await.ok();
        let statuses: Vec<&Value> =
            listed["items"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
        assert_eq!(statuses, ["succeeded"]);
    }
}

#[tokio::test]
async fn a_bug_that_somebody_files_is_heard_of_by_a_hook_at_once_and_worked_on() {
    for engine in engines() {
        let story = Story::begin(engine, HookRight::Everyone).await;
        let bug = story.somebody_files("Checkout basket").await;
        // No poll is due yet: the provider's call alone wakes the reader.
        story.door.passes("/triggers/hooks/").await;
        story.test.works().await;
        story.runs().await;
        story.is_told_as_it_should_be(bug).await;
    }
}

#[tokio::test]
async fn an_account_that_may_make_no_hook_has_its_bugs_worked_on_a_poll_later() {
    for engine in engines() {
        let story = Story::begin(engine, HookRight::Nobody).await;
        let bug = story.somebody_files("Checkout basket").await;
        story.test.works().await;
        assert!(story.host.is_silent());
        story.test.polls().await;
        story.runs().await;
        story.is_told_as_it_should_be(bug).await;
        assert_eq!(story.door.passed(), [] as [&str; 0]);
    }
}

#[tokio::test]
async fn a_bug_without_likes_takes_the_other_way() {
    for engine in engines() {
        let story = Story::begin(engine, HookRight::Nobody).await;
        let bug = story.somebody_files("Nothing is like this").await;
        story.test.polls().await;
        story.runs().await;
        assert_eq!(story.host.told(), json!({ "bug": bug }));
    }
}

#[tokio::test]
async fn a_restart_in_the_middle_changes_nothing_about_how_it_ends() {
    for engine in engines() {
        let mut story = Story::begin(engine, HookRight::Everyone).await;
        let bug = story.somebody_files("Checkout basket").await;
        story.door.passes("/triggers/hooks/").await;
        story.test.works().await;
        // One comment has to be made again later, by whichever process is there.
        story.test.sandbox.world().faults.order(Fault {
            path_contains: Some("/comments".to_owned()),
            answer: Some(FaultAnswer { status: 503, ..FaultAnswer::default() }),
            ..Fault::default()
        });
        story.test.settles().await;
        story.test.app.runner().stop().await.unwrap();
        assert!(story.host.is_silent());
        let next = story.test.another_process().await;
        story.test.move_to(next);
        story.test.after(20);
        story.door.leads_to(&story.test.router);
        story.runs().await;
        story.is_told_as_it_should_be(bug).await;
    }
}
