use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use store::testing::TestDatabase;
use store::{Engine, Store, backup, integrations, projects};

use crate::sample::Sample;

/// Adds a project and its integration in one transaction.
async fn add(store: &Store, sample: &Sample) {
    let project = sample.project();
    let mut tx = store.begin().await.unwrap();
    projects::insert(&mut tx, &project).await.unwrap();
    integrations::insert(&mut tx, &sample.integration(project.id, "azuredevops")).await.unwrap();
    tx.commit().await.unwrap();
}

async fn open(file: &Path) -> Store {
    Store::open(&format!("sqlite://{}", file.display())).await.unwrap()
}

#[tokio::test]
async fn a_backup_taken_while_others_write_opens_and_holds_whole_transactions_only() {
    let database = TestDatabase::fresh(Engine::Sqlite).await;
    let store = Store::open(&database.url).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (sample, done) = (Sample::new(), AtomicBool::new(false));
    add(&store, &sample).await;
    let write = async {
        while !done.load(Ordering::SeqCst) {
            add(&store, &sample).await;
        }
    };
    let back_up = async {
        let mut before = 0;
        for number in 0..5 {
            let file = folder.path().join(format!("{number}.db"));
            store.copy_to(&file).await.unwrap();
            let contents = backup::check(&file).await.unwrap();
            assert!(contents.projects >= before);
            before = contents.projects;
            let copy = open(&file).await;
            let mut conn = copy.read().await.unwrap();
            for (id, _) in projects::list_data_keys(&mut conn, None, u32::MAX).await.unwrap() {
                assert_eq!(integrations::list(&mut conn, id).await.unwrap().len(), 1);
            }
            drop(conn);
            copy.close().await;
        }
        done.store(true, Ordering::SeqCst);
        assert!(before > 1, "the writer went on meanwhile");
    };
    tokio::join!(write, back_up);
    store.close().await;
}

#[tokio::test]
async fn a_file_that_is_no_backup_that_was_damaged_or_that_is_newer_is_refused() {
    let database = TestDatabase::fresh(Engine::Sqlite).await;
    let store = Store::open(&database.url).await.unwrap();
    let sample = Sample::new();
    for _ in 0..20 {
        add(&store, &sample).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a copy.db");
    let refused = async |bytes: &[u8]| {
        std::fs::write(&file, bytes).unwrap();
        backup::check(&file).await.expect_err("it is refused").code()
    };
    store.copy_to(&file).await.unwrap();
    let good = std::fs::read(&file).unwrap();
    assert_eq!(backup::check(&file).await.unwrap().projects, 20);

    assert_eq!(refused(b"").await, "backup_unreadable");
    assert_eq!(refused(b"something else").await, "backup_unreadable");
    let half = &good[..good.len() / 2];
    assert!(refused(half).await.starts_with("backup_"));
    let mut damaged = good.clone();
    let page = damaged.len() / 2;
    damaged[page..page + 4096].fill(0xff);
    assert!(refused(&damaged).await.starts_with("backup_"));

    database.run("insert into schema_versions (version) values (9999)").await;
    std::fs::remove_file(&file).unwrap();
    store.copy_to(&file).await.unwrap();
    assert_eq!(backup::check(&file).await.expect_err("newer").code(), "database_newer");
    assert_eq!(backup::check(Path::new("/nowhere")).await.unwrap_err().code(), "backup_unreadable");
    store.close().await;
}

#[tokio::test]
async fn the_database_and_the_files_beside_it_are_for_their_owner_only() {
    let database = TestDatabase::fresh(Engine::Sqlite).await;
    let store = Store::open(&database.url).await.unwrap();
    add(&store, &Sample::new()).await;
    let folder = database.path().unwrap();
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", entry.path());
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["gangway.db", "gangway.db-shm", "gangway.db-wal"]);
    store.close().await;
}
