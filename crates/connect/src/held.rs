//! A credential as held in memory, ready to be used.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};

use arc_swap::ArcSwap;
use base::{
    ConnectedUserId, CredentialId, Error, ErrorKind, IntegrationId, ProjectId, Result, Timestamp,
};
use serde_json::Value;
use store::credentials::{Credential, Status};

use crate::provider::{Provider, Scheme};
use crate::secrets::{Authorization, Secrets};
use crate::tenants::Elsewhere;

/// Which of a user's accounts is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// The one with this id.
    Id(CredentialId),
    /// The one the host calls so.
    External(String),
}

impl Selector {
    /// Reads a credential's id, an external id, or `ext:` and an external id.
    pub fn parse(text: &str) -> Self {
        match (text.strip_prefix("ext:"), text.parse()) {
            (Some(external), _) => Self::External(external.to_owned()),
            (None, Ok(id)) => Self::Id(id),
            (None, Err(_)) => Self::External(text.to_owned()),
        }
    }

    /// Whether this account is the one meant.
    pub fn selects(&self, id: CredentialId, external_id: Option<&str>) -> bool {
        match self {
            Self::Id(wanted) => *wanted == id,
            Self::External(wanted) => external_id == Some(wanted),
        }
    }
}

/// One connected account. Its token never leaves this crate.
pub struct Held {
    /// The credential.
    pub id: CredentialId,
    /// Whose it is.
    pub project_id: ProjectId,
    /// The connected user.
    pub user_id: ConnectedUserId,
    /// The integration.
    pub integration_id: IntegrationId,
    /// What it is an account of.
    pub provider: Arc<Provider>,
    /// How it was connected.
    pub account_type: String,
    /// The host's name for it.
    pub external_id: Option<String>,
    /// The endpoint profile.
    pub profile: String,
    /// What fills its addresses: `organization`.
    pub variables: BTreeMap<String, String>,
    /// The scopes granted.
    pub scopes: Vec<String>,
    state: ArcSwap<State>,
    /// What was learned by using it, kept when the credential is read anew.
    pub(crate) learned: Arc<Learned>,
}

/// What changes when tokens are renewed.
pub(crate) struct State {
    /// Why it cannot be used.
    pub invalid: Option<Error>,
    pub authorization: Authorization,
    /// Whether the provider gives another token without asking the person.
    pub can_renew: bool,
    pub expires_at: Option<Timestamp>,
    pub refreshed_at: Timestamp,
}

/// Times in microseconds since the epoch; 0 is long ago.
#[derive(Default)]
pub(crate) struct Learned {
    /// Until when the provider asked for no more calls.
    pub wait_until: AtomicI64,
    /// The end of the wait that other processes were told of last.
    pub wait_written: AtomicI64,
    /// How many calls wait for it.
    pub waiting: AtomicUsize,
    /// Where they wait, in the order in which they came.
    pub line: tokio::sync::Mutex<()>,
    /// Successful calls that are counted and not written yet.
    pub successes: AtomicU64,
    /// When it was last seen to work.
    pub verified_at: AtomicI64,
    /// A failure to renew that is not worth another try yet.
    pub failure: ArcSwap<Option<(Timestamp, Error)>>,
    /// Accounts in other tenants.
    pub elsewhere: tokio::sync::Mutex<Elsewhere>,
}

impl Learned {
    pub fn time(cell: &AtomicI64) -> Timestamp {
        Timestamp(cell.load(Ordering::Relaxed))
    }
}

impl Held {
    pub(crate) fn new(
        row: Credential,
        provider: Arc<Provider>,
        secrets: &Secrets,
        learned: Arc<Learned>,
    ) -> Result<Self> {
        let state = State::new(&row, &provider, secrets)?;
        let text = |(name, value): (String, Value)| match value {
            Value::String(value) => Some((name, value)),
            _ => None,
        };
        Ok(Self {
            id: row.id,
            project_id: row.project_id,
            user_id: row.user_id,
            integration_id: row.integration_id,
            provider,
            account_type: row.account_type,
            external_id: row.external_id,
            profile: row.profile,
            variables: row.provider_data.into_iter().filter_map(text).collect(),
            scopes: row.scopes,
            state: ArcSwap::from_pointee(state),
            learned,
        })
    }

    /// Whether it can be used, as far as this process knows.
    pub fn is_valid(&self) -> bool {
        self.state.load().invalid.is_none()
    }

    pub(crate) fn state(&self) -> Arc<State> {
        self.state.load_full()
    }

    pub(crate) fn set_state(&self, state: Arc<State>) {
        self.state.store(state);
    }
}

impl State {
    pub fn new(row: &Credential, provider: &Provider, secrets: &Secrets) -> Result<Self> {
        let account_type = provider.account_type(Some(&row.account_type))?;
        let invalid = (row.status == Status::Invalid).then(|| invalid(row.status_reason.as_ref()));
        Ok(Self {
            invalid,
            authorization: secrets.authorization(account_type, |name| {
                row.provider_data.get(name).and_then(Value::as_str)
            })?,
            can_renew: match secrets {
                Secrets::Tokens(tokens) => {
                    tokens.refresh_token.is_some()
                        || account_type.scheme == Scheme::OauthClientCredential
                }
                Secrets::Fields(_) => false,
            },
            expires_at: row.expires_at,
            refreshed_at: row.refreshed_at,
        })
    }
}

/// The error of a credential that was found invalid before.
pub(crate) fn invalid(reason: Option<&Value>) -> Error {
    let message = reason.and_then(|reason| reason.get("message")?.as_str());
    let message = message.unwrap_or("The account must be connected again.");
    Error::new(ErrorKind::Unauthenticated, "credential_invalid", message)
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Held({} of {})", self.id, self.provider.slug)
    }
}
