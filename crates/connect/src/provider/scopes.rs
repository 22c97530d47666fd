//! Permissions: what there is, why one would want it, and what contains what.

use std::collections::BTreeSet;

use serde::Deserialize;

use store::credentials::Credential;
use store::integrations::Integration;

use super::{OAuth, Provider, Scheme};

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

    /// The scopes that an integration asks for.
    pub fn wanted_scopes(&self, integration: &Integration) -> Vec<String> {
        if integration.scopes.is_empty() {
            return self.default_scopes();
        }
        integration.scopes.clone()
    }

    /// The scopes that the integration asks for and the account lacks: it "needs new permission".
    /// A typed token's scopes are not known, so it lacks none.
    pub fn missing_scopes(
        &self,
        integration: &Integration,
        credential: &Credential,
    ) -> Vec<String> {
        match self.account_type(Some(&credential.account_type)) {
            Ok(kind) if kind.scheme == Scheme::Oauth => {
                self.uncovered_scopes(&self.wanted_scopes(integration), &credential.scopes)
            }
            _ => Vec::new(),
        }
    }

    /// Which of the wanted scopes are neither granted nor contained in a granted one.
    pub fn uncovered_scopes(&self, wanted: &[String], granted: &[String]) -> Vec<String> {
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
        let always = self.scopes_always.iter().cloned();
        self.on_the_wire(scopes).chain(always).collect::<Vec<_>>().join(&self.scope_separator)
    }

    /// The scope parameter of an app that signs in as itself; what is always asked for concerns a
    /// person.
    pub(crate) fn app_scope_parameter(&self, scopes: &[String]) -> String {
        self.on_the_wire(scopes).collect::<Vec<_>>().join(&self.scope_separator)
    }

    fn on_the_wire(&self, scopes: &[String]) -> impl Iterator<Item = String> {
        scopes.iter().map(|scope| format!("{}{scope}", self.scope_prefix))
    }

    /// Our names of the scopes a token answer lists.
    pub(crate) fn granted_scopes(&self, answer: &str) -> Vec<String> {
        // Some that take blanks answer with commas.
        let separators =
            |c: char| c.is_whitespace() || c == ',' || self.scope_separator.contains(c);
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
