//! How a project's Connect Portal looks: colours, logo, theme and texts of the host's own.

use std::collections::BTreeMap;

use base::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::portal::is_color;

/// How long the address or the data of a logo may be.
const LOGO_BYTES_MAX: usize = 64 * 1024;
/// How long one text may be.
const TEXT_CHARS_MAX: usize = 500;
/// How many texts there may be in one language.
const TEXTS_MAX: usize = 200;
/// The languages that the portal speaks.
const LANGUAGES: [&str; 5] = ["en", "de", "fr", "es", "pt"];

/// Light, dark, or what the person's system says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// Always light.
    Light,
    /// Always dark.
    Dark,
    /// What the person's system says.
    #[default]
    System,
}

/// How the project's Connect Portal looks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schema(as = Portal)]
pub struct Look {
    /// What the host calls its product.
    pub product_name: Option<String>,
    /// The colour of buttons, `#rrggbb`. An integration's own colour counts before it.
    pub accent_color: Option<String>,
    /// The host's logo: an https address, or `data:image/…`.
    pub logo_url: Option<String>,
    /// Light, dark, or what the person's system says.
    pub theme: Theme,
    /// The language, `en`, `de`, `fr`, `es` or `pt`; left out, the browser's.
    pub language: Option<String>,
    /// The host's own words: by language, by the name of the text.
    pub texts: BTreeMap<String, BTreeMap<String, String>>,
}

impl Look {
    /// Reads a stored document. What a newer version wrote into it is left out.
    pub fn stored(document: Option<Map<String, Value>>) -> Self {
        let Some(document) = document else { return Self::default() };
        serde_json::from_value(Value::Object(document)).unwrap_or_else(|cause| {
            tracing::error!(%cause, "the look of a portal is unreadable");
            Self::default()
        })
    }

    /// As it is stored.
    pub fn document(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(document)) => document,
            _ => Map::new(),
        }
    }

    /// Checks what somebody sent.
    ///
    /// # Errors
    /// `invalid_portal` with the first fault.
    pub fn check(&self) -> Result<()> {
        let wrong = |message: String| Err(Error::invalid("invalid_portal", message));
        if self.accent_color.as_deref().is_some_and(|color| !is_color(color)) {
            return wrong("accentColor: write a colour as #rrggbb.".to_owned());
        }
        if self.logo_url.as_deref().is_some_and(|url| !is_picture(url)) {
            return wrong(format!(
                "logoUrl: give an https address or data:image/…, at most {LOGO_BYTES_MAX} bytes."
            ));
        }
        let language = self.language.iter().chain(self.texts.keys());
        if let Some(unknown) = language.into_iter().find(|one| !LANGUAGES.contains(&one.as_str())) {
            let known = LANGUAGES.join(", ");
            return wrong(format!("There is no language \"{unknown}\"; there are {known}."));
        }
        let texts = self.texts.values().flatten().map(|(_, text)| text);
        if texts.chain(&self.product_name).any(|text| text.chars().count() > TEXT_CHARS_MAX) {
            return wrong(format!("A text has at most {TEXT_CHARS_MAX} characters."));
        }
        if self.texts.values().any(|texts| texts.len() > TEXTS_MAX) {
            return wrong(format!("There are at most {TEXTS_MAX} texts in a language."));
        }
        Ok(())
    }
}

fn is_picture(url: &str) -> bool {
    url.len() <= LOGO_BYTES_MAX && (url.starts_with("https://") || url.starts_with("data:image/"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(document: Value) -> Result<()> {
        serde_json::from_value::<Look>(document).expect("its form is right").check()
    }

    #[test]
    fn a_logo_is_a_picture_over_https_or_within_the_address() {
        assert!(check(json!({ "logoUrl": "https://a.example/logo.svg" })).is_ok());
        assert!(check(json!({ "logoUrl": "data:image/png;base64,AAAA" })).is_ok());
        for wrong in ["http://a.example/logo.svg", "javascript:alert(1)", "data:text/html,x"] {
            assert!(check(json!({ "logoUrl": wrong })).is_err(), "{wrong}");
        }
    }

    #[test]
    fn colours_and_languages_are_those_that_exist() {
        assert!(check(json!({ "accentColor": "#0a7cff", "language": "de" })).is_ok());
        assert!(check(json!({ "accentColor": "red" })).is_err());
        assert!(check(json!({ "texts": { "xx": {} } })).is_err());
    }
}
