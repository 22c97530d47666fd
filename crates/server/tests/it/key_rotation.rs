//! New master keys while processes serve.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use axum::Router;
use axum::body::Body;
use base::{Clock, ProjectId, Random};
use connect::keys::{self, KeyUse, Standing};
use connect::{KeyId, MasterKeys};
use http::{Method, Request, header};
use serde_json::{Value, json};
use server::app::App;
use server::router::router;
use store::projects::{self};
use store::testing::host;
use tower::ServiceExt as _;

use crate::app::{TestApp, on_each_engine};
use crate::reply::Reply;

/// One process of the installation.
pub struct Process<'a> {
    test: &'a TestApp,
    pub app: App,
    router: Router,
}

impl<'a> Process<'a> {
    pub fn new(test: &'a TestApp, app: App) -> Self {
        Self { test, router: router(app.clone()), app }
    }

    async fn call(&self, method: Method, path: &str, token: &str, body: &Value) -> Value {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::from(if body.is_null() { String::new() } else { body.to_string() }));
        let response = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        Reply::read(response).await.ok()
    }

    async fn manages(&self, method: Method, path: &str, body: Value) -> Value {
        self.call(method, &format!("/api/v1/projects{path}"), &self.test.api_token, &body).await
    }

    /// Everything that needs keys: a new project, a secret sealed in it, a change that makes every
    /// process forget a data key, and a call that opens a credential with it.
    pub async fn works(&self, round: usize) {
        self.app.catch_up().await.unwrap();
        let made = self.manages(Method::POST, "", json!({ "name": "One more" })).await;
        let id = made["id"].as_str().unwrap();
        self.seals_in(id).await;
        let name = json!({ "name": format!("Round {round}") });
        self.manages(Method::PATCH, &format!("/{}", self.test.project_id), name).await;
        let path = format!("/projects/{}/sdk/proxy/azuredevops/projects", self.test.project_id);
        let token = self.test.end_user("ann").token;
        self.call(Method::GET, &path, &token, &Value::Null).await;
    }

    async fn seals_in(&self, project_id: &str) {
        let client =
            json!({ "type": "azuredevops", "clientId": "an-app", "clientSecret": "a-secret" });
        self.manages(Method::POST, &format!("/{project_id}/integrations"), client).await;
    }
}

fn ids(found: &[KeyUse], standing: Standing) -> Vec<KeyId> {
    found.iter().filter(|one| one.standing == standing).map(|one| one.id).collect()
}

pub fn key_file(test: &TestApp) -> MasterKeys {
    MasterKeys::read_file(&test.key_file()).unwrap()
}

#[tokio::test]
async fn rotating_and_retiring_keys_under_load_fails_no_call_in_any_process() {
    on_each_engine(async |test: TestApp| {
        test.end_user("ann").types_token("acme", &pat(&test)).await.ok();
        let first = Process::new(&test, test.app.clone());
        let second = Process::new(&test, test.another_process().await);
        let done = AtomicBool::new(false);
        let load = async |process: &Process<'_>| {
            let mut round = 0;
            while !done.load(Ordering::SeqCst) {
                process.works(round).await;
                round += 1;
            }
            round
        };
        // Processes that start meanwhile know no data key and meet what is there.
        let starts = async {
            while !done.load(Ordering::SeqCst) {
                let fresh = Process::new(&test, test.another_process().await);
                fresh.works(0).await;
                fresh.app.store().close().await;
            }
        };
        let store = test.app.store();
        let rotate = async {
            for _ in 0..8 {
                let rotation = keys::rotate(store, &key_file(&test), &Random::system()).await;
                let rotation = rotation.unwrap();
                assert!(rotation.added.is_some() && rotation.damaged.is_empty(), "{rotation:?}");
                let found = keys::status(store, &key_file(&test)).await.unwrap();
                for old in ids(&found, Standing::Older) {
                    keys::retire(store, &key_file(&test), old).await.unwrap();
                }
                second.works(0).await;
            }
            done.store(true, Ordering::SeqCst);
        };
        let (rounds, more, (), ()) = tokio::join!(load(&first), load(&second), starts, rotate);
        assert!(rounds > 0 && more > 0);
        let found = keys::status(store, &key_file(&test)).await.unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].projects > 8, "{found:?}");
        Process::new(&test, test.another_process().await).works(0).await;
        second.app.store().close().await;
    })
    .await;
}

