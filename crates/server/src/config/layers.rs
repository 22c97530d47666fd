//! The layers: defaults, then a file, then the environment.
//!
//! Each given value is tried alone on top of what is good so far. That finds unknown names and
//! wrong types, all of them in one run.

use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::Serialized;
use figment::value::{Dict, Value};

use super::Config;
use super::problem::{Problems, sentence};
use super::server::Mode;

pub(super) const DEFAULTS: &str = include_str!("../../../../config.default.toml");
const PREFIX: &str = "GANGWAY_";

/// Where settings come from beside the defaults.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file named on the command line; none: the one that `GANGWAY_CONFIG` names, if any.
    pub file: Option<PathBuf>,
    /// The environment, as pairs of name and value.
    pub environment: Vec<(String, String)>,
    /// The mode that the command demands, whatever the layers say.
    pub mode: Option<Mode>,
}

impl Sources {
    /// This process's environment, and what its command line says.
    pub fn of_process(file: Option<PathBuf>, mode: Option<Mode>) -> Self {
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self { file, environment, mode }
    }

    fn file(&self) -> Option<PathBuf> {
        let named = || {
            let found = self.environment.iter().find(|(name, _)| name == "GANGWAY_CONFIG");
            found.filter(|(_, path)| !path.is_empty()).map(|(_, path)| PathBuf::from(path))
        };
        self.file.clone().or_else(named)
    }
}

/// The settings made of all that is good, and what is not.
pub(super) fn load(sources: &Sources) -> (Config, Problems) {
    let mut problems = Problems::default();
    let defaults = parse(DEFAULTS).expect("config.default.toml is TOML");
    let file = sources.file();
    let mut given = Dict::new();
    if let Some(path) = &file {
        match read(path) {
            Ok(values) => given = values,
            Err(message) => problems.add(path.display().to_string(), message),
        }
    }
    let environment = environment(&sources.environment, &defaults);
    overlay(&mut given, &environment);

    let mut good = Figment::from(Serialized::defaults(&defaults));
    if let Some(mode) = sources.mode {
        overlay(&mut given, &nested(&["server".to_owned(), "mode".to_owned()], mode.name().into()));
    }
    for (path, value) in leaves(&given, &defaults) {
        let tried = good.clone().merge(Serialized::defaults(nested(&path, value)));
        match tried.extract::<Config>() {
            Ok(_) => good = tried,
            Err(error) => {
                let origin = match (find(&environment, &path), &file) {
                    (None, Some(file)) => file.display().to_string(),
                    _ => format!("{PREFIX}{}", path.join("__").to_uppercase()),
                };
                let key = if error.path.len() > path.len() { &error.path } else { &path };
                problems.add_in(key.join("."), origin, sentence(&error.kind));
            }
        }
    }
    (good.extract().expect("config.default.toml holds every setting"), problems)
}

pub(super) fn parse(text: &str) -> Result<Dict, toml::de::Error> {
    toml::from_str(text)
}

/// The values of a file. The message quotes nothing of the file: it may hold secrets.
fn read(path: &Path) -> Result<Dict, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|e| format!("The configuration file cannot be read: {e}."))?;
    parse(&text).map_err(|e| {
        let before = e.span().and_then(|span| text.get(..span.start)).unwrap_or("");
        let line = before.matches('\n').count() + 1;
        format!("Line {line} is not TOML. Texts stand in quotes, sections in brackets.")
    })
}

/// The variables that name a setting. Only a double underscore makes one: platforms set variables
/// such as `GANGWAY_SERVICE_HOST` by themselves.
fn environment(variables: &[(String, String)], defaults: &Dict) -> Dict {
    let mut values = Dict::new();
    for (name, text) in variables {
        let Some(key) = name.strip_prefix(PREFIX).filter(|key| key.contains("__")) else {
            continue;
        };
        let path: Vec<String> = key.to_lowercase().split("__").map(str::to_owned).collect();
        // What is text by default, or has no default, is taken as it stands: a secret of digits
        // stays text.
        let value = match find(defaults, &path) {
            None | Some(Value::String(..)) => Value::from(text.clone()),
            Some(_) => {
                text.parse().unwrap_or_else(|never: std::convert::Infallible| match never {})
            }
        };
        overlay(&mut values, &nested(&path, value));
    }
    values
}

/// Every value that was given, with its path. A table that is empty by default has free keys: each
/// of its entries is one value.
pub(super) fn leaves(given: &Dict, defaults: &Dict) -> Vec<(Vec<String>, Value)> {
    let mut found = Vec::new();
    for (key, value) in given {
        let below = match (value, defaults.get(key)) {
            (Value::Dict(_, given), Some(Value::Dict(_, defaults))) if defaults.is_empty() => {
                given.iter().map(|(name, entry)| (vec![name.clone()], entry.clone())).collect()
            }
            (Value::Dict(_, given), Some(Value::Dict(_, defaults))) => leaves(given, defaults),
            _ => vec![(Vec::new(), value.clone())],
        };
        found.extend(below.into_iter().map(|(mut path, value)| {
            path.insert(0, key.clone());
            (path, value)
        }));
    }
    found
}

fn overlay(under: &mut Dict, over: &Dict) {
    for (key, value) in over {
        match (under.get_mut(key), value) {
            (Some(Value::Dict(_, under)), Value::Dict(_, over)) => overlay(under, over),
            _ => drop(under.insert(key.clone(), value.clone())),
        }
    }
}

fn nested(path: &[String], value: Value) -> Dict {
    let (key, below) = path.split_first().expect("a path has a part");
    let value = if below.is_empty() { value } else { Value::from(nested(below, value)) };
    Dict::from([(key.clone(), value)])
}

fn find<'a>(values: &'a Dict, path: &[String]) -> Option<&'a Value> {
    let (key, below) = path.split_first()?;
    match values.get(key)? {
        value if below.is_empty() => Some(value),
        Value::Dict(_, values) => find(values, below),
        _ => None,
    }
}
