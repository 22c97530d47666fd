//! The accounts held in memory, so that a call with a warm one reads no database.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use base::{
    ConnectedUserId, CredentialId, Error, ErrorKind, IntegrationId, KeyedLock, ProjectId, Result,
};
use store::changes::{Change, Kind};
use store::{credentials, integrations, rate_limit_waits};

use crate::Connect;
use crate::held::{Held, Learned, Selector};
use crate::provider::Provider;
use crate::secrets::{FIELD, Secrets};

type User = (ProjectId, ConnectedUserId);

/// Two generations: what is not asked for while the younger fills up is dropped with the older.
pub(crate) struct Accounts {
    users_max: usize,
    generations: RwLock<Generations>,
    /// Counts what was forgotten, so that a read that began before is not kept.
    forgotten: AtomicU64,
    /// Held while a user's accounts are read: whoever else wants them waits and finds them.
    reading: KeyedLock,
}

#[derive(Default)]
struct Generations {
    young: HashMap<User, Entry>,
    old: HashMap<User, Entry>,
}

/// All accounts of one user, oldest first.
#[derive(Clone)]
struct Entry {
    accounts: Arc<Vec<Arc<Held>>>,
    stale: bool,
}

impl Accounts {
    pub fn new(users_max: usize) -> Self {
        let (generations, forgotten) = (RwLock::default(), AtomicU64::new(0));
        Self { users_max, generations, forgotten, reading: KeyedLock::new() }
    }

    fn get(&self, user: &User) -> Option<Entry> {
        let known = self.generations.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = known.young.get(user) {
            return Some(entry.clone());
        }
        if !known.old.contains_key(user) {
            return None;
        }
        drop(known);
        let mut known = self.generations.write().unwrap_or_else(PoisonError::into_inner);
        let entry = known.old.remove(user)?;
        self.keep(&mut known, *user, entry.clone());
        Some(entry)
    }

    /// One of the user's accounts, if it is in memory.
    pub fn known(&self, user: &User, id: CredentialId) -> Option<Arc<Held>> {
        let entry = self.get(user)?;
        entry.accounts.iter().find(|held| held.id == id).cloned()
    }

    /// Keeps what was read when `forgotten` stood at `before`.
    fn put(&self, user: User, accounts: Arc<Vec<Arc<Held>>>, before: u64) {
        let mut known = self.generations.write().unwrap_or_else(PoisonError::into_inner);
        // Whoever forgets counts first and marks after, so that one of the two is seen here.
        let stale = self.forgotten.load(Ordering::SeqCst) != before;
        self.keep(&mut known, user, Entry { accounts, stale });
    }

    fn keep(&self, known: &mut Generations, user: User, entry: Entry) {
        if known.young.len() >= self.users_max / 2 {
            known.old = std::mem::take(&mut known.young);
        }
        known.young.insert(user, entry);
    }

    fn mark_stale(&self, matches: impl Fn(&User) -> bool) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        let mut known = self.generations.write().unwrap_or_else(PoisonError::into_inner);
        let Generations { young, old } = &mut *known;
        for (user, entry) in young.iter_mut().chain(old) {
            entry.stale |= matches(user);
        }
    }

    fn mark_user_stale(&self, user: &User) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        let mut known = self.generations.write().unwrap_or_else(PoisonError::into_inner);
        let Generations { young, old } = &mut *known;
        for entry in [young.get_mut(user), old.get_mut(user)].into_iter().flatten() {
            entry.stale = true;
        }
    }
}

impl Connect {
    /// The user's account of this connector: the selected one, or the oldest that works.
    ///
    /// # Errors
    /// `integration_not_enabled` when there is none; `credential_invalid` when it must be connected
    /// again; `credential_not_found` when the selected one is not there.
    pub async fn load(
        &self,
        project_id: ProjectId,
        user_id: ConnectedUserId,
        slug: &str,
        selector: Option<&Selector>,
    ) -> Result<Arc<Held>> {
        let accounts = self.accounts_of((project_id, user_id)).await?;
        let mut mine = accounts.iter().filter(|held| held.provider.slug == slug);
        let Some(selector) = selector else {
            let valid = mine.clone().find(|held| held.is_valid());
            return valid.or_else(|| mine.next()).cloned().ok_or_else(not_enabled);
        };
        mine.find(|held| selector.selects(held.id, held.external_id.as_deref()))
            .cloned()
            .ok_or_else(crate::disconnect::unknown)
    }

    /// The account with this id, whatever it is an account of.
    ///
    /// # Errors
    /// `credential_not_found` when the user has no such account.
    pub async fn account(
        &self,
        project_id: ProjectId,
        user_id: ConnectedUserId,
        id: CredentialId,
    ) -> Result<Arc<Held>> {
        let accounts = self.accounts_of((project_id, user_id)).await?;
        accounts.iter().find(|held| held.id == id).cloned().ok_or_else(crate::disconnect::unknown)
    }