/// Lets a future run for so many steps only; none when that ended it in the middle.
pub async fn killed_after<T>(steps: usize, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut left = steps;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        work.as_mut().poll(cx).map(Some)
    })
    .await
}

/// More than fit into one batch.
const PROJECTS: usize = 130;

async fn add_projects(test: &TestApp) {
    let store = test.app.store();
    let (random, now) = (Random::system(), test.clock.now());
    let mut tx = store.begin().await.unwrap();
    for _ in 0..PROJECTS {
        let id = ProjectId::new(&test.clock, &random);
        let data_key = test.app.connect().generate_data_key(&mut tx, id).await.unwrap();
        host::add_project(&mut tx, id, data_key, &[], now).await;
    }
    tx.commit().await.unwrap();
}

/// What a process that has nothing in memory can do in the first and the last projects.
async fn every_project_works(test: &TestApp) {
    let process = Process::new(test, test.another_process().await);
    let mut conn = test.app.store().read().await.unwrap();
    let all = projects::list_data_keys(&mut conn, None, u32::MAX).await.unwrap();
    drop(conn);
    for (id, _) in all.iter().take(3).chain(all.iter().rev().take(3)) {
        if *id != test.project_id {
            process.seals_in(&id.to_string()).await;
        }
    }
    process.app.store().close().await;
}

