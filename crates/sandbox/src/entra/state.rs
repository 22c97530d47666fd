//! What Entra ID remembers between requests and across restarts.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use base::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::entra::tokens::SigningKey;

/// How many codes, and how many refresh tokens, are remembered; the one that ends first goes.
pub const MAX_GRANTS: usize = 20_000;
/// How long an ended grant is remembered, so that its user is told it ended.
const REMEMBERED_AFTER_END: Duration = Duration::from_secs(24 * 3600);

/// The memory of Entra ID.
#[derive(Debug, Serialize, Deserialize)]
pub struct EntraState {
    /// The key that signs every token.
    pub(crate) signing_key: SigningKey,
    /// Authorization codes, by the code.
    pub(crate) codes: BTreeMap<String, CodeGrant>,
    /// Refresh tokens, by the token.
    pub(crate) refresh_tokens: BTreeMap<String, RefreshGrant>,
    /// Public keys (PEM) with which applications may prove themselves, by client id.
    certificates: BTreeMap<String, Vec<String>>,
    /// What an application was allowed: by a person for themselves, by an administrator for a
    /// tenant.
    consents: BTreeMap<Uuid, BTreeMap<String, BTreeSet<String>>>,
}

/// What a person granted to an application by signing in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub(crate) client_id: String,
    pub(crate) object_id: Uuid,
    /// The scope parameter as it was sent.
    pub(crate) scope: String,
}

/// An authorization code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CodeGrant {
    pub(crate) grant: Grant,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) nonce: Option<String>,
    pub(crate) expires: Timestamp,
    pub(crate) redeemed: bool,
}

/// What a client must prove to know when it redeems its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Challenge {
    /// The verifier itself.
    Plain(String),
    /// The verifier's SHA-256 in URL-safe Base64.
    S256(String),
}

/// A refresh token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RefreshGrant {
    pub(crate) grant: Grant,
    /// The sign-in it came of: all tokens of one fall together.
    pub(crate) family: Uuid,
    pub(crate) issued: Timestamp,
    pub(crate) expires: Timestamp,
    pub(crate) used: bool,
    pub(crate) revoked: bool,
}

impl EntraState {
    /// Nobody has signed in yet.
    pub fn new() -> Self {
        Self {
            signing_key: SigningKey::of_this_process(),
            codes: BTreeMap::new(),
            refresh_tokens: BTreeMap::new(),
            certificates: BTreeMap::new(),
            consents: BTreeMap::new(),
        }
    }

    /// Lets an application prove itself with the private half of this key.
    pub(crate) fn add_certificate(&mut self, client_id: &str, public_key_pem: &str) {
        let keys = self.certificates.entry(client_id.to_owned()).or_default();
        keys.push(public_key_pem.to_owned());
    }

    /// The keys of an application.
    pub(crate) fn certificates_of(&self, client_id: &str) -> &[String] {
        self.certificates.get(client_id).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn add_code(&mut self, code: String, grant: CodeGrant, now: Timestamp) {
        make_room(&mut self.codes, now, |grant| grant.expires);
        self.codes.insert(code, grant);
    }

    pub(crate) fn add_refresh_token(&mut self, token: String, grant: RefreshGrant, now: Timestamp) {
        make_room(&mut self.refresh_tokens, now, |grant| grant.expires);
        self.refresh_tokens.insert(token, grant);
    }

    /// Kills every refresh token that came of one sign-in.
    pub(crate) fn revoke_family(&mut self, family: Uuid) {
        for token in self.refresh_tokens.values_mut().filter(|token| token.family == family) {
            token.revoked = true;
        }
    }

    /// Every refresh token there is, for a test that looks where they must not be.
    pub fn refresh_tokens(&self) -> impl Iterator<Item = &str> {
        self.refresh_tokens.keys().map(String::as_str)
    }

    /// Kills every refresh token of a person.
    pub(crate) fn revoke_refresh_tokens_of(&mut self, object_id: Uuid) {
        for token in self.refresh_tokens.values_mut() {
            token.revoked |= token.grant.object_id == object_id;
        }
    }

    /// Remembers that a person, or for all of a tenant its administrator, allowed these.
    pub(crate) fn consent(&mut self, by: Uuid, client_id: &str, scopes: &[String]) {
        let granted = self.consents.entry(by).or_default().entry(client_id.to_owned()).or_default();
        granted.extend(scopes.iter().cloned());
    }

    /// Whether a person, by themselves or by their tenant's administrator, allowed all of these.
    pub(crate) fn has_consented(
        &self,
        person: Uuid,
        tenant: Uuid,
        client_id: &str,
        scopes: &[String],
    ) -> bool {
        let of = |by| self.consents.get(&by).and_then(|clients| clients.get(client_id));
        let (own, tenants) = (of(person), of(tenant));
        scopes.iter().all(|scope| {
            [own, tenants].into_iter().flatten().any(|granted| granted.contains(scope))
        })
    }
}

impl Default for EntraState {
    fn default() -> Self {
        Self::new()
    }
}

/// Forgets what ended long ago, and if that is not enough what ends first.
fn make_room<T>(
    grants: &mut BTreeMap<String, T>,
    now: Timestamp,
    expires: impl Fn(&T) -> Timestamp,
) {
    if grants.len() < MAX_GRANTS {
        return;
    }
    grants.retain(|_, grant| expires(grant) + REMEMBERED_AFTER_END > now);
    while grants.len() >= MAX_GRANTS {
        let first = grants.iter().min_by_key(|(_, grant)| expires(grant));
        let Some(first) = first.map(|(key, _)| key.clone()) else { return };
        grants.remove(&first);
    }
}
