//! What the provider's sign-in errors mean: whose fault, and what helps.

use base::{Error, ErrorKind};
use serde::Deserialize;
use serde_json::{Value, json};

/// How error codes are found and what they mean.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Errors {
    /// JSON pointer of a list of codes in an error answer.
    pub codes: Option<String>,
    /// What stands before a code in an error's text: `AADSTS`.
    pub code_prefix: Option<String>,
    /// What the codes mean; the first rule that lists one counts.
    pub rules: Vec<ErrorRule>,
}

/// What some codes mean.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorRule {
    /// The provider's codes.
    #[serde(default)]
    pub codes: Vec<u64>,
    /// The provider's own words where OAuth has one of its own: `bad_client_secret`.
    #[serde(default)]
    pub words: Vec<String>,
    /// Whose fault it is.
    pub class: ErrorClass,
    /// Our code.
    pub code: ErrorCode,
    /// The sentence that helps.
    pub message: String,
}

/// Our stable codes for failures of sign-in that a connector may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The app's client secret has expired.
    ClientSecretExpired,
    /// The app's client secret is wrong.
    ClientSecretWrong,
    /// The app does not exist, is disabled, or is set up otherwise than needed.
    AppMisconfigured,
    /// The person's administrator must allow the app.
    AdminConsentRequired,
    /// The person pressed "no".
    ConsentDenied,
    /// The account is of a kind that cannot be used.
    AccountNotSupported,
    /// The person must sign in again.
    SignInAgain,
    /// The provider is busy.
    ProviderUnavailable,
}

/// Whose fault a failure is, and so what happens to the credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorClass {
    /// The host's app at the provider: credentials stay valid.
    App,
    /// The person: the credential is invalid until they sign in again.
    SignInAgain,
    /// Nobody: it passes.
    Transient,
}

impl ErrorCode {
    const fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretExpired => "client_secret_expired",
            Self::ClientSecretWrong => "client_secret_wrong",
            Self::AppMisconfigured => "app_misconfigured",
            Self::AdminConsentRequired => "admin_consent_required",
            Self::ConsentDenied => "consent_denied",
            Self::AccountNotSupported => "account_not_supported",
            Self::SignInAgain => "sign_in_again",
            Self::ProviderUnavailable => "provider_unavailable",
        }
    }
}

/// An error as the provider told it, in a callback or a token answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// The HTTP status; 0 in a callback.
    pub status: u16,
    /// OAuth's word: `invalid_grant`.
    pub error: String,
    /// The provider's text.
    pub description: String,
    /// The provider's codes.
    pub codes: Vec<u64>,
}

impl Told {
    /// Whether a person came back with it, not an answer to a request of ours.
    const fn is_callback(&self) -> bool {
        self.status == 0
    }
}

/// What an error means for the credential and for people.
#[derive(Debug)]
pub(crate) struct Judged {
    pub class: ErrorClass,
    pub error: Error,
}

impl Judged {
    /// Whether the provider refuses what proves the app, not the app.
    pub(crate) fn is_of_secret(&self) -> bool {
        let of_secret = [ErrorCode::ClientSecretExpired, ErrorCode::ClientSecretWrong];
        of_secret.iter().any(|code| code.as_str() == self.error.code())
    }
}

impl Errors {
    /// The codes in the provider's own words.
    pub(crate) fn codes_in(&self, text: &str) -> Vec<u64> {
        let Some(prefix) = &self.code_prefix else { return Vec::new() };
        let after = text.split(prefix.as_str()).skip(1);
        after
            .filter_map(|rest| {
                let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                rest[..end].parse().ok()
            })
            .collect()
    }

    /// The codes of an error answer: those it lists, and those in its text.
    pub(crate) fn codes_of(&self, answer: &Value, text: &str) -> Vec<u64> {
        let listed = self.codes.as_ref().and_then(|pointer| answer.pointer(pointer));
        let mut codes: Vec<u64> = listed
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_u64)
            .collect();
        codes.extend(self.codes_in(text));
        codes
    }

    /// Classes an error: by the provider's own code, else by OAuth's word, else by status.
    pub(crate) fn judge(&self, provider: &str, told: &Told) -> Judged {
        let rule = self.rules.iter().find(|rule| {
            rule.codes.iter().any(|code| told.codes.contains(code))
                || rule.words.contains(&told.error)
        });
        let (class, code, message) = match rule {
            Some(rule) => (rule.class, rule.code.as_str(), rule.message.clone()),
            None => by_word(provider, told),
        };
        let kind = match class {
            ErrorClass::App => ErrorKind::Provider,
            ErrorClass::SignInAgain => ErrorKind::Unauthenticated,
            ErrorClass::Transient => ErrorKind::Unavailable,
        };
        let error = Error::new(kind, code, message).with_meta(json!({ "provider": {
            "status": told.status,
            "error": told.error,
            "message": told.description,
        }}));
        Judged { class, error }
    }
}

fn by_word(provider: &str, told: &Told) -> (ErrorClass, &'static str, String) {
    let is_busy = told.status >= 500 || told.status == 429;
    match told.error.as_str() {
        "access_denied" if told.is_callback() => (
            ErrorClass::SignInAgain,
            "consent_denied",
            format!(
                "The request to connect {provider} was declined there. Connect again to allow it."
            ),
        ),
        // Nobody pressed "no" here: a rule of the provider's, which may change.
        "access_denied" if !is_busy => (
            ErrorClass::Transient,
            "token_denied",
            format!(
                "{provider} denied access when it was asked for a token. An account that is \
                 connected stays connected, and is tried again. If this goes on, whoever runs the \
                 integration must check what its app may do there."
            ),
        ),
        "invalid_grant" | "interaction_required" | "consent_required" | "login_required"
            if !is_busy =>
        {
            (
                ErrorClass::SignInAgain,
                "sign_in_again",
                format!("{provider} no longer accepts this sign-in. Connect the account again."),
            )
        }
        "invalid_client"
        | "unauthorized_client"
        | "invalid_scope"
        | "invalid_request"
        | "invalid_resource"
        | "unsupported_grant_type"
        | "unsupported_response_type"
            if !is_busy =>
        {
            (
                ErrorClass::App,
                "app_misconfigured",
                format!(
                    "{provider} refuses the app that this integration signs in with ({}). Whoever \
                     runs the integration must check its client id, client secret and scopes; \
                     connected accounts stay connected.",
                    told.error
                ),
            )
        }
        _ => (
            ErrorClass::Transient,
            "provider_unavailable",
            format!("{provider} cannot handle sign-ins just now. Try again in a moment."),
        ),
    }
}
