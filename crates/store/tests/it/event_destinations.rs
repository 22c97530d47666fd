use std::time::Duration;

use base::{EventDestinationId, EventId, ProjectId};
use serde_json::json;
use store::event_deliveries::{self, Attempt, Status};
use store::event_destinations::{self, EventDestination};
use store::events::{self, Event};
use store::testing::on_each_engine;
use store::{PageRequest, Store};

use crate::sample::{Sample, World};

fn destination(sample: &Sample, project_id: ProjectId) -> EventDestination {
    let now = sample.clock.now();
    EventDestination {
        id: EventDestinationId::new(&sample.clock, &sample.random),
        project_id,
        name: "Ours".to_owned(),
        url: "https://example.com".to_owned(),
        template: Some(json!({ "a": null })),
        header_names: vec!["x-key".to_owned()],
        headers: Some(vec![0, 1, 254]),
        secret: vec![7; 40],
        previous_secret: None,
        previous_until: None,
        is_active: true,
        disabled_reason: None,
        failing_since: None,
        created_at: now,
        updated_at: now,
    }
}

fn event(sample: &Sample, project_id: ProjectId, kind: &str) -> Event {
    sample.clock.advance(Duration::from_secs(1));
    Event {
        id: EventId::new(&sample.clock, &sample.random),
        project_id,
        kind: kind.to_owned(),
        subject: "subject".to_owned(),
        payload: json!({}),
        created_at: sample.clock.now(),
    }
}

/// A world with a destination that hears of "a".
async fn hearing(store: &Store) -> (World, EventDestination) {
    let mut tx = store.begin().await.unwrap();
    let world = World::stored(&mut tx).await;
    let row = destination(&world.sample, world.project.id);
    event_destinations::put(&mut tx, &row).await.unwrap();
    event_destinations::set_types(&mut tx, row.id, &["a".to_owned()]).await.unwrap();
    tx.commit().await.unwrap();
    (world, row)
}

fn attempt(number: i64, world: &World) -> Attempt {
    let (at, duration) = (world.sample.clock.now(), Duration::from_micros(1_500));
    Attempt { number, at, duration, status: Some(500), error: None, excerpt: "ü".to_owned() }
}

