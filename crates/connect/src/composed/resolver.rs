//! Puts plaintext in the place of references, and remembers what it put.

use std::sync::Arc;

use base::{Error, Result, Secret};
use serde_json::Value;

use super::veil::Veil;
use super::{ComposedAuthorization, ComposedBody, ComposedRequest, Keyring};
use crate::Connect;
use crate::environment_secrets::{self, Opened};
use crate::held::Held;
use crate::reference::{self, Reference};
use crate::secrets::Authorization;

/// What references mean for one request.
pub(super) struct Resolver {
    secrets: Option<Arc<Opened>>,
    token: Option<Secret<String>>,
    veil: Veil,
    used_token: bool,
}

impl Resolver {
    /// Reads what the request's references name.
    pub async fn load(
        connect: &Connect,
        request: &ComposedRequest,
        keyring: &Keyring,
    ) -> Result<Self> {
        let references: Vec<Reference> =
            values(request).into_iter().flat_map(reference::references_in).collect();
        let is_token = |one: &Reference| matches!(one, Reference::Token { .. });
        let secrets = match references.iter().all(is_token) {
            true => None,
            false => Some(connect.opened_secrets(keyring.project_id).await?),
        };
        let token = match (references.iter().any(is_token), &keyring.account) {
            (true, Some(account)) => Some(connect.token_of(account).await?),
            _ => None,
        };
        Ok(Self { secrets, token, veil: Veil::default(), used_token: false })
    }

    /// The value with plaintext in it.
    pub fn value(&mut self, value: &Value) -> Result<Value> {
        reference::resolve(value, &mut |reference| self.find(reference))
    }

    /// The text that a value is, plaintext in it; none for null.
    pub fn text(&mut self, value: &Value, what: &str) -> Result<Option<String>> {
        scalar(self.value(value)?, what)
    }

    /// The text that a value is, which must be there.
    pub fn some_text(&mut self, value: &Value, what: &str) -> Result<String> {
        let text = self.text(value, what)?.filter(|text| !text.is_empty());
        text.ok_or_else(|| {
            Error::invalid("value_missing", format!("{what} is empty; the step must give it."))
        })
    }

    fn find(&mut self, reference: &Reference) -> Result<String> {
        let found = match reference {
            Reference::Secret { name } => match &self.secrets {
                Some(secrets) => environment_secrets::find(secrets, name)?,
                None => return Err(Error::internal("a secret was not looked up")),
            },
            Reference::Token { .. } => {
                self.used_token = true;
                self.token.as_ref().ok_or_else(no_account)?
            }
        };
        self.veil.add(found.expose(), reference.written());
        Ok(found.expose().clone())
    }

    /// Something else that must not be told.
    pub fn hide(&mut self, secret: &str, name: impl Into<String>) {
        self.veil.add(secret, name.into());
    }

    /// Whether an account's token is part of the request.
    pub fn used_token(&self) -> bool {
        self.used_token
    }

    pub fn into_veil(self) -> Veil {
        self.veil
    }
}

impl Connect {
    /// The access token of an account, renewed if its end is near.
    async fn token_of(&self, account: &Arc<Held>) -> Result<Secret<String>> {
        let state = self.fresh(account).await?;
        let token = match &state.authorization {
            Authorization::Header(_, value) => {
                value.to_str().ok().and_then(|value| value.strip_prefix("Bearer "))
            }
            Authorization::Query(_) => None,
        };
        token.map(|token| Secret::new(token.to_owned())).ok_or_else(|| {
            let message = "This account was connected without an access token, so account.token \
                           means nothing here; use an integration request instead.";
            Error::invalid("no_account_token", message)
        })
    }
}

/// Every value of a request in which references may stand.
fn values(request: &ComposedRequest) -> Vec<&Value> {
    let mut values: Vec<&Value> = vec![&request.url];
    values.extend(request.query.values());
    values.extend(request.headers.values());
    match &request.body {
        None => {}
        Some(
            ComposedBody::Json(content)
            | ComposedBody::Form(content)
            | ComposedBody::Multipart(content)
            | ComposedBody::Xml(content)
            | ComposedBody::Raw(content),
        ) => values.push(content),
    }
    match &request.authorization {
        ComposedAuthorization::None => {}
        ComposedAuthorization::Bearer { token } => values.push(token),
        ComposedAuthorization::Basic { username, password } => values.extend([username, password]),
        ComposedAuthorization::ClientCredentials { token_url, client_id, client_secret, scope } => {
            values.extend([token_url, client_id, client_secret, scope]);
        }
    }
    values
}

/// A text, number or truth value as text; none for null.
pub(super) fn scalar(value: Value, what: &str) -> Result<Option<String>> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::Bool(is) => Ok(Some(is.to_string())),
        Value::Array(_) | Value::Object(_) => {
            let message = format!("{what} must be text or a number, and is a list or an object.");
            Err(Error::invalid("value_not_text", message))
        }
    }
}

/// Name and text of every field: a list gives its name several times, null is left out.
pub(super) fn pairs(
    resolver: &mut Resolver,
    fields: &serde_json::Map<String, Value>,
    what: &str,
) -> Result<Vec<(String, String)>> {
    let mut pairs = Vec::with_capacity(fields.len());
    for (name, value) in fields {
        let name = reference::unescape_key(name);
        let what = format!("{what} \"{name}\"");
        let values = match resolver.value(value)? {
            Value::Array(items) => items,
            value => vec![value],
        };
        for value in values {
            if let Some(text) = scalar(value, &what)? {
                pairs.push((name.to_owned(), text));
            }
        }
    }
    Ok(pairs)
}

fn no_account() -> Error {
    let message = "account.token means nothing here: the execution has no connected account.";
    Error::invalid("no_account_token", message)
}
