//! Identifiers: UUIDs with a type each, so that a credential's id cannot be taken for a user's.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::{Builder, Uuid};

use crate::{Clock, Error, Random};

/// A UUID that identifies a `Kind`. Text form: lower-case with hyphens.
pub struct Id<Kind>(Uuid, PhantomData<fn() -> Kind>);

/// What an [`Id`] can identify.
pub trait Identified {
    /// What a message calls it: "credential".
    const NOUN: &'static str;
    /// Whether ids of this kind are random (version 4) instead of ordered by time (version 7).
    ///
    /// The vendor's browser SDK tells a credential id from an external id by a pattern that knows
    /// versions up to 5, so the ids it sees in that place must be of version 4.
    const RANDOM: bool = false;
}

impl<Kind: Identified> Id<Kind> {
    /// A new id: ordered by time, or random where [`Identified::RANDOM`] says so.
    pub fn new(clock: &Clock, random: &Random) -> Self {
        let uuid = if Kind::RANDOM {
            Builder::from_random_bytes(random.bytes()).into_uuid()
        } else {
            let millis = u64::try_from(clock.now().as_millis()).unwrap_or(0);
            Builder::from_unix_timestamp_millis(millis, &random.bytes()).into_uuid()
        };
        Self::from_uuid(uuid)
    }
}

impl<Kind> Id<Kind> {
    /// Takes a UUID for the id of a `Kind`.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The UUID itself.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl<Kind: Identified> FromStr for Id<Kind> {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Uuid::try_parse(text).map(Self::from_uuid).map_err(|_| {
            Error::invalid("invalid_id", format!("\"{text}\" is not the id of a {}.", Kind::NOUN))
        })
    }
}

impl<Kind> Clone for Id<Kind> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<Kind> Copy for Id<Kind> {}
impl<Kind> PartialEq for Id<Kind> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<Kind> Eq for Id<Kind> {}
impl<Kind> PartialOrd for Id<Kind> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<Kind> Ord for Id<Kind> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<Kind> std::hash::Hash for Id<Kind> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<Kind> fmt::Display for Id<Kind> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<Kind> fmt::Debug for Id<Kind> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<Kind> Serialize for Id<Kind> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
impl<'de, Kind> Deserialize<'de> for Id<Kind> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Uuid::deserialize(deserializer).map(Self::from_uuid)
    }
}

macro_rules! ids {
    ($($name:ident = $kind:ident, $noun:literal, random: $random:literal;)*) => {$(
        #[doc = concat!("Marks the id of one ", $noun, ".")]
        pub struct $kind;
        impl Identified for $kind {
            const NOUN: &'static str = $noun;
            const RANDOM: bool = $random;
        }
        #[doc = concat!("The id of one ", $noun, ".")]
        pub type $name = Id<$kind>;
    )*};
}

ids! {
    ProjectId = Project, "project", random: false;
    SigningKeyId = SigningKey, "signing key", random: false;
    ApiTokenId = ApiToken, "API token", random: false;
    IntegrationId = Integration, "integration", random: false;
    AppRegistrationId = AppRegistration, "app registration", random: false;
    ConnectedUserId = ConnectedUser, "connected user", random: false;
    OAuthAttemptId = OAuthAttempt, "connect attempt", random: false;
    RequestId = Request, "request", random: false;
    EventId = Event, "event", random: false;
    EventDestinationId = EventDestination, "event destination", random: false;
    WorkflowId = Workflow, "workflow", random: false;
    WorkflowVersionId = WorkflowVersion, "workflow version", random: false;
    ExecutionId = Execution, "execution", random: false;
    NodeId = Node, "node", random: false;
    EnvironmentSecretId = EnvironmentSecret, "environment secret", random: false;
    SetupLinkId = SetupLink, "Setup Link", random: false;
    FileId = File, "file", random: false;
    FeedId = Feed, "feed", random: false;
    HookId = Hook, "hook", random: true;
    CredentialId = Credential, "credential", random: true;
    ConfigurationId = Configuration, "configuration", random: true;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;

    #[test]
    fn credential_ids_are_of_version_4_and_project_ids_of_version_7() {
        let (clock, random) = (Clock::test(Timestamp::from_secs(1)), Random::seeded(1));
        assert_eq!(CredentialId::new(&clock, &random).uuid().get_version_num(), 4);
        assert_eq!(ConfigurationId::new(&clock, &random).uuid().get_version_num(), 4);
        assert_eq!(ProjectId::new(&clock, &random).uuid().get_version_num(), 7);
    }

    #[test]
    fn a_wrong_id_is_refused_with_a_sentence() {
        let error = "x".parse::<CredentialId>().expect_err("not a UUID");
        assert_eq!(error.to_string(), "\"x\" is not the id of a credential.");
    }
}
