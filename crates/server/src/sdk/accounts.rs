//! The accounts of an end user: credentials with their configurations, and which one is meant.

use std::collections::BTreeSet;
use std::fmt::Display;

use base::{ConfigurationId, CredentialId, Error, IntegrationId, Result, WorkflowId};
use connect::Selector;
use http::HeaderMap;
use store::configurations::{self, Configuration};
use store::connected_users::ConnectedUser;
use store::credentials::{self, Credential, Status};
use store::enablements::{self, Enablement};

use crate::app::App;
use crate::projects::ProjectView;

/// Names the account that a call is about: a credential id, an external id or `ext:<external id>`.
pub const CREDENTIAL_HEADER: &str = "x-paragon-credential";
/// Names the configuration that a call is about.
pub const CONFIGURATION_HEADER: &str = "x-paragon-configuration-id";

/// A credential with its configurations.
pub struct Account {
    /// The credential.
    pub credential: Credential,
    /// Its configurations, oldest first; one is the default.
    pub configurations: Vec<Configuration>,
    /// Scopes the integration asks for and the account has not granted: connecting it again
    /// grants them.
    pub missing_scopes: Vec<String>,
    /// The deployed workflows that the user may see and have run on this account.
    pub workflows: Vec<WorkflowId>,
    /// Which of them are on, and for which configuration.
    pub enabled: BTreeSet<(WorkflowId, ConfigurationId)>,
}

impl Account {
    fn note_enabled(&mut self, on: &[Enablement]) {
        let own = on.iter().filter(|one| one.credential_id == self.credential.id);
        self.enabled = own.map(|one| (one.workflow_id, one.configuration_id)).collect();
    }

    /// The configuration with this id, or the default one.
    pub fn configuration(&self, id: Option<&str>) -> Result<&Configuration> {
        let found = self.configurations.iter().find(|configuration| match id {
            Some(id) => configuration.id.to_string() == id,
            None => configuration.is_default,
        });
        found.ok_or_else(|| {
            Error::not_found(
                "configuration_not_found",
                "The account has no such configuration: check the configuration id.",
            )
        })
    }
}

/// Every account of a user, oldest first.
pub async fn all(app: &App, view: &ProjectView, user: &ConnectedUser) -> Result<Vec<Account>> {
    let mut conn = app.store().read().await?;
    let mut accounts = Vec::new();
    for credential in credentials::list_of_user(&mut conn, view.id(), user.id).await? {
        accounts.push(read(app, view, user, &mut conn, credential).await?);
    }
    if accounts.is_empty() {
        return Ok(accounts);
    }
    let on = enablements::list_of_user(&mut conn, view.id(), user.id).await?;
    accounts.iter_mut().for_each(|account| account.note_enabled(&on));
    Ok(accounts)
}

/// A user's account with this id; another user's is not found.
pub async fn find(
    app: &App,
    view: &ProjectView,
    user: &ConnectedUser,
    id: CredentialId,
) -> Result<Account> {
    let mut conn = app.store().read().await?;
    let credential = credentials::find(&mut conn, view.id(), id)
        .await?
        .filter(|credential| credential.user_id == user.id)
        .ok_or_else(|| credential_not_found(id))?;
    let mut account = read(app, view, user, &mut conn, credential).await?;
    account.note_enabled(&enablements::list_of_user(&mut conn, view.id(), user.id).await?);
    Ok(account)
}

async fn read(
    app: &App,
    view: &ProjectView,
    user: &ConnectedUser,
    conn: &mut store::Connection,
    credential: Credential,
) -> Result<Account> {
    let configurations = configurations::list(conn, view.id(), credential.id).await?;
    let missing_scopes = match view.integration(credential.integration_id) {
        Ok(one) => app.connect().provider(&one.kind)?.missing_scopes(one, &credential),
        Err(_) => Vec::new(),
    };
    let workflows = view
        .workflows
        .iter()
        .filter(|workflow| workflow.integration_id == Some(credential.integration_id))
        .filter(|workflow| workflow.admits(&user.external_id, &user.metadata))
        .map(|workflow| workflow.id)
        .collect();
    let enabled = BTreeSet::new();
    Ok(Account { credential, configurations, missing_scopes, workflows, enabled })
}

/// The account that counts where none is named: the oldest valid one, else the oldest.
pub fn default_account(accounts: &[Account]) -> Option<&Account> {
    let valid = accounts.iter().find(|account| account.credential.status == Status::Valid);
    valid.or_else(|| accounts.first())
}

/// The account of an integration that the header names, or the default one.
pub fn choose<'a>(
    accounts: &'a [Account],
    integration_id: IntegrationId,
    selector: Option<&str>,
) -> Result<&'a Account> {
    let mut of_integration =
        accounts.iter().filter(|account| account.credential.integration_id == integration_id);
    let Some(selector) = selector else {
        let valid =
            of_integration.clone().find(|account| account.credential.status == Status::Valid);
        return valid.or_else(|| of_integration.next()).ok_or_else(|| {
            Error::not_found("integration_not_enabled", "Integration not enabled for user.")
        });
    };
    let wanted = Selector::parse(selector);
    of_integration
        .find(|Account { credential, .. }| {
            wanted.selects(credential.id, credential.external_id.as_deref())
        })
        .ok_or_else(|| credential_not_found(selector))
}

/// The user has no such account; another user's counts as none.
fn credential_not_found(id: impl Display) -> Error {
    Error::not_found(
        "credential_not_found",
        format!("This user has no account \"{id}\": it may be disconnected."),
    )
}

/// A header of the SDK as text.
pub fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok()).filter(|text| !text.is_empty())
}
