use base::ErrorKind;
use store::testing::{TestDatabase, engines};
use store::{Engine, Store, projects};

use crate::sample::Sample;

#[tokio::test]
async fn what_was_stored_is_there_after_a_restart() {
    for engine in engines() {
        let database = TestDatabase::fresh(engine).await;
        let project = Sample::new().project();
        for _ in 0..2 {
            let store = Store::open(&database.url).await.unwrap();
            assert_eq!(store.engine(), engine);
            let mut tx = store.begin().await.unwrap();
            if projects::find(&mut tx, project.id).await.unwrap().is_none() {
                projects::insert(&mut tx, &project).await.unwrap();
            }
            tx.commit().await.unwrap();
            store.close().await;
        }
        let store = Store::open(&database.url).await.unwrap();
        let mut conn = store.read().await.unwrap();
        assert_eq!(projects::find(&mut conn, project.id).await.unwrap(), Some(project));
    }
}

#[tokio::test]
async fn processes_that_start_at_once_on_an_empty_database_all_open_it() {
    for engine in engines() {
        let database = TestDatabase::fresh(engine).await;
        let opening = (0..6).map(|_| {
            let url = database.url.clone();
            tokio::spawn(async move { Store::open(&url).await })
        });
        for store in opening.collect::<Vec<_>>() {
            let store = store.await.unwrap().expect("it opens");
            store.ping().await.unwrap();
            store.close().await;
        }
    }
}

#[tokio::test]
async fn a_schema_of_a_newer_version_is_refused_with_what_to_do() {
    for engine in engines() {
        let database = TestDatabase::fresh(engine).await;
        Store::open(&database.url).await.unwrap().close().await;
        database.run("insert into schema_versions (version) values (9999)").await;
        let error = Store::open(&database.url).await.expect_err("it is newer");
        assert_eq!((error.kind(), error.code()), (ErrorKind::Conflict, "database_newer"));
        assert!(error.message().contains("Start the newer version"), "{error}");
    }
}

#[tokio::test]
async fn an_old_process_goes_on_while_a_newer_one_has_added_columns() {
    for engine in engines() {
        let database = TestDatabase::fresh(engine).await;
        let store = Store::open(&database.url).await.unwrap();
        let project = Sample::new().project();
        let mut tx = store.begin().await.unwrap();
        projects::insert(&mut tx, &project).await.unwrap();
        tx.commit().await.unwrap();
        let mut conn = store.read().await.unwrap();
        let before = projects::find(&mut conn, project.id).await.unwrap();
        database.run("alter table projects add column colour text").await;
        assert_eq!(projects::find(&mut conn, project.id).await.unwrap(), before);
        drop(conn);
        store.close().await;
    }
}

#[tokio::test]
async fn an_address_that_cannot_be_opened_is_told_with_what_to_check() {
    for (url, code) in [
        ("mysql://localhost/x", "database_url"),
        ("sqlite:///does/not/exist/gangway.db", "database_unreachable"),
        ("postgres://127.0.0.1:1/x", "database_unreachable"),
    ] {
        let error = Store::open(url).await.expect_err(url);
        assert_eq!(error.code(), code, "{error:?}");
    }
}

#[tokio::test]
async fn a_postgres_database_that_sorts_by_a_language_is_refused_with_the_command_that_helps() {
    if !engines().contains(&Engine::Postgres) {
        return;
    }
    let server = TestDatabase::fresh(Engine::Postgres).await;
    let name = server.url.rsplit("%3D").next().unwrap().replace("test_", "language_");
    let create = "template template0 encoding 'UTF8' locale 'C' locale_provider icu \
                  icu_locale 'en-US'";
    server.run(&format!("create database {name} {create}")).await;
    let url = server.url.replace("/postgres?", &format!("/{name}?"));
    assert_ne!(url, server.url);
    let error = Store::open(&url).await.expect_err("it sorts by a language");
    server.run(&format!("drop database {name} with (force)")).await;
    assert_eq!(error.code(), "database_collation");
    assert!(error.message().contains("createdb --template=template0"), "{error}");
}

#[tokio::test]
async fn a_deleted_projects_key_is_gone_from_the_sqlite_file() {
    let database = TestDatabase::fresh(Engine::Sqlite).await;
    let path = database.path().unwrap();
    let holds_key = |key: &[u8]| {
        let bytes = std::fs::read(&path).unwrap();
        bytes.windows(key.len()).any(|window| window == key)
    };
    let project = Sample::new().project();

    let store = Store::open(&database.url).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    projects::insert(&mut tx, &project).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    assert!(holds_key(&project.data_key), "closing folds the log into the file");
    assert!(!path.with_extension("db-wal").exists());

    let store = Store::open(&database.url).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    projects::delete(&mut tx, project.id).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    assert!(!holds_key(&project.data_key), "the deleted key is overwritten");
}
