//! What is sealed opens in its own place only, whoever writes to the database.

use base::{CredentialId, ProjectId};
use serde_json::json;
use store::{Engine, credentials, projects};

use crate::app::{TestApp, on_each_engine};

/// Ann's and Ben's accounts, each with a sealed token.
async fn two_accounts(test: &TestApp) -> [CredentialId; 2] {
    let mut ids = Vec::new();
    for name in ["ann", "ben"] {
        let person = test.sandbox.world().directory.person(name).unwrap();
        let token = person.pat("acme").unwrap();
        let made = test.end_user(name).types_token("acme", token).await.ok();
        ids.push(made["id"].as_str().unwrap().parse().unwrap());
    }
    ids.try_into().unwrap()
}

async fn sealed(test: &TestApp, id: CredentialId) -> Vec<u8> {
    let mut conn = test.app.store().read().await.unwrap();
    credentials::find(&mut conn, test.project_id, id).await.unwrap().unwrap().secrets
}

/// Writes to the database beside Gangway, then asks a process that has nothing in memory.
async fn after_writing(test: &mut TestApp, table: &str, column: &str, id: &str, bytes: &[u8]) {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let value = match test.app.store().engine() {
        Engine::Sqlite => format!("x'{hex}'"),
        Engine::Postgres => format!("'\\x{hex}'::bytea"),
    };
    let sql = format!("update {table} set {column} = {value} where id = '{id}'");
    test.database().run(&sql).await;
    let process = test.another_process().await;
    test.move_to(process);
}

async fn write_secrets(test: &mut TestApp, id: CredentialId, bytes: &[u8]) {
    after_writing(test, "credentials", "secrets", &id.to_string(), bytes).await;
}

/// Ann's call is refused, and nothing of it leaves.
async fn is_refused(test: &TestApp, why: &str) {
    let before = test.sandbox.world().requests.list().len();
    let reply = test.end_user("ann").proxies("/projects").await;
    assert!(!reply.status.is_success(), "{why}: {}", reply.text());
    assert_eq!(test.sandbox.world().requests.list().len(), before, "{why}");
}

#[tokio::test]
async fn a_sealed_token_that_was_swapped_changed_or_made_old_is_refused() {
    on_each_engine(async |mut test: TestApp| {
        let [anns, bens] = two_accounts(&test).await;
        let (good, others) = (sealed(&test, anns).await, sealed(&test, bens).await);

        write_secrets(&mut test, anns, &others).await;
        is_refused(&test, "another row's").await;
        for position in [0, 1, 9, good.len() / 2, good.len() - 1] {
            let mut flipped = good.clone();
            flipped[position] ^= 1;
            write_secrets(&mut test, anns, &flipped).await;
            is_refused(&test, "a flipped bit").await;
        }
        let old = [&[0], &good[1..]].concat();
        write_secrets(&mut test, anns, &old).await;
        is_refused(&test, "an old version").await;
        write_secrets(&mut test, anns, &[]).await;
        is_refused(&test, "nothing").await;
        test.end_user("ben").proxies("/projects").await.ok();

        write_secrets(&mut test, anns, &good).await;
        test.end_user("ann").proxies("/projects").await.ok();
    })
    .await;
}

#[tokio::test]
async fn another_projects_data_key_or_a_changed_one_opens_nothing() {
    on_each_engine(async |mut test: TestApp| {
        two_accounts(&test).await;
        let other = test.manager().post("/api/v1/projects", json!({ "name": "Other" })).await.ok();
        let other: ProjectId = other["id"].as_str().unwrap().parse().unwrap();
        let mut conn = test.app.store().read().await.unwrap();
        let mine = projects::find(&mut conn, test.project_id).await.unwrap().unwrap().data_key;
        let theirs = projects::find(&mut conn, other).await.unwrap().unwrap().data_key;
        drop(conn);

        let id = test.project_id.to_string();
        after_writing(&mut test, "projects", "data_key", &id, &theirs).await;
        is_refused(&test, "another project's").await;
        for position in [0, 1, mine.len() - 1] {
            let mut flipped = mine.clone();
            flipped[position] ^= 0x80;
            after_writing(&mut test, "projects", "data_key", &id, &flipped).await;
            is_refused(&test, "a flipped bit").await;
        }
        after_writing(&mut test, "projects", "data_key", &id, &mine).await;
        test.end_user("ann").proxies("/projects").await.ok();
    })
    .await;
}
