//! What an attempt remembers between the steps.

use std::collections::BTreeMap;

use base::{Error, Result, Secret, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::oauth_attempts::Attempt;

use super::InstallOptions;
use crate::secrets::{OwnClient, Tokens};

/// Fields of an attempt's row that are sealed, one after the other.
pub(crate) const BEGUN: &str = "begun";
pub(crate) const SIGNED_IN: &str = "signed_in";

/// What was asked, in the open.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub account_type: String,
    pub parameters: BTreeMap<String, String>,
    pub origin: String,
    pub redirect_uri: String,
    pub profile: String,
    pub scopes: Vec<String>,
    pub options: InstallOptions,
}

impl Asked {
    pub fn of(attempt: &Attempt) -> Result<Self> {
        serde_json::from_value(attempt.request.clone()).map_err(Error::internal)
    }
}

/// What was begun, sealed.
#[derive(Debug, Deserialize)]
pub(crate) struct Begun {
    /// Of PKCE.
    pub verifier: Secret<String>,
    /// The app that the person brought.
    pub client: Option<OwnClient>,
}

impl Begun {
    pub fn to_bytes(&self) -> Secret<Vec<u8>> {
        let client = self.client.as_ref().map(OwnClient::to_json);
        let document = json!({ "verifier": self.verifier.expose(), "client": client });
        Secret::new(document.to_string().into_bytes())
    }

    pub fn parse(opened: &Secret<Vec<u8>>) -> Result<Self> {
        serde_json::from_slice(opened.expose()).map_err(|_| other_form())
    }
}

/// What is known once the person has signed in.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct SignedIn {
    pub tokens: Tokens,
    pub expires_at: Option<Timestamp>,
    pub scopes: Vec<String>,
    pub member: Option<Member>,
    pub accounts: Vec<String>,
    /// What the list told of each account besides.
    #[serde(default)]
    pub account_variables: BTreeMap<String, BTreeMap<String, String>>,
    /// The parameters of signing in, and what the token answer told besides.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
}

/// Who signed in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Member {
    pub id: String,
    pub name: Option<String>,
    pub email: Option<String>,
}

impl SignedIn {
    /// The form that is sealed while the person chooses an account.
    pub fn to_bytes(&self) -> Secret<Vec<u8>> {
        let document: Value = json!({
            "tokens": self.tokens.to_json(),
            "expires_at": self.expires_at,
            "scopes": self.scopes,
            "member": self.member,
            "accounts": self.accounts,
            "account_variables": self.account_variables,
            "variables": self.variables,
        });
        Secret::new(document.to_string().into_bytes())
    }

    pub fn parse(opened: &Secret<Vec<u8>>) -> Result<Self> {
        serde_json::from_slice(opened.expose()).map_err(|_| other_form())
    }
}

/// The cause could quote the document.
fn other_form() -> Error {
    Error::internal("an attempt's sealed document has another form")
}
