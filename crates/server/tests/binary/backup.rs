//! A backup, and an installation that comes back from it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use tempfile::TempDir;

use crate::gangway::{Gangway, operate, operates, run};

/// What development keeps beside its database; an operator keeps such files apart from backups.
const OTHER_FILES: [&str; 2] = ["development.json", "signing-key.pem"];

fn folder() -> TempDir {
    TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap()
}

fn new_place(from: &Path, files: &[&str]) -> TempDir {
    let place = folder();
    for name in files {
        std::fs::copy(from.join(name), place.path().join(name)).unwrap();
    }
    place
}

#[tokio::test]
async fn a_backup_brings_everything_back_and_without_the_key_each_account_says_what_to_do() {
    let gangway = Gangway::start().await;
    gangway.connects().await;
    let elsewhere = folder();
    let file = elsewhere.path().join("monday.db");
    let name = file.to_str().unwrap();

    let said = operates(gangway.data.path(), &["backup", name]);
    assert!(said.contains(": 1 project, "), "{said}");
    assert!(said.contains("The master key is NOT in the backup"), "{said}");
    assert!(said.contains(gangway.data.path().join("master.key").to_str().unwrap()), "{said}");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let names = std::fs::read_dir(elsewhere.path()).unwrap().count();
    assert_eq!(names, 1, "nothing is left beside it");
    let (succeeded, said) = operate(gangway.data.path(), &["backup", name]);
    assert!(!succeeded && said.contains("never overwrites"), "{said}");
    let (succeeded, said) = operate(gangway.data.path(), &["restore", name]);
    assert!(!succeeded && said.contains("is there already"), "{said}");

    let first = gangway.info()["project_id"].clone();
    let before = gangway.stop();
    let with_key = [&OTHER_FILES[..], &["master.key"]].concat();
    let place = new_place(before.path(), &with_key);
    let said = operates(place.path(), &["restore", name]);
    assert!(said.contains("Every project opens"), "{said}");
    let mode = std::fs::metadata(place.path().join("gangway.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let restored = Gangway::start_in(place).await;
    assert_eq!(restored.info()["project_id"], first);
    assert_eq!(restored.proxies().await.0, 200);

    let place = new_place(before.path(), &OTHER_FILES);
    let other = place.path().join("master.key");
    let other = other.to_str().unwrap();
    operates(place.path(), &["keys", "generate", "--out", other]);
    let said = operates(place.path(), &["restore", name]);
    assert!(said.contains(&format!("is another. It is in {other}. Add")), "{said}");

    let place = new_place(before.path(), &OTHER_FILES);
    let said = operates(place.path(), &["restore", name]);
    assert!(said.contains("The master key is missing"), "{said}");
    let without = Gangway::start_in(place).await;
    let (status, answer) = without.proxies().await;
    assert_eq!((status, &answer["code"]), (503, &"master_key_missing".into()), "{answer}");
    assert!(answer["message"].as_str().unwrap().contains("puts that key back"), "{answer}");
}

#[test]
fn what_is_no_backup_is_not_restored() {
    let place = folder();
    let file = place.path().join("notes.txt");
    std::fs::write(&file, "not a database").unwrap();
    let data = place.path().join("data");
    let (succeeded, said) = operate(&data, &["restore", file.to_str().unwrap()]);
    assert!(!succeeded && said.contains("is not a backup of Gangway"), "{said}");
    let (succeeded, said) = operate(&data, &["restore", "monday.db"]);
    assert!(!succeeded && said.contains("There is no file monday.db."), "{said}");
    assert!(!data.exists(), "nothing was made");
    let (succeeded, said) =
        operate(&data, &["backup", file.with_extension("db").to_str().unwrap()]);
    assert!(!succeeded && said.contains("There is no database"), "{said}");
    let (succeeded, said) = operate(&data, &["restore", "monday.db"]);
    assert!(!succeeded && said.contains("There is no file monday.db."), "{said}");
    assert!(!data.exists(), "nothing was made");
}

#[test]
fn a_postgresql_backup_is_a_command_line_without_the_password() {
    let environment = [
        ("GANGWAY_SERVER__MODE", "development"),
        ("GANGWAY_DATABASE__URL", "postgres://ann:hunter2@db.example/gangway"),
    ];
    for command in ["backup", "restore"] {
        let output = run(&[command, "monday.dump"], &environment);
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(output.status.success(), "{said}");
        assert!(said.contains("postgres://ann@db.example/gangway'"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}
