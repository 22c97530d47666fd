//! Words that everybody in Gangway uses, and no I/O: identifiers, the clock, randomness,
//! timestamps, secrets and the one error type.
//!
//! Nothing else in the workspace reads the wall clock, makes random bytes or prints a secret:
//! those doors are here, so that a test can hold them.

pub mod clock;
pub mod error;
pub mod id;
pub mod keyed_lock;
pub mod random;
pub mod secret;
pub mod timestamp;

pub use clock::Clock;
pub use error::{Error, ErrorKind, Result};
pub use id::{
    ApiTokenId, AppRegistrationId, ConfigurationId, ConnectedUserId, CredentialId,
    EnvironmentSecretId, EventDestinationId, EventId, ExecutionId, FeedId, FileId, HookId,
    IntegrationId, NodeId, OAuthAttemptId, ProjectId, RequestId, SetupLinkId, SigningKeyId,
    WorkflowId, WorkflowVersionId,
};
pub use keyed_lock::KeyedLock;
pub use random::Random;
pub use secret::Secret;
pub use timestamp::Timestamp;
