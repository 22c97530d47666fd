use std::time::Duration;

use base::{RequestId, Timestamp};
use store::rate_limit_waits::{self, Wait};
use store::request_counts::{self, Count};
use store::requests::{self, Filter, Request};
use store::testing::on_each_engine;
use store::{PageRequest, Transaction};

use crate::sample::World;

const ALL: Filter =
    Filter { credential_id: None, status_min: 0, status_max: 999, since: Timestamp(0) };

/// A stored call with every second one a failure without an answer.
async fn stored(world: &World, tx: &mut Transaction, number: u16) -> Request {
    world.sample.clock.advance(Duration::from_secs(1));
    let credential = world.sample.credential(&world.user, &world.integration);
    let request = Request {
        id: RequestId::new(&world.sample.clock, &world.sample.random),
        project_id: world.project.id,
        user_id: world.user.id,
        integration_id: world.integration.id,
        credential_id: credential.id,
        method: "GET".to_owned(),
        host: "dev.azure.com".to_owned(),
        path: "/acme/_apis/projects".to_owned(),
        status: number.is_multiple_of(2).then_some(200 + number),
        duration: Duration::from_millis(7),
        bytes: number.is_multiple_of(2).then_some(1_234),
        error_code: (!number.is_multiple_of(2)).then(|| "provider_timeout".to_owned()),
        activity_id: Some("a-1".to_owned()),
        needs_scope: None,
        created_at: world.sample.clock.now(),
    };
    assert!(requests::insert(tx, &request).await.unwrap());
    request
}

#[tokio::test]
async fn calls_are_listed_newest_first_page_by_page_and_by_filter() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let mut all = Vec::new();
        for number in 0..5 {
            all.insert(0, stored(&world, &mut tx, number).await);
        }
        let mut page = PageRequest { after: None, limit: 2 };
        let mut found = Vec::new();
        loop {
            let read = requests::list(&mut tx, world.project.id, &ALL, &page).await.unwrap();
            found.extend(read.items);
            page.after = read.next;
            if page.after.is_none() {
                break;
            }
        }
        assert_eq!(found, all);
        let of = async |tx: &mut Transaction, filter: Filter| {
            let page = PageRequest::default();
            requests::list(tx, world.project.id, &filter, &page).await.unwrap().items
        };
        let failed = of(&mut tx, Filter { status_max: 0, ..ALL }).await;
        assert_eq!(failed, [all[1].clone(), all[3].clone()]);
        let one = Filter { credential_id: Some(all[2].credential_id), ..ALL };
        assert_eq!(of(&mut tx, one).await, [all[2].clone()]);
        let late = Filter { since: all[0].created_at, ..ALL };
        assert_eq!(of(&mut tx, late).await, [all[0].clone()]);
        let page = PageRequest::default();
        let foreign = requests::list(&mut tx, world.stranger.id, &ALL, &page).await.unwrap();
        assert!(foreign.items.is_empty());
        requests::delete_before(&mut tx, all[1].created_at).await.unwrap();
        assert_eq!(of(&mut tx, ALL).await, all[..2]);
    })
    .await;
}

#[tokio::test]
async fn a_project_that_is_gone_takes_no_more_rows() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let request = stored(&world, &mut tx, 0).await;
        store::projects::delete(&mut tx, world.project.id).await.unwrap();
        assert!(!requests::insert(&mut tx, &request).await.unwrap());
        let count = Count {
            project_id: world.project.id,
            minute: Timestamp(0),
            credential_id: request.credential_id,
            successes: 1,
        };
        assert!(!request_counts::add(&mut tx, &count).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn counts_of_a_minute_add_up() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let credential = world.credential(&mut tx).await;
        let count = |minute, successes| Count {
            project_id: world.project.id,
            minute: Timestamp::from_secs(minute),
            credential_id: credential.id,
            successes,
        };
        for (minute, successes) in [(60, 3), (120, 5), (60, 4)] {
            assert!(request_counts::add(&mut tx, &count(minute, successes)).await.unwrap());
        }
        let page = PageRequest::default();
        let read = request_counts::list(&mut tx, world.project.id, &page).await.unwrap();
        assert_eq!(read.items, [count(120, 5), count(60, 7)]);
        request_counts::delete_before(&mut tx, Timestamp::from_secs(120)).await.unwrap();
        let read = request_counts::list(&mut tx, world.project.id, &page).await.unwrap();
        assert_eq!(read.items, [count(120, 5)]);
    })
    .await;
}

#[tokio::test]
async fn a_wait_is_only_ever_extended_and_goes_with_its_credential() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let credential = world.credential(&mut tx).await;
        let (project, user) = (world.project.id, world.user.id);
        let wait = |seconds| Wait {
            project_id: project,
            user_id: user,
            credential_id: credential.id,
            until: Timestamp::from_secs(seconds),
        };
        for seconds in [10, 30, 20] {
            assert!(rate_limit_waits::extend(&mut tx, &wait(seconds)).await.unwrap());
        }
        let known = rate_limit_waits::list_of_user(&mut tx, project, user).await.unwrap();
        assert_eq!(known, [wait(30)]);
        store::credentials::delete(&mut tx, project, credential.id).await.unwrap();
        assert!(!rate_limit_waits::extend(&mut tx, &wait(40)).await.unwrap());
        let known = rate_limit_waits::list_of_user(&mut tx, project, user).await.unwrap();
        assert!(known.is_empty());
    })
    .await;
}
