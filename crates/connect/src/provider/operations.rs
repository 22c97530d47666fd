//! What the provider's own description says of its operations: which permission each needs.

use std::collections::BTreeMap;

use base::{Error, Result};
use http::Method;
use serde::Deserialize;

use super::Provider;

/// By method and path template (from what follows the marker on), the scopes of which any one is
/// enough.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Operations(BTreeMap<String, BTreeMap<String, Vec<String>>>);

impl Operations {
    /// Reads a connector's `scopes.json`.
    ///
    /// # Errors
    /// `invalid_connector` when it has another form.
    pub fn parse(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|cause| {
            Error::invalid("invalid_connector", format!("scopes.json: {cause}")).with_source(cause)
        })
    }

    /// The scopes of the operation that serves this path.
    fn scopes(&self, method: &Method, path: &str) -> Option<&[String]> {
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let templates = self.0.get(method.as_str())?;
        let fitting = templates.iter().filter_map(|(template, scopes)| {
            literals(template, &segments).map(|literals| (literals, scopes))
        });
        // `teams/mine` before `teams/{id}`.
        fitting.max_by_key(|(literals, _)| *literals).map(|(_, scopes)| scopes.as_slice())
    }
}

/// How much of a path the template spells out; none when it is another path.
fn literals(template: &str, path: &[&str]) -> Option<usize> {
    let mut given = path.iter();
    let mut count = 0;
    for wanted in template.split('/') {
        let segment = given.next()?;
        match wanted.find('{') {
            None if wanted.eq_ignore_ascii_case(segment) => count += 2,
            // `$` before a type's name comes encoded too.
            Some(1) if wanted.starts_with('$') && segment.starts_with("%24") => count += 1,
            Some(begin) if segment.starts_with(&wanted[..begin]) => count += begin.min(1),
            _ => return None,
        }
    }
    given.next().is_none().then_some(count)
}

impl Provider {
    /// Adds what the provider's own description says of its operations.
    #[must_use]
    pub fn with_operations(mut self, operations: Operations) -> Self {
        self.operations = operations;
        self
    }

    /// The scope that a call needs and an account with these scopes has not; none when it has one
    /// that is enough, or nothing is known of the call. Where one of several is enough, all are
    /// named.
    pub(crate) fn missing_scope(
        &self,
        method: &Method,
        path: &str,
        granted: &[String],
    ) -> Option<String> {
        let scopes = self.operations.scopes(method, self.proxy.after_marker(path))?;
        let missing = self.uncovered_scopes(scopes, granted);
        (!scopes.is_empty() && missing.len() == scopes.len()).then(|| scopes.join(" or "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(method: Method, path: &str) -> Option<Vec<String>> {
        let operations = r#"{
            "GET": { "projects": ["a"], "projects/{id}/teams": ["b"], "teams/{id}": ["c"],
                     "teams/mine": ["d"] },
            "POST": { "wit/workitems/${type}": ["e"], "wit/workitems/{id}": ["f"] }
        }"#;
        Operations::parse(operations).unwrap().scopes(&method, path).map(<[_]>::to_vec)
    }

    #[test]
    fn the_operation_that_serves_a_path_is_the_one_that_spells_out_most_of_it() {
        let one = |scope: &str| Some(vec![scope.to_owned()]);
        assert_eq!(scopes(Method::GET, "Projects"), one("a"));
        assert_eq!(scopes(Method::GET, "projects/x/teams"), one("b"));
        assert_eq!(scopes(Method::GET, "teams/7"), one("c"));
        assert_eq!(scopes(Method::GET, "teams/mine"), one("d"));
        assert_eq!(scopes(Method::POST, "wit/workitems/%24Task"), one("e"));
        assert_eq!(scopes(Method::GET, "projects/x"), None);
        assert_eq!(scopes(Method::PUT, "projects"), None);
    }
}