async fn retire_all_that_can_be(test: &TestApp) {
    let store = test.app.store();
    for one in keys::status(store, &key_file(test)).await.unwrap() {
        if one.can_be_retired() {
            keys::retire(store, &key_file(test), one.id).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_rotation_that_stopped_goes_on_there_without_another_key() {
    for rewrapped in [0, 1, 100, PROJECTS] {
        on_each_engine(async |test: TestApp| {
            add_projects(&test).await;
            let (store, random) = (test.app.store(), Random::system());
            let mut tx = store.begin().await.unwrap();
            let before = projects::list_data_keys(&mut tx, None, u32::MAX).await.unwrap();
            drop(tx);
            keys::rotate(store, &key_file(&test), &random).await.unwrap();
            // As if it had been killed: what came later is as it was before.
            let mut tx = store.begin().await.unwrap();
            let after = projects::list_data_keys(&mut tx, None, u32::MAX).await.unwrap();
            for ((id, old), (_, new)) in before.iter().zip(&after).skip(rewrapped) {
                assert!(projects::replace_data_key(&mut tx, *id, new, old).await.unwrap());
            }
            tx.commit().await.unwrap();
            let stopped = key_file(&test).ids();

            let rest = (PROJECTS + 1 - rewrapped) as u64;
            let rotation = keys::rotate(store, &key_file(&test), &random).await.unwrap();
            assert_eq!((rotation.added, rotation.rewrapped), (None, rest));
            assert_eq!(key_file(&test).ids(), stopped);
            retire_all_that_can_be(&test).await;
            assert_eq!(key_file(&test).ids(), stopped[..1]);
            every_project_works(&test).await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_rotation_that_is_killed_anywhere_loses_no_key() {
    on_each_engine(async |test: TestApp| {
        add_projects(&test).await;
        let (store, random) = (test.app.store(), Random::system());
        let mut steps = 0;
        loop {
            let keys = key_file(&test);
            let killed = killed_after(steps, keys::rotate(store, &keys, &random)).await;
            let found = keys::status(store, &key_file(&test)).await.unwrap();
            assert_eq!(ids(&found, Standing::Missing), [], "after {steps} steps: {found:?}");
            keys::rotate(store, &key_file(&test), &random).await.unwrap();
            retire_all_that_can_be(&test).await;
            let found = keys::status(store, &key_file(&test)).await.unwrap();
            assert_eq!((found.len(), found[0].projects), (1, PROJECTS as u64 + 1), "{found:?}");
            if killed.is_some() {
                break;
            }
            // Every step at first, then fewer and fewer: an engine may take hundreds.
            steps += 1 + steps / 8;
        }
        every_project_works(&test).await;
    })
    .await;
}

#[tokio::test]
async fn a_key_in_use_the_current_one_and_an_unknown_one_are_not_retired() {
    on_each_engine(async |test: TestApp| {
        let store = test.app.store();
        let first = keys::status(store, &key_file(&test)).await.unwrap();
        let current = ids(&first, Standing::Current)[0];
        assert_eq!((first.len(), first[0].projects), (1, 1));
        let refused =
            async |id| keys::retire(store, &key_file(&test), id).await.expect_err("refused").code();
        assert_eq!(refused(current).await, "key_current");
        assert_eq!(refused("0123456789abcdef".parse().unwrap()).await, "key_unknown");

        // Put in by hand, as where the platform hands the file out: the old key comes second.
        let old = std::fs::read_to_string(test.key_file()).unwrap();
        std::fs::remove_file(test.key_file()).unwrap();
        MasterKeys::create_file(&test.key_file(), &Random::system()).unwrap();
        let new = std::fs::read_to_string(test.key_file()).unwrap();
        std::fs::write(test.key_file(), format!("{new}{old}")).unwrap();
        assert_eq!(refused(current).await, "key_in_use");
        let rotation = keys::rotate(store, &key_file(&test), &Random::system()).await.unwrap();
        assert_eq!((rotation.added, rotation.rewrapped), (None, 1), "it uses the one put in");
        keys::retire(store, &key_file(&test), current).await.unwrap();
        assert_eq!(std::fs::read_to_string(test.key_file()).unwrap(), new);
    })
    .await;
}

#[tokio::test]
async fn without_its_master_key_every_account_says_what_to_do_and_works_when_the_key_is_back() {
    on_each_engine(async |mut test: TestApp| {
        test.end_user("ann").types_token("acme", &pat(&test)).await.ok();
        let wanted = key_file(&test).ids()[0].to_string();
        let old = std::fs::read_to_string(test.key_file()).unwrap();
        std::fs::remove_file(test.key_file()).unwrap();
        let body = json!({ "name": "Whose key would be nowhere" });
        let refused = test.manager().post("/api/v1/projects", body).await.refused();
        assert_eq!(refused, "503 master_key_file");
        test.end_user("ann").proxies("/projects").await.ok();
        MasterKeys::create_file(&test.key_file(), &Random::system()).unwrap();
        test.move_to(test.another_process().await);

        let refusal = test.end_user("ann").proxies("/projects").await.refusal();
        assert!(refusal.starts_with("503 master_key_missing: "), "{refusal}");
        assert!(refusal.contains(&wanted) && refusal.contains("gangway keys status"), "{refusal}");
        let found = keys::status(test.app.store(), &key_file(&test)).await.unwrap();
        assert_eq!(found[1].id.to_string(), wanted);
        assert_eq!((found[1].standing, found[1].projects), (Standing::Missing, 1));

        let new = std::fs::read_to_string(test.key_file()).unwrap();
        std::fs::write(test.key_file(), format!("{new}{old}")).unwrap();
        test.end_user("ann").proxies("/projects").await.ok();
    })
    .await;
}

#[tokio::test]
async fn after_a_lost_key_was_given_up_accounts_are_connected_and_secrets_entered_again() {
    on_each_engine(async |mut test: TestApp| {
        test.end_user("ann").types_token("acme", &pat(&test)).await.ok();
        let client = json!({ "clientId": "an-app", "clientSecret": "a-secret" });
        test.manager().changes_integration(client.clone()).await;
        let (lost, clock) = (key_file(&test).ids()[0], Clock::system());
        let give_up = async |test: &TestApp| {
            let (store, keys) = (test.app.store(), key_file(test));
            keys::abandon(store, &keys, &clock, &Random::system(), lost).await
        };
        assert_eq!(give_up(&test).await.expect_err("it is there").code(), "key_not_missing");
        std::fs::remove_file(test.key_file()).unwrap();
        MasterKeys::create_file(&test.key_file(), &Random::system()).unwrap();
        let process = test.another_process().await;
        test.move_to(process);
        test.end_user("ann").proxies("/projects").await.refused();

        let given_up = give_up(&test).await.unwrap();
        assert_eq!((given_up.projects, given_up.credentials), (vec![test.project_id], 1));
        test.app.catch_up().await.unwrap();
        let mine = test.end_user("ann").azure_devops().await;
        assert_eq!(mine["credentialStatus"], "INVALID", "{mine}");
        test.manager().changes_integration(client).await;
        // Back to the sandbox's own app.
        test.manager().changes_integration(json!({ "clientId": "" })).await;
        test.end_user("ann").types_token("acme", &pat(&test)).await.ok();
        test.end_user("ann").proxies("/projects").await.ok();
    })
    .await;
}

pub fn pat(test: &TestApp) -> String {
    let ann = test.sandbox.world().directory.person("ann").unwrap();
    ann.pat("acme").unwrap().to_owned()
}
