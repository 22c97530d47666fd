//! The folder of files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use engine::definition::{DEFINITION_BYTES_MAX, is_key};
use serde_json::Value;

use super::{layout, yaml};

/// The folder within it that holds portal settings of integrations.
const INTEGRATIONS: &str = "integrations";
/// How large a file may be: YAML may take more room than the JSON it stands for.
const FILE_BYTES_MAX: u64 = 4 * DEFINITION_BYTES_MAX as u64;

/// What files say, or the server.
#[derive(Debug, Default, PartialEq)]
pub struct Files {
    /// Definitions, by the workflow's key.
    pub workflows: BTreeMap<String, Value>,
    /// Portal settings, by the integration's slug.
    pub integrations: BTreeMap<String, Value>,
}

impl Files {
    /// How many files that is.
    pub fn len(&self) -> usize {
        self.workflows.len() + self.integrations.len()
    }

    /// All of them, by the name of the file.
    pub fn by_name(&self) -> BTreeMap<String, &Value> {
        let workflows = self.workflows.iter().map(|(key, one)| (workflow_file(key), one));
        let integrations =
            self.integrations.iter().map(|(slug, one)| (integration_file(slug), one));
        workflows.chain(integrations).collect()
    }
}

/// The file of a workflow.
pub fn workflow_file(key: &str) -> String {
    format!("{key}.yaml")
}

/// The file of an integration's portal settings.
pub fn integration_file(slug: &str) -> String {
    format!("{INTEGRATIONS}/{slug}.yaml")
}

/// Which integration's portal settings a file holds; none for a workflow's file.
pub fn slug_of(name: &str) -> Option<&str> {
    name.strip_prefix(INTEGRATIONS)?.strip_prefix('/')?.strip_suffix(".yaml")
}

/// A folder.
pub struct Folder<'p>(&'p Path);

impl<'p> Folder<'p> {
    /// The folder at a path.
    pub fn new(path: &'p Path) -> Self {
        Self(path)
    }

    /// Reads all files, or all that is wrong with them. A folder that is not there holds none.
    pub fn read(&self) -> Result<Result<Files, Vec<String>>> {
        let mut files = Files::default();
        let mut faults = Vec::new();
        for (stem, path) in yaml_files(self.0)? {
            match read_workflow(&stem, &path) {
                Ok(definition) => drop(files.workflows.insert(stem, definition)),
                Err(fault) => faults.push(format!("{}: {fault}", path.display())),
            }
        }
        for (stem, path) in yaml_files(&self.0.join(INTEGRATIONS))? {
            match read_document(&path) {
                Ok(portal) => drop(files.integrations.insert(stem, portal)),
                Err(fault) => faults.push(format!("{}: {fault}", path.display())),
            }
        }
        Ok(if faults.is_empty() { Ok(files) } else { Err(faults) })
    }

    /// Writes a file; answers its path.
    pub fn write(&self, name: &str, document: &Value) -> Result<PathBuf> {
        let path = self.0.join(name);
        let parent = path.parent().unwrap_or(self.0);
        fs::create_dir_all(parent)
            .with_context(|| format!("The folder {} cannot be made.", parent.display()))?;
        let shown = match slug_of(name) {
            Some(_) => layout::integration(document),
            None => layout::workflow(document),
        };
        fs::write(&path, yaml::write(&shown, document))
            .with_context(|| format!("{} cannot be written.", path.display()))?;
        Ok(path)
    }
}

/// The YAML files right in a folder, by their names without the end, in order.
fn yaml_files(folder: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let mut found = BTreeMap::new();
    if !folder.exists() {
        return Ok(found);
    }
    let entries = fs::read_dir(folder)
        .with_context(|| format!("The folder {} cannot be read.", folder.display()))?;
    for entry in entries {
        let path = entry.context("A folder's entry cannot be read.")?.path();
        let is_yaml = path.extension().is_some_and(|end| end == "yaml");
        let stem = path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned);
        if let Some(stem) = stem.filter(|_| is_yaml && path.is_file()) {
            found.insert(stem, path);
        }
    }
    Ok(found)
}

fn read_document(path: &Path) -> Result<Value, String> {
    let size = fs::metadata(path).map_err(|cause| format!("It cannot be read: {cause}."))?.len();
    if size > FILE_BYTES_MAX {
        return Err(format!("It has {size} bytes; {FILE_BYTES_MAX} are allowed."));
    }
    let text = fs::read_to_string(path).map_err(|cause| format!("It cannot be read: {cause}."))?;
    let document = yaml::read(&text)?;
    if document.is_object() { Ok(document) } else { Err("It holds no object.".to_owned()) }
}

/// A workflow's file is named for its key.
fn read_workflow(stem: &str, path: &Path) -> Result<Value, String> {
    let mut document = read_document(path)?;
    if !is_key(stem) {
        let rule = "a letter, then letters, digits and underscores, all lower-case";
        return Err(format!("A workflow's file is named for its key: {rule}."));
    }
    match document.get("key").map(|key| key == stem) {
        Some(true) => {}
        Some(false) => return Err(format!("The key is not \"{stem}\", as the file's name says.")),
        None => document["key"] = stem.into(),
    }
    Ok(document)
}
