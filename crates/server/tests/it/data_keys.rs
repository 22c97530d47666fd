//! New data keys for projects while processes serve.

use std::sync::atomic::{AtomicBool, Ordering};

use base::{ProjectId, Random};
use connect::keys::{self, DataRotation};
use serde_json::json;
use server::worker::cleanup;
use store::{Store, projects, sealed};

use crate::app::{TestApp, on_each_engine};
use crate::browser::Browser;
use crate::key_rotation::{Process, key_file, killed_after, pat};

/// How long a project's row reads when it has one data key.
const ONE_KEY_BYTES: usize = 81;

async fn rotate(test: &TestApp, only: Option<ProjectId>) -> DataRotation {
    let (store, random, keys) = (test.app.store(), Random::system(), key_file(test));
    let rotated = keys::rotate_data_keys(store, &keys, (&test.clock, &random), only);
    rotated.await.unwrap()
}

/// Everything sealed, as it is stored.
async fn everything_sealed(store: &Store, test: &TestApp) -> Vec<Vec<u8>> {
    let (mut conn, mut all) = (store.read().await.unwrap(), Vec::new());
    for column in sealed::COLUMNS {
        let found = sealed::list(&mut conn, column, test.project_id, "", u32::MAX).await.unwrap();
        all.extend(found.into_iter().map(|(_, sealed)| sealed));
    }
    all
}

async fn wrapped(test: &TestApp) -> Vec<u8> {
    let mut conn = test.app.store().read().await.unwrap();
    projects::find(&mut conn, test.project_id).await.unwrap().unwrap().data_key
}

/// Which key an envelope names.
fn key_of(sealed: &[u8]) -> &[u8] {
    &sealed[1..9]
}

#[tokio::test]
async fn rotating_under_load_fails_no_call_in_any_process_and_leaves_nothing_under_the_old_key() {
    on_each_engine(async |test: TestApp| {
        test.end_user("ann").types_token("acme", &pat(&test)).await.ok();
        let first = Process::new(&test, test.app.clone());
        let second = Process::new(&test, test.another_process().await);
        let done = AtomicBool::new(false);
        let load = async |process: &Process<'_>| {
            let mut round = 0;
            while !done.load(Ordering::SeqCst) {
                process.works(round).await;
                // Seals again what the rotation may be sealing anew just now.
                test.end_user("ann").types_token("acme", &pat(&test)).await.ok();
                round += 1;
            }
            round
        };
        let starts = async {
            while !done.load(Ordering::SeqCst) {
                let fresh = Process::new(&test, test.another_process().await);
                fresh.works(0).await;
                fresh.app.store().close().await;
            }
        };
        let before = everything_sealed(test.app.store(), &test).await;
        let rotates = async {
            // The load makes projects as it goes: once all of them, then the one it works in.
            for only in [None].into_iter().chain([Some(test.project_id); 8]) {
                let rotation = rotate(&test, only).await;
                assert!(rotation.projects > 0, "{rotation:?}");
                assert_eq!((rotation.waiting, rotation.unreadable), (0, Vec::new()));
                second.works(0).await;
            }
            done.store(true, Ordering::SeqCst);
        };
        let (rounds, more, (), ()) = tokio::join!(load(&first), load(&second), starts, rotates);
        assert!(rounds > 0 && more > 0);
        let after = everything_sealed(test.app.store(), &test).await;
        assert!(after.iter().all(|one| key_of(one) == key_of(&after[0])));
        assert_ne!(key_of(&before[0]), key_of(&after[0]));
        assert_eq!(wrapped(&test).await.len(), ONE_KEY_BYTES);
        second.app.store().close().await;
    })
    .await;
}

#[tokio::test]
async fn a_rotation_that_is_killed_anywhere_is_brought_to_its_end_by_the_servers() {
    on_each_engine(async |test: TestApp| {
        test.end_user("ann").types_token("acme", &pat(&test)).await.ok();
        test.manager()
            .changes_integration(json!({ "clientId": "an-app", "clientSecret": "a-secret" }))
            .await;
        let (store, random) = (test.app.store(), Random::system());
        let mut steps = 0;
        loop {
            let keys = key_file(&test);
            let rotation = keys::rotate_data_keys(store, &keys, (&test.clock, &random), None);
            let killed = killed_after(steps, rotation).await;
            Process::new(&test, test.another_process().await).app.catch_up().await.unwrap();
            test.end_user("ann").proxies("/projects").await.ok();
            cleanup::tick(test.app.clone()).await.unwrap();
            assert_eq!(wrapped(&test).await.len(), ONE_KEY_BYTES, "after {steps} steps");
            let all = everything_sealed(store, &test).await;
            assert_eq!(all.len(), 2);
            assert!(all.iter().all(|one| key_of(one) == key_of(&all[0])), "after {steps} steps");
            if killed.is_some() {
                break;
            }
            steps += 1 + steps / 8;
        }
        let fresh = test.another_process().await;
        let mut test = test;
        test.move_to(fresh);
        test.end_user("ann").proxies("/projects").await.ok();
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_that_began_before_goes_on_and_then_its_key_is_taken_out() {
    on_each_engine(async |test: TestApp| {
        let ann = test.end_user("ann");
        let mut browser = Browser::new(&test);
        let address = ann.begins_to_connect(&mut browser, json!({})).await;
        let rotation = rotate(&test, None).await;
        assert_eq!((rotation.projects, rotation.waiting), (1, 1), "{rotation:?}");
        let done = browser.signs_in(&address, "ann", "accept").await;
        assert!(done.status.is_success(), "{}", done.text());
        ann.proxies("/projects").await.ok();
        assert!(wrapped(&test).await.len() > ONE_KEY_BYTES);
        cleanup::tick(test.app.clone()).await.unwrap();
        assert_eq!(wrapped(&test).await.len(), ONE_KEY_BYTES);
        test.end_user("ann").proxies("/projects").await.ok();
    })
    .await;
}
