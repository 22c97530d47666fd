//! Starting and stopping.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Output;

use axum::body::Body;
use http::Request;

use crate::gangway::{Gangway, run};

fn complaint(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[tokio::test]
async fn a_second_start_keeps_the_project_and_its_files_are_private() {
    let gangway = Gangway::start().await;
    let first = gangway.info();
    for file in ["master.key", "signing-key.pem", "development.json", "running.json"] {
        let mode = std::fs::metadata(gangway.data.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let folder = std::fs::metadata(gangway.data.path()).unwrap().permissions().mode();
    assert_eq!(folder & 0o777, 0o700);
    let data = gangway.stop();
    assert!(!data.path().join("running.json").exists());
    let again = Gangway::start_in(data).await;
    assert_eq!(again.info()["project_id"], first["project_id"]);
    let ready = format!("{}/readyz", again.info()["server"].as_str().unwrap());
    again.json(Request::get(ready).body(Body::empty()).unwrap()).await;
}

#[test]
fn production_without_settings_says_everything_that_is_missing_and_how_to_make_it() {
    let output = run(&["serve"], &[]);
    let text = complaint(&output);
    assert!(text.contains("server.public_url") && text.contains("GANGWAY_SERVER__PUBLIC_URL"));
    assert!(text.contains("gangway keys generate --out"), "{text}");
    let text = complaint(&run(&["backup", "monday.db"], &[]));
    assert!(text.contains("what `gangway dev` serves"), "{text}");
}

#[test]
fn a_public_address_with_the_letters_proxy_or_without_https_is_refused() {
    for url in ["https://proxy.example.com", "http://gangway.example.com"] {
        let output = run(&["config", "check"], &[("GANGWAY_SERVER__PUBLIC_URL", url)]);
        assert!(complaint(&output).contains("server.public_url"), "{url}");
    }
}

#[test]
fn where_nothing_runs_info_says_what_to_start() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&["dev", "info", "--data", folder.path().to_str().unwrap()], &[]);
    assert!(complaint(&output).contains("gangway dev"));
}
