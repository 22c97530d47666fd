//! What a fresh sandbox holds.

use std::collections::BTreeMap;

use base::Timestamp;
use sandbox::devops::state::{Target, text};

use crate::app::{App, START_SECS};

#[tokio::test]
async fn there_are_about_three_hundred_items_in_projects_of_every_process() {
    let app = App::start().await;
    let devops = app.world().devops.read();
    let mut counts = BTreeMap::new();
    for organization in &devops.organizations {
        for item in organization.items.values() {
            let project = text(&item.current().fields, "System.TeamProject");
            *counts.entry(format!("{}/{project}", organization.name)).or_insert(0) += 1;
        }
    }
    let counts: Vec<(&str, i32)> =
        counts.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    assert_eq!(
        counts,
        [
            ("acme/Fulfilment", 72),
            ("acme/Office Move", 39),
            ("acme/Storefront", 135),
            ("globex/Helpdesk", 23),
            ("globex/Reactor Control", 32),
            ("initech/TPS Reports", 9),
        ]
    );
    let processes: Vec<&str> =
        devops.organizations[0].projects.iter().map(|project| project.process.as_str()).collect();
    assert_eq!(processes, ["Agile", "Scrum", "Basic"]);
}

#[tokio::test]
async fn two_fresh_sandboxes_hold_the_same() {
    let (one, other) = (App::start().await, App::start().await);
    let text = |app: &App| serde_json::to_string(&*app.world().devops.read()).expect("it is saved");
    assert_eq!(text(&one), text(&other));
}

#[tokio::test]
async fn every_parent_knows_its_children_and_history_lies_in_order_before_now() {
    let app = App::start().await;
    let devops = app.world().devops.read();
    let now = Timestamp::from_secs(START_SECS);
    let mut children = 0;
    for organization in &devops.organizations {
        let mut marks = Vec::new();
        for item in organization.items.values() {
            for relation in &item.relations {
                let Target::Item(other) = relation.target else { panic!("only links to items") };
                let back = &organization.items[&other].relations;
                assert!(back.iter().any(|back| back.target == Target::Item(item.id)));
                children += usize::from(relation.rel == "System.LinkTypes.Hierarchy-Forward");
            }
            for (before, after) in item.revisions.iter().zip(&item.revisions[1..]) {
                assert!(before.at < after.at && before.rev + 1 == after.rev);
            }
            assert!(item.current().at < now);
            marks.extend(item.revisions.iter().map(|one| (one.watermark, one.at)));
        }
        marks.sort_unstable();
        assert!(marks.is_sorted_by_key(|(_, at)| *at), "marks count in the order of time");
        assert_eq!(marks.last().map(|(mark, _)| *mark), Some(organization.watermark));
    }
    assert!(children > 200);
}

#[tokio::test]
async fn work_is_in_every_state_and_has_comments() {
    let app = App::start().await;
    let devops = app.world().devops.read();
    let items = || devops.organizations.iter().flat_map(|one| one.items.values());
    for state in
        ["New", "Active", "Resolved", "Closed", "Committed", "In Progress", "Done", "Doing"]
    {
        assert!(
            items().any(|item| text(&item.current().fields, "System.State") == state),
            "{state}"
        );
    }
    let comments = items()
        .flat_map(|item| &item.revisions)
        .filter(|revision| revision.fields.contains_key("System.History"));
    assert!(comments.count() > 40);
}
