use base::{EventId, ProjectId};
use serde_json::json;
use store::PageRequest;
use store::events::{self, Event};
use store::testing::on_each_engine;

use crate::sample::{Sample, World};

fn event(sample: &Sample, project_id: ProjectId, kind: &str) -> Event {
    sample.clock.advance(std::time::Duration::from_secs(1));
    Event {
        id: EventId::new(&sample.clock, &sample.random),
        project_id,
        kind: kind.to_owned(),
        subject: "subject".to_owned(),
        payload: json!({ "a": [1, null, "ü"] }),
        created_at: sample.clock.now(),
    }
}

#[tokio::test]
async fn a_projects_events_are_listed_in_their_order_by_type_and_page_by_page() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let id = world.project.id;
        let all = ["b", "a", "b", "b"].map(|kind| event(&world.sample, id, kind));
        for one in &all {
            events::insert(&mut tx, one).await.unwrap();
        }
        let foreign = event(&world.sample, world.stranger.id, "b");
        events::insert(&mut tx, &foreign).await.unwrap();
        let everything = PageRequest::default();
        assert_eq!(events::list(&mut tx, id, None, &everything).await.unwrap().items, all);
        let request = PageRequest { after: None, limit: 2 };
        let first = events::list(&mut tx, id, Some("b"), &request).await.unwrap();
        assert_eq!(first.items, [all[0].clone(), all[2].clone()]);
        let request = PageRequest { after: first.next, limit: 2 };
        let last = events::list(&mut tx, id, Some("b"), &request).await.unwrap();
        assert_eq!(last.items, [all[3].clone()]);
        assert!(last.next.is_none());

        let third = all[2].created_at;
        assert_eq!(events::delete_before(&mut tx, third, 1).await.unwrap(), 1);
        assert_eq!(events::delete_before(&mut tx, third, 9).await.unwrap(), 1);
        let left = events::list(&mut tx, id, None, &everything).await.unwrap().items;
        assert_eq!(left, all[2..]);
    })
    .await;
}
