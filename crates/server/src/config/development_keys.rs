//! `[development_keys]`: client ids and secrets for integrations without their own.

use std::collections::BTreeMap;

use base::Secret;
use serde::Deserialize;

/// Client id and secret by the connector's slug.
pub type DevelopmentKeys = BTreeMap<String, DevelopmentKey>;

/// An app registration that every project may use.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DevelopmentKey {
    /// The client id at the provider.
    pub client_id: String,
    /// The client secret.
    pub client_secret: Secret<String>,
}

impl DevelopmentKey {
    pub(super) fn for_profile(&self, profile: &str) -> connect::DevelopmentKeys {
        connect::DevelopmentKeys {
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
            profile: profile.to_owned(),
        }
    }
}
