//! Workflows as files: the folder and the server go back and forth without changing each other.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::gangway::{Gangway, operate, operates, run};

const SYNC: &str = r#"# Keeps both sides the same.
key: sync_items
name: Sync work items
integration: azuredevops
trigger:
  kind: app_event
  event: Task Created
start: shape
steps:
  shape:
    kind: function
    source: |
      export default async function (params) {
        return { title: params.title.trim() };
      }
    params:
      title: "{{ trigger.title }}"
    next: wait
  wait:
    kind: delay
    amount: 5
"#;

const PORTAL: &str = "description: Sync work items\ninputs:\n- id: project\n  type: TEXT_NO_VARS\n  \
                      title: Project\n";

fn write(folder: &Path, name: &str, text: &str) {
    let file = folder.join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

#[tokio::test]
async fn a_folder_goes_to_the_server_and_comes_back_as_it_was() {
    let gangway = Gangway::start().await;
    let (data, folder) = (gangway.data.path(), TempDir::new().unwrap());
    let folder = folder.path();
    let at = folder.to_str().unwrap();
    write(folder, "sync_items.yaml", SYNC);
    write(folder, "integrations/azuredevops.yaml", PORTAL);

    assert!(operates(data, &["validate", at]).contains("2 files are good."));
    let (same, said) = operate(data, &["diff", at]);
    assert!(!same && said.contains("+++ folder/sync_items.yaml"), "{said}");
    let pushed = operates(data, &["push", at, "--deploy", "--note", "The first"]);
    assert!(pushed.contains("stored  sync_items.yaml"), "{pushed}");
    assert!(pushed.contains("stored  integrations/azuredevops.yaml"), "{pushed}");
    assert!(pushed.contains("deployed  sync_items, version 1"), "{pushed}");

    assert_eq!(operates(data, &["diff", at]), "");
    assert!(operates(data, &["push", at, "--deploy"]).contains("as it is in the folder"));
    assert!(operates(data, &["pull", at]).contains("as it is on the server"));
    assert_eq!(fs::read_to_string(folder.join("sync_items.yaml")).unwrap(), SYNC, "comments stay");

    let other = TempDir::new().unwrap();
    operates(data, &["pull", other.path().to_str().unwrap()]);
    let uncommented = SYNC.split_once('\n').unwrap().1;
    assert_eq!(fs::read_to_string(other.path().join("sync_items.yaml")).unwrap(), uncommented);
    let portal = fs::read_to_string(other.path().join("integrations/azuredevops.yaml")).unwrap();
    assert_eq!(portal, PORTAL);

    write(folder, "sync_items.yaml", &SYNC.replace("amount: 5", "amount: 7"));
    let (same, said) = operate(data, &["diff", at]);
    assert!(!same && said.contains("-    amount: 5\n+    amount: 7"), "{said}");
}

#[tokio::test]
async fn nothing_is_stored_when_one_file_is_wrong() {
    let gangway = Gangway::start().await;
    let (data, folder) = (gangway.data.path(), TempDir::new().unwrap());
    let folder = folder.path();
    let at = folder.to_str().unwrap();
    write(folder, "sync_items.yaml", SYNC);
    write(
        folder,
        "broken.yaml",
        "name: Broken\ntrigger: {kind: app_event, event: a}\nstart: gone\n",
    );
    let (good, said) = operate(data, &["push", at]);
    assert!(!good && said.contains("broken.yaml: start: There is no step \"gone\"."), "{said}");
    write(folder, "broken.yaml", "name: [\n");
    let (good, said) = operate(data, &["push", at]);
    assert!(!good && said.contains("not readable as YAML"), "{said}");
    fs::remove_file(folder.join("broken.yaml")).unwrap();
    write(folder, "integrations/jira.yaml", "accent_color: red\n");
    let (good, said) = operate(data, &["validate", at]);
    assert!(!good && said.contains("no integration \"jira\""), "{said}");
    assert!(said.contains("accent_color: Write a colour"), "{said}");
    let empty = TempDir::new().unwrap();
    let pulled = operates(data, &["pull", empty.path().to_str().unwrap()]);
    assert!(pulled.contains("as it is on the server"), "{pulled}");
}

#[tokio::test]
async fn a_server_is_named_by_address_project_and_a_token_in_the_environment() {
    let gangway = Gangway::start().await;
    let info = gangway.info();
    let folder = TempDir::new().unwrap();
    let text = |name: &str| info[name].as_str().unwrap().to_owned();
    let (url, project, token) = (text("server"), text("project_id"), text("api_token"));
    let arguments =
        ["validate", folder.path().to_str().unwrap(), "--url", &url, "--project", &project];
    let environment =
        |token| [("GANGWAY_SERVER__MODE", "development"), ("GANGWAY_API_TOKEN", token)];
    assert!(run(&arguments, &environment(&token)).status.success());
    write(folder.path(), "sync_items.yaml", SYNC);
    let refused = run(&arguments, &environment("gw_wrong"));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("API token is unknown"), "{said}");
    assert!(!said.contains("gw_wrong"), "{said}");
    let without = run(&arguments, &[("GANGWAY_SERVER__MODE", "development")]);
    assert!(String::from_utf8(without.stderr).unwrap().contains("GANGWAY_API_TOKEN"));
}