    async fn accounts_of(&self, user: User) -> Result<Arc<Vec<Arc<Held>>>> {
        let fresh = |known: &Option<Entry>| {
            let entry = known.as_ref().filter(|entry| !entry.stale)?;
            Some(Arc::clone(&entry.accounts))
        };
        if let Some(accounts) = fresh(&self.0.accounts.get(&user)) {
            return Ok(accounts);
        }
        let _turn = self.0.accounts.reading.lock(&user).await;
        let known = self.0.accounts.get(&user);
        if let Some(accounts) = fresh(&known) {
            return Ok(accounts);
        }
        let before = self.0.accounts.forgotten.load(Ordering::SeqCst);
        let accounts = Arc::new(self.read_accounts(user, known.as_ref()).await?);
        self.0.accounts.put(user, Arc::clone(&accounts), before);
        Ok(accounts)
    }

    async fn read_accounts(&self, user: User, known: Option<&Entry>) -> Result<Vec<Arc<Held>>> {
        let (project_id, user_id) = user;
        let mut conn = self.0.store.read().await?;
        let key = self.0.vault.data_key(&mut conn, project_id).await?;
        let rows = credentials::list_of_user(&mut conn, project_id, user_id).await?;
        let integrations = integrations::list(&mut conn, project_id).await?;
        let waits = rate_limit_waits::list_of_user(&mut conn, project_id, user_id).await?;
        let mut accounts = Vec::with_capacity(rows.len());
        for row in rows {
            let id = row.id;
            let integration = integrations.iter().find(|one| one.id == row.integration_id);
            let provider = integration.and_then(|one| self.0.providers.get(&one.kind));
            let Some(provider) = provider else { continue };
            let before = known.and_then(|entry| entry.accounts.iter().find(|held| held.id == id));
            let learned =
                before.map_or_else(Arc::<Learned>::default, |held| Arc::clone(&held.learned));
            if let Some(wait) = waits.iter().find(|wait| wait.credential_id == id) {
                learned.wait_until.fetch_max(wait.until.0, Ordering::Relaxed);
            }
            let place = (id.uuid(), FIELD);
            let opened = self.0.vault.open(&mut conn, &key, place, &row.secrets).await;
            let held = opened
                .and_then(|opened| Secrets::parse(&opened))
                .and_then(|secrets| Held::new(row, Arc::clone(provider), &secrets, learned));
            match held {
                Ok(held) => accounts.push(Arc::new(held)),
                // One broken row must not take the user's other accounts away.
                Err(error) => {
                    tracing::error!(credential = %id, ?error, "a credential is unreadable")
                }
            }
        }
        Ok(accounts)
    }

    /// Forgets what a change has made untrue. The subject of a change to a credential is the
    /// connected user whose credential it is.
    pub fn forget(&self, change: &Change) {
        match change.kind {
            Some(Kind::Credential | Kind::ConnectedUser) => match change.subject.parse() {
                Ok(user_id) => self.forget_user(change.project_id, user_id),
                Err(_) => self.forget_project(change.project_id),
            },
            Some(Kind::Project) | None => self.forget_project(change.project_id),
            Some(Kind::RateLimitWait) => self.hear_of_wait(change),
            Some(Kind::EnvironmentSecrets) => self.0.environment_secrets.forget(change.project_id),
            Some(Kind::SigningKeys | Kind::ApiTokens | Kind::Workflow | Kind::Configuration) => {}
        }
    }

    pub(crate) fn forget_user(&self, project_id: ProjectId, user_id: ConnectedUserId) {
        self.0.accounts.mark_user_stale(&(project_id, user_id));
    }

    fn forget_project(&self, project_id: ProjectId) {
        self.0.vault.forget(project_id);
        self.0.environment_secrets.forget(project_id);
        self.0.accounts.mark_stale(|(project, _)| *project == project_id);
    }

    /// The connector behind an integration.
    pub(crate) async fn provider_of_integration(
        &self,
        project_id: ProjectId,
        id: IntegrationId,
    ) -> Result<Arc<Provider>> {
        let mut conn = self.0.store.read().await?;
        let found = integrations::find(&mut conn, project_id, id).await?;
        let integration = found.ok_or_else(|| {
            Error::not_found("unknown_integration", "There is no such integration.")
        })?;
        self.provider(&integration.kind).cloned()
    }
}

/// Clients of the vendor's API look for this very sentence to offer a set-up link.
fn not_enabled() -> Error {
    Error::new(ErrorKind::NotFound, "integration_not_enabled", "Integration not enabled for user.")
}
