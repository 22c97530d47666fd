//! Takes secrets out of texts that are told: a far side may repeat what it was sent.

use base::{Error, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use url::Url;
use url::form_urlencoded;

/// Texts shorter than this are not looked for: they are in everything.
const HIDDEN_BYTES_MIN: usize = 4;

/// What was sent as a secret, in the forms in which it may come back.
#[derive(Clone, Default)]
pub struct Veil {
    /// Longest first, so that no part of a secret stays when a shorter one is within it.
    hidden: Vec<(Secret<String>, String)>,
}

impl Veil {
    /// Hides a secret behind its name.
    pub(crate) fn add(&mut self, secret: &str, name: String) {
        for form in forms(secret) {
            let is_known = self.hidden.iter().any(|(known, _)| *known.expose() == form);
            if form.len() >= HIDDEN_BYTES_MIN && !is_known {
                self.hidden.push((Secret::new(form), name.clone()));
            }
        }
        self.hidden.sort_by_key(|(form, _)| std::cmp::Reverse(form.expose().len()));
    }

    /// The text, with names in the place of secrets.
    pub fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (form, name) in &self.hidden {
            if text.contains(form.expose().as_str()) {
                text = text.replace(form.expose().as_str(), &format!("[{name}]"));
            }
        }
        text
    }

    /// The value, with names in the place of secrets.
    pub fn hide_value(&self, value: &Value) -> Value {
        match value {
            value if self.hidden.is_empty() => value.clone(),
            Value::String(text) => Value::String(self.hide(text)),
            Value::Array(items) => items.iter().map(|item| self.hide_value(item)).collect(),
            Value::Object(fields) => {
                let fields =
                    fields.iter().map(|(name, field)| (self.hide(name), self.hide_value(field)));
                Value::Object(fields.collect())
            }
            value => value.clone(),
        }
    }

    /// The error, telling no secret. A cause that would tell one is left out.
    pub(super) fn hide_in(&self, error: Error) -> Error {
        let told = format!("{error:?} {:?}", error.meta());
        if self.hidden.iter().all(|(form, _)| !told.contains(form.expose().as_str())) {
            return error;
        }
        let hidden = Error::new(error.kind(), error.code(), self.hide(error.message()));
        match error.meta() {
            Some(meta) => hidden.with_meta(self.hide_value(meta)),
            None => hidden,
        }
    }
}

/// As it is, and as addresses, forms, JSON and logins write it. Of one that is an address, the parts
/// that are told by themselves.
fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![
        secret.to_owned(),
        utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
        form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
        Value::String(secret.to_owned()).to_string().trim_matches('"').to_owned(),
        STANDARD.encode(secret),
        secret.to_lowercase(),
    ];
    if let Ok(url) = Url::parse(secret) {
        let path = url.path().to_owned();
        let path_and_query = url.query().map(|query| format!("{path}?{query}"));
        forms.extend(url.host_str().map(str::to_owned));
        forms.extend([url.to_string(), path].into_iter().chain(path_and_query));
    } else if let Some(path) = Url::parse("http://x/").ok().and_then(|base| base.join(secret).ok())
    {
        // A part of a path or query, as an address writes it.
        forms.extend(path.path().strip_prefix('/').map(str::to_owned));
        forms.extend(path.query().map(str::to_owned));
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_secret_is_hidden_in_every_form_in_which_it_comes_back() {
        let mut veil = Veil::default();
        veil.add("s3 cr\"et&", "secrets.KEY".to_owned());
        for form in
            ["s3 cr\"et&", "s3%20cr%22et%26", "s3+cr%22et%26", "s3 cr\\\"et&", "czMgY3IiZXQm"]
        {
            assert_eq!(veil.hide(&format!("<{form}>")), "<[secrets.KEY]>", "{form}");
        }
        let value = json!({ "a": ["s3 cr\"et&", 1], "s3 cr\"et&": null });
        let hidden = json!({ "a": ["[secrets.KEY]", 1], "[secrets.KEY]": null });
        assert_eq!(veil.hide_value(&value), hidden);
    }

    #[test]
    fn of_an_address_that_is_a_secret_neither_host_nor_path_is_told() {
        let mut veil = Veil::default();
        veil.add("https://hooks.example/T0/B0?x=1", "secrets.HOOK".to_owned());
        let error = Error::invalid("x", "hooks.example broke off at /T0/B0?x=1.");
        let told = veil.hide_in(error.with_source("hooks.example"));
        assert_eq!(format!("{told:?}"), "Invalid x: [secrets.HOOK] broke off at [secrets.HOOK].");
    }

    #[test]
    fn what_tells_nothing_stays_as_it_is() {
        let mut veil = Veil::default();
        veil.add("abc", "secrets.SHORT".to_owned());
        veil.add("https://a.example/", "secrets.URL".to_owned());
        let error = Error::invalid("x", "a/b: abc").with_source("cause");
        assert_eq!(format!("{:?}", veil.hide_in(error)), "Invalid x: a/b: abc <- cause");
    }
}
