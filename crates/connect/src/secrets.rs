//! What a credential keeps sealed: tokens, or the secrets a person typed.

use std::collections::BTreeMap;

use base::{Error, Result, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use serde::Deserialize;
use serde_json::json;

use crate::provider::{AccountType, template};

/// The field of a credential's row that is sealed.
pub(crate) const FIELD: &str = "secrets";

/// What proves to a provider that we may act for someone.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Secrets {
    /// From signing in.
    Tokens(Tokens),
    /// Typed, by field.
    Fields(BTreeMap<String, Secret<String>>),
}

/// An access token and what renews it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Tokens {
    pub access_token: Secret<String>,
    pub refresh_token: Option<Secret<String>>,
}

impl Tokens {
    pub fn to_json(&self) -> serde_json::Value {
        json!({
            "access_token": self.access_token.expose(),
            "refresh_token": self.refresh_token.as_ref().map(Secret::expose),
        })
    }
}

impl Secrets {
    /// The form that is sealed.
    pub fn to_bytes(&self) -> Secret<Vec<u8>> {
        let document = match self {
            Self::Tokens(tokens) => json!({ "tokens": tokens.to_json() }),
            Self::Fields(fields) => {
                let fields: BTreeMap<_, _> = fields.iter().map(|(k, v)| (k, v.expose())).collect();
                json!({ "fields": fields })
            }
        };
        Secret::new(document.to_string().into_bytes())
    }

    /// Reads what was sealed.
    pub fn parse(opened: &Secret<Vec<u8>>) -> Result<Self> {
        // The cause could quote the document.
        serde_json::from_slice(opened.expose())
            .map_err(|_| Error::internal("a credential's sealed document has another form"))
    }

    /// The `Authorization` header.
    pub fn authorization(&self, account_type: &AccountType) -> Result<HeaderValue> {
        match self {
            Self::Tokens(tokens) => bearer(&tokens.access_token),
            Self::Fields(fields) => {
                let basic = account_type.basic.as_ref();
                let basic =
                    basic.ok_or_else(|| Error::internal("an account type lost its basic"))?;
                let value = |name: &str| fields.get(name).map(|secret| secret.expose().clone());
                let username = template::fill(&basic.username, value)?;
                let password = Secret::new(template::fill(&basic.password, value)?);
                basic_header(&username, &password)
            }
        }
    }
}

pub(crate) fn bearer(token: &Secret<String>) -> Result<HeaderValue> {
    sensitive(&Secret::new(format!("Bearer {}", token.expose())))
}

pub(crate) fn basic_header(username: &str, password: &Secret<String>) -> Result<HeaderValue> {
    let login = Secret::new(format!("{username}:{}", password.expose()));
    sensitive(&Secret::new(format!("Basic {}", STANDARD.encode(login.expose()))))
}

/// A header value that prints as "Sensitive".
fn sensitive(text: &Secret<String>) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(text.expose())
        .map_err(|_| Error::invalid("invalid_token", "The token holds characters no token has."))?;
    value.set_sensitive(true);
    Ok(value)
}
