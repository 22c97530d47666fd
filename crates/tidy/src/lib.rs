//! The house rules that no compiler checks: which crate may know which, how long a file may be,
//! what a file may be called. The rules are the tests of this crate; here is how it reads the
//! repository.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

/// Folders that hold nothing of ours.
const NOT_OURS: [&str; 9] = [
    ".git",
    "data",
    "dist",
    "node_modules",
    "playwright-report",
    "snapshots",
    "target",
    "test-results",
    "vendor",
];
/// Folders whose files are tests.
const TEST_FOLDERS: [&str; 4] = ["specs", "support", "test", "tests"];

/// The top folder of the repository.
pub fn root() -> PathBuf {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    crates.and_then(Path::parent).expect("this crate lies in crates/").to_owned()
}

/// One crate of the workspace.
#[derive(Debug, Deserialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

impl Package {
    /// What it is built with: neither its tests' nor its build script's dependencies.
    pub fn dependencies(&self) -> BTreeSet<&str> {
        let normal = self.dependencies.iter().filter(|dependency| dependency.kind.is_none());
        normal.map(|dependency| dependency.name.as_str()).collect()
    }
}

/// Every crate of the workspace, as cargo tells it.
///
/// # Panics
/// When cargo does not.
pub fn packages() -> Vec<Package> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice::<Metadata>(&output.stdout).expect("cargo's metadata").packages
}

/// A file of ours.
#[derive(Debug)]
pub struct SourceFile {
    /// Its path below the root.
    pub path: PathBuf,
    /// What stands in it.
    pub text: String,
}

impl SourceFile {
    /// Whether it only serves tests.
    pub fn is_test(&self) -> bool {
        let in_test_folder = self.path.components().any(|part| {
            TEST_FOLDERS.iter().any(|folder| part.as_os_str().eq_ignore_ascii_case(folder))
        });
        in_test_folder || self.path.ends_with("tests.rs")
    }

    /// How many lines it has.
    pub fn line_count(&self) -> usize {
        self.text.lines().count()
    }

    /// Whether it lies in the folder.
    pub fn is_below(&self, folder: &str) -> bool {
        self.path.starts_with(folder)
    }
}

/// Every file of ours whose name ends in one of the extensions, in the order of their paths.
pub fn files(extensions: &[&str]) -> Vec<SourceFile> {
    let root = root();
    let (mut found, mut folders) = (Vec::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder").flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            if path.is_dir() {
                if NOT_OURS.iter().all(|other| name != *other) {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|end| extensions.iter().any(|e| end == *e)) {
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                let path = path.strip_prefix(&root).unwrap_or(&path).to_owned();
                found.push(SourceFile { path, text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}