#[tokio::test]
async fn a_destination_is_read_back_changed_and_found_by_its_project_alone() {
    on_each_engine(async |store| {
        let (world, mut row) = hearing(&store).await;
        let mut tx = store.begin().await.unwrap();
        let (id, now) = (world.project.id, world.sample.clock.now());
        assert_eq!(event_destinations::list(&mut tx, id).await.unwrap(), [row.clone()]);
        let foreign = event_destinations::find(&mut tx, world.stranger.id, row.id).await.unwrap();
        assert_eq!(foreign, None);
        (row.template, row.headers, row.name) = (None, None, "Theirs".to_owned());
        event_destinations::put(&mut tx, &row).await.unwrap();
        let found = event_destinations::find(&mut tx, id, row.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(&row));

        let later = now + Duration::from_secs(60);
        assert_eq!(event_destinations::note_failure(&mut tx, row.id, now).await.unwrap(), now);
        assert_eq!(event_destinations::note_failure(&mut tx, row.id, later).await.unwrap(), now);
        event_destinations::note_success(&mut tx, row.id).await.unwrap();
        assert_eq!(event_destinations::note_failure(&mut tx, row.id, later).await.unwrap(), later);
        assert!(event_destinations::disable(&mut tx, row.id, "why", later).await.unwrap());
        assert!(!event_destinations::disable(&mut tx, row.id, "why", later).await.unwrap());
        assert!(!event_destinations::delete(&mut tx, world.stranger.id, row.id).await.unwrap());
        assert!(event_destinations::delete(&mut tx, id, row.id).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn an_event_is_on_its_way_to_those_who_hear_of_its_type_as_soon_as_it_is_written() {
    on_each_engine(async |store| {
        let (world, row) = hearing(&store).await;
        let mut tx = store.begin().await.unwrap();
        let everything = destination(&world.sample, world.project.id);
        event_destinations::put(&mut tx, &everything).await.unwrap();
        let all = ["*".to_owned(), "a".to_owned()];
        event_destinations::set_types(&mut tx, everything.id, &all).await.unwrap();
        let off =
            EventDestination { is_active: false, ..destination(&world.sample, row.project_id) };
        event_destinations::put(&mut tx, &off).await.unwrap();
        event_destinations::set_types(&mut tx, off.id, &all).await.unwrap();
        let told: Vec<Event> = (0..75)
            .map(|place| event(&world.sample, row.project_id, ["a", "b"][place % 2]))
            .collect();
        events::insert_all(&mut tx, &told.iter().collect::<Vec<_>>()).await.unwrap();
        let foreign = event(&world.sample, world.stranger.id, "a");
        events::insert(&mut tx, &foreign).await.unwrap();
        let page = PageRequest { after: None, limit: 200 };
        for (id, count) in [(row.id, 38), (everything.id, 75), (off.id, 0)] {
            let listed = event_deliveries::list(&mut tx, id, None, &page).await.unwrap().items;
            assert_eq!(listed.len(), count);
            assert!(listed.iter().all(|one| one.status == Status::Pending && one.attempts == 0));
        }
        let found = events::find(&mut tx, row.project_id, told[0].id).await.unwrap();
        assert_eq!(found.as_ref(), Some(&told[0]));
        assert_eq!(events::find(&mut tx, row.project_id, foreign.id).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_delivery_is_claimed_once_and_a_late_outcome_changes_nothing() {
    on_each_engine(async |store| {
        let (world, row) = hearing(&store).await;
        let engine = store.engine();
        let mut tx = store.begin().await.unwrap();
        let told = event(&world.sample, row.project_id, "a");
        events::insert(&mut tx, &told).await.unwrap();
        let (now, minute) = (world.sample.clock.now(), Duration::from_secs(60));
        assert_eq!(event_deliveries::due(&mut tx, now, 9).await.unwrap(), 1);
        let first = event_deliveries::claim(&mut tx, engine, now, now + minute, 9).await.unwrap();
        assert_eq!((first.len(), first[0].attempts), (1, 1));
        let second = event_deliveries::claim(&mut tx, engine, now, now + minute, 9).await.unwrap();
        assert!(second.is_empty());
        let later = now + minute;
        let second =
            event_deliveries::claim(&mut tx, engine, later, later + minute, 9).await.unwrap();
        assert_eq!(second[0].attempts, 2);

        let mut late = first[0].clone();
        (late.status, late.due_at) = (Status::Delivered, None);
        let tried = attempt(1, &world);
        assert!(!event_deliveries::finish(&mut tx, &late, &tried).await.unwrap());
        let mut mine = second[0].clone();
        (mine.status, mine.due_at, mine.finished_at) = (Status::Failed, None, Some(later));
        let tried = attempt(2, &world);
        assert!(event_deliveries::finish(&mut tx, &mine, &tried).await.unwrap());
        let found = event_deliveries::find(&mut tx, row.id, told.id).await.unwrap();
        assert_eq!(found, Some(mine));
        let attempts = event_deliveries::attempts(&mut tx, row.id, told.id).await.unwrap();
        assert_eq!(attempts, [tried]);

        assert!(event_deliveries::retry(&mut tx, row.id, told.id, later).await.unwrap());
        assert_eq!(event_deliveries::give_up(&mut tx, row.id, later).await.unwrap(), 1);
        assert_eq!(event_deliveries::due(&mut tx, later, 9).await.unwrap(), 0);
        assert_eq!(event_deliveries::delete_before(&mut tx, later, 9).await.unwrap(), 0);
        let after = later + minute;
        assert_eq!(event_deliveries::delete_before(&mut tx, after, 9).await.unwrap(), 1);
        let attempts = event_deliveries::attempts(&mut tx, row.id, told.id).await.unwrap();
        assert!(attempts.is_empty());
    })
    .await;
}
