//! OAuth 2 authorization code, as this provider does it.

use std::collections::BTreeMap;

use serde::Deserialize;

/// How OAuth sign-in goes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OAuth {
    /// Path of the page where people sign in, on the profile's authorize origin; may name
    /// parameters.
    pub authorize_path: String,
    /// Path of the token endpoint, on the profile's token origin.
    pub token_path: String,
    /// Path of the page where an administrator allows the app for everybody.
    pub admin_consent_path: Option<String>,
    /// How an `iss` in the callback must read after the origin; `*` stands for one path segment.
    pub issuer_path: Option<String>,
    /// Parameters in paths, with their defaults; the integration's settings and the attempt may
    /// set them: `tenant = "organizations"`.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// How the client secret is sent.
    #[serde(default)]
    pub client_auth: ClientAuth,
    /// How an app with a certificate signs its assertion.
    #[serde(default)]
    pub assertion_algorithm: AssertionAlgorithm,
    /// How a request for tokens is written.
    #[serde(default)]
    pub token_request: TokenRequest,
    /// Whether PKCE (S256) is sent; only a provider that stumbles over it goes without.
    #[serde(default = "yes")]
    pub pkce: bool,
    /// Extra parameters of the authorize address.
    #[serde(default)]
    pub authorize_parameters: BTreeMap<String, String>,
    /// What stands between scopes.
    #[serde(default = "blank")]
    pub scope_separator: String,
    /// What stands before each scope of ours on the wire.
    #[serde(default)]
    pub scope_prefix: String,
    /// Other prefixes under which granted scopes come back.
    #[serde(default)]
    pub scope_prefixes_accepted: Vec<String>,
    /// Scopes that are always asked for, sent without prefix.
    #[serde(default)]
    pub scopes_always: Vec<String>,
    /// Whether token requests name the scopes too.
    #[serde(default)]
    pub scope_in_token_request: bool,
    /// How the token answer is read.
    #[serde(default)]
    pub token_answer: TokenAnswer,
    /// When and how tokens are renewed.
    #[serde(default)]
    pub refresh: Refresh,
    /// How access is given back.
    pub revocation: Revocation,
}

const fn yes() -> bool {
    true
}

fn blank() -> String {
    " ".to_owned()
}

/// How the client proves itself at the token endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientAuth {
    /// Id and secret in the form.
    #[default]
    Body,
    /// HTTP Basic.
    Basic,
}

/// How an app with a certificate signs its assertion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum AssertionAlgorithm {
    /// RSA with PKCS #1 v1.5, which everybody knows.
    #[default]
    Rs256,
    /// RSA-PSS.
    Ps256,
}

/// How a request for tokens is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenRequest {
    /// As a form, as RFC 6749 has it.
    #[default]
    Form,
    /// As a JSON object of the same names.
    Json,
}

/// How the token answer is read: names of its fields and what is missing from it. Form-encoded
/// answers are recognised by their content type.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenAnswer {
    /// Field of the access token.
    pub access_token: String,
    /// Field of the refresh token.
    pub refresh_token: String,
    /// Field of the life in seconds, a number or its text.
    pub expires_in: String,
    /// Field of the scopes granted.
    pub scope: String,
    /// The life of an access token whose answer does not tell it; without this it has no end.
    pub expires_in_missing_seconds: Option<u64>,
    /// Whether an answer of status 200 may be an error, told by the field `error`.
    pub errors_with_success_status: bool,
    /// What else it tells that addresses need: account variables by their JSON pointers.
    pub variables: BTreeMap<String, String>,
}

impl Default for TokenAnswer {
    fn default() -> Self {
        Self {
            access_token: "access_token".to_owned(),
            refresh_token: "refresh_token".to_owned(),
            expires_in: "expires_in".to_owned(),
            scope: "scope".to_owned(),
            expires_in_missing_seconds: None,
            errors_with_success_status: false,
            variables: BTreeMap::new(),
        }
    }
}

/// When and how tokens are renewed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Refresh {
    /// How long before its end an access token is renewed.
    pub before_expiry_seconds: u64,
    /// How many days a refresh token lives without being used, where it does not live for ever.
    pub idle_days_max: Option<u32>,
    /// Whether each renewal brings another refresh token and spends the one before.
    pub rotates: bool,
}

impl Default for Refresh {
    fn default() -> Self {
        Self { before_expiry_seconds: 300, idle_days_max: None, rotates: false }
    }
}

/// How access is given back when an account is disconnected.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// Path of the revocation endpoint on the token origin, where there is one.
    pub path: Option<String>,
    /// How it is told which token.
    #[serde(default)]
    pub token: RevokedToken,
    /// What people read where there is none.
    #[serde(default)]
    pub missing: String,
}

/// How a revocation endpoint is told which token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RevokedToken {
    /// In the form, with the client's proof (RFC 7009).
    #[default]
    Form,
    /// It is the one the request itself carries.
    Bearer,
}
