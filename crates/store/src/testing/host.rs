//! What tests of other crates begin with: a host's project, an integration in it, and its user Ann.

use base::{Clock, ConnectedUserId, IntegrationId, ProjectId, Random, Timestamp};
use serde_json::Map;

use crate::Transaction;
use crate::connected_users::{self, ConnectedUser};
use crate::integrations::{self, Integration};
use crate::projects::{self, Project};

/// Stores a project. The key that seals what it has comes from whoever seals.
///
/// # Panics
/// When the database refuses it.
pub async fn add_project(
    tx: &mut Transaction,
    id: ProjectId,
    data_key: Vec<u8>,
    allowed_origins: &[&str],
    now: Timestamp,
) {
    let project = Project {
        id,
        name: "Host".to_owned(),
        allowed_origins: allowed_origins.iter().map(ToString::to_string).collect(),
        data_key,
        created_at: now,
        updated_at: now,
    };
    projects::insert(tx, &project).await.expect("the project is stored");
}

/// Stores an active integration of a connector, and Ann, who may connect to it.
///
/// # Panics
/// When the database refuses them.
pub async fn add_user(
    tx: &mut Transaction,
    (clock, random): (&Clock, &Random),
    project_id: ProjectId,
    (kind, scopes): (&str, Vec<String>),
) -> (ConnectedUser, Integration) {
    let now = clock.now();
    let integration = Integration {
        id: IntegrationId::new(clock, random),
        project_id,
        kind: kind.to_owned(),
        is_active: true,
        scopes,
        settings: Map::new(),
        portal: Map::new(),
        created_at: now,
        updated_at: now,
    };
    let user = ConnectedUser {
        id: ConnectedUserId::new(clock, random),
        project_id,
        external_id: "ann".to_owned(),
        metadata: Map::new(),
        disabled_at: None,
        created_at: now,
        last_active_at: now,
    };
    integrations::insert(tx, &integration).await.expect("the integration is stored");
    let user = connected_users::ensure(tx, &user).await.expect("the user is stored");
    (user, integration)
}
