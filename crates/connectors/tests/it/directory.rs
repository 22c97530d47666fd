//! The operator's own connectors, read from a directory.

use std::path::{Path, PathBuf};

use base::Error;
use connectors::Catalogue;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/directory")
}

fn refused(directory: &Path, allow: &[&str]) -> Error {
    let allow: Vec<String> = allow.iter().map(|host| (*host).to_owned()).collect();
    Catalogue::load(Some(directory), &allow).expect_err("it is broken")
}

#[test]
fn a_folder_is_a_connector_without_compiling_anything() {
    let catalogue = Catalogue::load(Some(&fixtures()), &[]).unwrap();
    let own = catalogue.get("custom.acmecrm").unwrap();
    assert_eq!(own.provider.name, "Acme CRM");
    assert!(own.provider.is_custom());
    assert!(own.readme.starts_with("# Acme CRM"));
    assert!(own.icon.starts_with("<svg "));
    assert!(catalogue.get("azuredevops").is_some_and(|built_in| !built_in.provider.is_custom()));
}

#[test]
fn every_problem_of_every_folder_is_told_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let folder = |name: &str, files: &[(&str, &str)]| {
        let folder = directory.path().join(name);
        std::fs::create_dir(&folder).unwrap();
        for (file, text) in files {
            std::fs::write(folder.join(file), text).unwrap();
        }
    };
    let good = std::fs::read_to_string(fixtures().join("acmecrm/connector.toml")).unwrap();
    folder("acmecrm", &[("connector.toml", &good), ("icon.svg", "<html>"), ("README.md", "# A")]);
    folder("other", &[("connector.toml", &good), ("README.md", "")]);
    folder("torn", &[("connector.toml", "name = "), ("icon.svg", "<svg >"), ("README.md", "# T")]);
    folder(".git", &[]);
    let error = refused(directory.path(), &[]);
    let shown = error.message().replace("(os error 2)", "").replace(" \n", "\n");
    insta::assert_snapshot!(shown);
}

#[test]
fn a_connector_without_tls_is_refused_until_the_operator_lists_its_hosts() {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("acmecrm");
    std::fs::create_dir(&folder).unwrap();
    for file in ["README.md", "icon.svg"] {
        std::fs::copy(fixtures().join("acmecrm").join(file), folder.join(file)).unwrap();
    }
    let text = std::fs::read_to_string(fixtures().join("acmecrm/connector.toml")).unwrap();
    let plain =
        text.replace("https://", "http://").replace("[proxy]\n", "[proxy]\nplain_http = true\n");
    std::fs::write(folder.join("connector.toml"), plain).unwrap();
    let error = refused(directory.path(), &["login.acme.example"]);
    insta::assert_snapshot!(error.message(), @r#"acmecrm/connector.toml: plain_http sends tokens to "api.acme.example" without TLS; list that host in outbound.allow if it is in your own network"#);
    let allow = ["login.acme.example", "api.acme.example"].map(str::to_owned);
    assert!(Catalogue::load(Some(directory.path()), &allow).is_ok());
}

#[test]
fn a_directory_that_is_not_there_is_named() {
    let error = refused(Path::new("/nowhere/at/all"), &[]);
    assert_eq!(error.code(), "connectors_directory");
    assert!(error.message().contains("/nowhere/at/all"), "{error}");
}
