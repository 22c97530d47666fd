//! The list of what is sealed with data keys.

use store::sealed::{self, COLUMNS};
use store::{app_registrations, credentials};

use crate::sample::World;
use store::testing::on_each_engine;

/// What is sealed with a master key, what ends by itself, and what has a function of its own.
const OTHERS: [(&str, &str); 3] =
    [("projects", "data_key"), ("oauth_attempts", "secrets"), ("file_chunks", "bytes")];

/// Every column of bytes that the migrations make, with its table.
fn columns_of_bytes() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    let (mut found, mut table) = (Vec::new(), String::new());
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    for file in files {
        for line in std::fs::read_to_string(file).unwrap().lines() {
            let line = line.split("--").next().unwrap_or_default();
            let words: Vec<&str> = line.split_whitespace().collect();
            let name = match words[..] {
                ["create" | "alter", "table", name, ..] => {
                    table = name.to_owned();
                    words.get(5).filter(|_| words[0] == "alter")
                }
                _ => words.first(),
            };
            if words.iter().any(|word| word.trim_end_matches([',', ';']) == "bytea") {
                found.push((table.clone(), (*name.unwrap()).to_owned()));
            }
        }
    }
    found
}

#[test]
fn every_column_of_bytes_is_on_it_or_known_to_be_something_else() {
    let listed = COLUMNS.iter().map(|column| (column.table, column.name)).chain(OTHERS);
    let mut listed: Vec<_> = listed.map(|(t, n)| (t.to_owned(), n.to_owned())).collect();
    let mut found = columns_of_bytes();
    listed.sort();
    found.sort();
    assert_eq!(found, listed);
}

#[tokio::test]
async fn what_is_sealed_is_listed_once_each_and_replaced_only_where_nobody_else_did() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let registration = world.sample.registration(&world.integration);
        app_registrations::insert(&mut tx, &registration).await.unwrap();
        let mut all = Vec::new();
        for _ in 0..5 {
            let mut credential = world.sample.credential(&world.user, &world.integration);
            credential.external_id = Some(credential.id.to_string());
            credentials::insert(&mut tx, &credential).await.unwrap();
            all.push((credential.id.to_string(), credential.secrets));
        }
        all.sort();
        let [secrets, client_secret, successor, ..] = COLUMNS;
        let id = world.project.id;
        let (mut found, mut after) = (Vec::new(), String::new());
        loop {
            let next = sealed::list(&mut tx, secrets, id, &after, 2).await.unwrap();
            let Some((last, _)) = next.last() else { break };
            after.clone_from(last);
            found.extend(next);
        }
        assert_eq!(found, all);
        let list = async |tx: &mut _, column, project| {
            sealed::list(tx, column, project, "", 9).await.unwrap().len()
        };
        assert_eq!(list(&mut tx, client_secret, id).await, 1);
        assert_eq!(list(&mut tx, successor, id).await, 0);
        assert_eq!(list(&mut tx, secrets, world.stranger.id).await, 0);

        let (row, read) = &all[1];
        for (project, replaced) in [(world.stranger.id, false), (id, true), (id, false)] {
            let place = (project, row.as_str());
            let done = sealed::replace(&mut tx, secrets, place, read, b"anew").await.unwrap();
            assert_eq!(done, replaced);
        }
    })
    .await;
}
