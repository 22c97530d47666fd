//! Permissions: what there is, why one would want it, and what contains what.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{OAuth, Provider};

/// One permission.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Its name without prefix.
    pub id: String,
    /// What part of the product it opens.
    pub area: String,
    /// What it is needed for, for people who choose.
    pub reason: String,
    /// Whether the provider warns about it.
    #[serde(default)]
    pub high_privilege: bool,
    /// Whether a new integration asks for it.
    #[serde(default)]
    pub default: bool,
    /// Whether it contains every other scope.
    #[serde(default)]
    pub everything: bool,
    /// Scopes it contains.
    #[serde(default)]
    pub implies: Vec<String>,
}

impl Provider {
    /// The scopes a new integration asks for.
    pub fn default_scopes(&self) -> Vec<String> {
        self.scopes.iter().filter(|scope| scope.default).map(|scope| scope.id.clone()).collect()
    }

    /// Which of the wanted scopes are covered neither by a granted one nor by what it contains:
    /// the account "needs new permission".
    pub fn missing_scopes(&self, wanted: &[String], granted: &[String]) -> Vec<String> {
        let mut covered: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<&str> = granted.iter().map(String::as_str).collect();
        while let Some(id) = open.pop() {
            if covered.insert(id) {
                let Some(scope) = self.scopes.iter().find(|scope| scope.id == id) else { continue };
                if scope.everything {
                    return Vec::new();
                }
                open.extend(scope.implies.iter().map(String::as_str));
            }
        }
        wanted.iter().filter(|id| !covered.contains(id.as_str())).cloned().collect()
    }
}

impl OAuth {
    /// The scope parameter for these scopes.
    pub(crate) fn scope_parameter(&self, scopes: &[String]) -> String {
        let ours = scopes.iter().map(|scope| format!("{}{scope}", self.scope_prefix));
        let always = self.scopes_always.iter().cloned();
        ours.chain(always).collect::<Vec<_>>().join(&self.scope_separator)
    }

    /// Our names of the scopes a token answer lists.
    pub(crate) fn granted_scopes(&self, answer: &str) -> Vec<String> {
        let separators = |c: char| c.is_whitespace() || self.scope_separator.contains(c);
        let mut granted = Vec::new();
        for scope in answer.split(separators).filter(|scope| !scope.is_empty()) {
            let prefixes = self.scope_prefixes_accepted.iter().chain([&self.scope_prefix]);
            let bare = prefixes
                .filter(|prefix| !prefix.is_empty())
                .find_map(|prefix| scope.strip_prefix(prefix.as_str()))
                .unwrap_or(scope)
                .to_owned();
            if !self.scopes_always.contains(&bare) && !granted.contains(&bare) {
                granted.push(bare);
            }
        }
        granted
    }
}
