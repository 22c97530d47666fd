//! Which permission each documented operation of Azure DevOps needs: `scopes.json`, made of the
//! official descriptions. `scripts/generate` sets `GENERATE` and thereby writes it anew.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// By method and what follows `_apis/` in the path, the scopes of which any one is enough.
type Operations = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

fn descriptions() -> Vec<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [own.join("specs/azuredevops"), own.join("../sandbox/specs")];
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let paths = files.map(|file| file.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|end| end == "json")).collect()
}

fn add(operations: &mut Operations, description: &Value) {
    for (path, item) in description["paths"].as_object().unwrap() {
        let path = path.split('?').next().unwrap();
        let (_, path) = path.split_once("_apis/").unwrap();
        for (method, operation) in item.as_object().unwrap() {
            let ways = operation["security"].as_array().into_iter().flatten();
            let scopes = ways.flat_map(|way| way.as_object().unwrap().values());
            let scopes = scopes.flat_map(|scopes| scopes.as_array().unwrap());
            let scopes: Vec<String> =
                scopes.map(|scope| scope.as_str().unwrap().to_owned()).collect();
            if !scopes.is_empty() {
                let of_method = operations.entry(method.to_uppercase()).or_default();
                of_method.entry(path.to_owned()).or_default().extend(scopes);
            }
        }
    }
}

/// One operation a line.
fn document(operations: &Operations) -> String {
    let mut text = String::from("{");
    for (number, (method, paths)) in operations.iter().enumerate() {
        let _ = write!(text, "{}\n\"{method}\": {{", if number > 0 { "," } else { "" });
        for (number, (path, scopes)) in paths.iter().enumerate() {
            let scopes = serde_json::to_string(scopes).unwrap();
            let _ = write!(text, "{}\n  \"{path}\": {scopes}", if number > 0 { "," } else { "" });
        }
        text.push_str("\n}");
    }
    text + "\n}\n"
}

#[test]
fn the_checked_in_scopes_are_those_of_the_official_descriptions() {
    let mut operations = Operations::new();
    for path in descriptions() {
        let text = fs::read_to_string(path).unwrap();
        add(&mut operations, &serde_json::from_str(&text).unwrap());
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog/azuredevops/scopes.json");
    let fresh = document(&operations);
    if std::env::var_os("GENERATE").is_some() {
        fs::write(&file, &fresh).unwrap();
    }
    let checked_in = fs::read_to_string(&file).unwrap_or_default();
    assert!(checked_in == fresh, "catalog/azuredevops/scopes.json is stale: run scripts/generate");
}
