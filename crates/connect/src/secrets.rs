//! What a credential keeps sealed: tokens, or the secrets a person typed.

use std::collections::BTreeMap;

use base::{Error, Result, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use serde::Deserialize;
use serde_json::json;
use url::form_urlencoded;

use crate::provider::{AccountType, Placement, template};

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
    /// The app they come from, where the person brought their own.
    #[serde(default)]
    pub client: Option<OwnClient>,
}

/// Client id and secret of an app that a person brought.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct OwnClient {
    pub id: String,
    pub secret: Secret<String>,
}

impl OwnClient {
    pub fn to_json(&self) -> serde_json::Value {
        json!({ "id": self.id, "secret": self.secret.expose() })
    }
}

impl Tokens {
    pub fn to_json(&self) -> serde_json::Value {
        json!({
            "access_token": self.access_token.expose(),
            "refresh_token": self.refresh_token.as_ref().map(Secret::expose),
            "client": self.client.as_ref().map(OwnClient::to_json),
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

    /// What calls carry.
    pub fn authorization<'v>(
        &self,
        account_type: &AccountType,
        variable: impl Fn(&str) -> Option<&'v str>,
    ) -> Result<Authorization> {
        let placement = match (self, &account_type.authorization) {
            (_, Some(placement)) => placement,
            (Self::Tokens(tokens), None) => return Authorization::bearer(&tokens.access_token),
            (Self::Fields(_), None) => {
                return Err(Error::internal("an account type lost its authorization"));
            }
        };
        let value = |name: &str| match self {
            Self::Tokens(tokens) if name == "access_token" => {
                Some(tokens.access_token.expose().clone())
            }
            Self::Fields(fields) if fields.contains_key(name) => {
                fields.get(name).map(|secret| secret.expose().clone())
            }
            _ => variable(name).map(str::to_owned),
        };
        match placement {
            Placement::Header { name, value: text } => {
                let name = name.parse().map_err(Error::internal)?;
                let text = Secret::new(template::fill(text, value)?);
                Ok(Authorization::Header(name, sensitive(&text)?))
            }
            Placement::Query { name, value: text } => {
                let text = Secret::new(template::fill(text, value)?);
                let mut pair = form_urlencoded::Serializer::new(String::new());
                pair.append_pair(name, text.expose());
                Ok(Authorization::Query(Secret::new(pair.finish())))
            }
            Placement::Basic { username, password } => {
                let password = Secret::new(template::fill(password, value)?);
                Authorization::basic(&template::fill(username, value)?, &password)
            }
        }
    }
}

/// What a call carries to prove who it is.
#[derive(Clone, Debug)]
pub(crate) enum Authorization {
    /// A header, `Authorization` most often.
    Header(HeaderName, HeaderValue),
    /// `name=value` of the query, encoded.
    Query(Secret<String>),
}

impl Authorization {
    pub fn bearer(token: &Secret<String>) -> Result<Self> {
        let value = sensitive(&Secret::new(format!("Bearer {}", token.expose())))?;
        Ok(Self::Header(AUTHORIZATION, value))
    }

    pub fn basic(username: &str, password: &Secret<String>) -> Result<Self> {
        let login = Secret::new(format!("{username}:{}", password.expose()));
        let value = Secret::new(format!("Basic {}", STANDARD.encode(login.expose())));
        Ok(Self::Header(AUTHORIZATION, sensitive(&value)?))
    }

    /// Puts it where it belongs.
    pub fn attach(&self, uri: &mut Uri, headers: &mut HeaderMap) -> Result<()> {
        match self {
            Self::Header(name, value) => {
                headers.insert(name, value.clone());
            }
            Self::Query(pair) => {
                let mut parts = uri.clone().into_parts();
                let path = parts.path_and_query.as_ref().map_or("/", PathAndQuery::as_str);
                let joint = if path.contains('?') { '&' } else { '?' };
                let longer = format!("{path}{joint}{}", pair.expose());
                // The cause could quote the secret.
                let unfit = || Error::invalid("invalid_token", "The key cannot stand in a query.");
                parts.path_and_query = Some(longer.parse().map_err(|_| unfit())?);
                *uri = Uri::from_parts(parts).map_err(|_| unfit())?;
            }
        }
        Ok(())
    }
}

/// A header value that prints as "Sensitive".
fn sensitive(text: &Secret<String>) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(text.expose())
        .map_err(|_| Error::invalid("invalid_token", "The token holds characters no token has."))?;
    value.set_sensitive(true);
    Ok(value)
}
