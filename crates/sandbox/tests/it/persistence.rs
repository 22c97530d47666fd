use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use base::{Clock, Random, Timestamp};
use http::StatusCode;
use sandbox::{Options, Sandbox};

use crate::app::App;

fn options(directory: &Path, seed: u64) -> Options {
    let clock = Clock::test(Timestamp::from_secs(1_790_000_000));
    Options {
        data_file: Some(directory.join("sandbox.json")),
        tls_dir: Some(directory.join("tls")),
        ..Options::in_memory(clock, Random::seeded(seed))
    }
}

#[tokio::test]
async fn sign_ins_consents_and_keys_survive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let app = App::with(options(directory.path(), 1)).await;
    let tokens = app.tokens_of("ann", &[]).await;
    let keys = app.get("/common/discovery/v2.0/keys").await.body;
    let authority = app.sandbox.ca_pem().to_owned();
    app.sandbox.shutdown().await;

    let app = App::with(options(directory.path(), 2)).await;
    assert_eq!(app.sandbox.ca_pem(), authority);
    assert_eq!(app.get("/common/discovery/v2.0/keys").await.body, keys);
    let token = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(app.refresh(token, &[]).await.status, StatusCode::OK);
    let target = App::authorize_target("organizations", &[("sandbox_person", "ann")]);
    assert!(app.get(&target).await.redirect_parameter("code").is_some());
}

#[tokio::test]
async fn a_change_is_saved_without_waiting_for_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let app = App::with(options(directory.path(), 1)).await;
    let file = directory.path().join("sandbox.json");
    assert!(!file.exists());
    app.code_of("ann", &[]).await;
    let saved = async {
        while !file.exists() {
            tokio::task::yield_now().await;
        }
    };
    let limit = std::time::Duration::from_secs(10);
    Clock::system().timeout(limit, saved).await.expect("the change is saved");
}

#[tokio::test]
async fn files_are_for_their_owner_alone() {
    let directory = tempfile::tempdir().unwrap();
    let app = App::with(options(directory.path(), 1)).await;
    app.sandbox.shutdown().await;
    let mode =
        |path: &str| directory.path().join(path).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("sandbox.json"), 0o600);
    assert_eq!(mode("tls"), 0o700);
    assert_eq!(mode("tls/ca.key"), 0o600);
}

#[tokio::test]
async fn a_data_file_that_cannot_be_read_stops_the_start_and_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("sandbox.json");
    for content in ["nonsense", "{\"format\":999}"] {
        std::fs::write(&file, content).unwrap();
        let error = Sandbox::start(options(directory.path(), 1)).await.expect_err("no start");
        assert!(error.to_string().contains("Move the file away"), "{error}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), content);
    }
}

#[tokio::test]
async fn an_address_in_use_stops_the_start_with_a_sentence() {
    let app = App::start().await;
    let mut second = Options::in_memory(Clock::system(), Random::system());
    second.http = vec![app.address()];
    let error = Sandbox::start(second).await.expect_err("no start");
    assert!(error.to_string().contains("choose another port"), "{error}");
}
