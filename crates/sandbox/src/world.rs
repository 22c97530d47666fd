//! Everything the sandbox knows, in one place that every handler and every test shares.

use std::sync::{Arc, Mutex, PoisonError};

use base::{Clock, Random};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::data_file::Saved;
use crate::devops::DevOps;
use crate::devops::bulk::{self, BulkOrder};
use crate::devops::hooks::settings::HookSettings;
use crate::devops::hooks::state::Status;
use crate::directory::{Directory, Person};
use crate::entra::{EntraSettings, EntraState};
use crate::faults::Faults;
use crate::kept::Kept;
use crate::requests::RequestLog;

/// The whole emulated world, shared as `Arc<World>`.
#[derive(Debug)]
pub struct World {
    /// The time of day: token lives, time stamps and delays all come from it.
    pub clock: Clock,
    /// Where codes, tokens and ids come from.
    pub random: Random,
    /// Who exists: people, tenants, organizations, client applications. Fixed.
    pub directory: Directory,
    /// What Entra ID remembers: codes, refresh tokens, consents, sign-in sessions.
    pub entra: Kept<EntraState>,
    /// What Azure DevOps remembers.
    pub devops: Kept<DevOps>,
    /// The last requests, as the sandbox saw them.
    pub requests: RequestLog,
    /// Failures that a test has ordered.
    pub faults: Faults,
    /// Told when a notification of a hook may have become due.
    pub(crate) hooks_due: Notify,
    entra_settings: Mutex<EntraSettings>,
    hook_settings: Mutex<HookSettings>,
    changed: Arc<Notify>,
}

impl World {
    /// A freshly seeded world.
    pub fn seeded(clock: Clock, random: Random) -> Self {
        let directory = Directory::seeded();
        let entra = EntraState::new();
        let devops = DevOps::seed(&directory, &clock);
        Self::with_state(clock, random, directory, entra, devops)
    }

    /// A world that goes on from a saved state.
    pub(crate) fn restored(clock: Clock, random: Random, saved: Saved) -> Self {
        Self::with_state(clock, random, Directory::seeded(), saved.entra, saved.devops)
    }

    fn with_state(
        clock: Clock,
        random: Random,
        directory: Directory,
        entra: EntraState,
        devops: DevOps,
    ) -> Self {
        let changed = Arc::new(Notify::new());
        Self {
            clock,
            random,
            directory,
            entra: Kept::new(entra, Arc::clone(&changed)),
            devops: Kept::new(devops, Arc::clone(&changed)),
            requests: RequestLog::default(),
            faults: Faults::default(),
            hooks_due: Notify::new(),
            entra_settings: Mutex::new(EntraSettings::default()),
            hook_settings: Mutex::default(),
            changed,
        }
    }

    /// The switches of Entra ID as they stand.
    pub fn entra_settings(&self) -> EntraSettings {
        self.entra_settings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces or turns switches of Entra ID, for a test that wants other behaviour.
    pub fn set_entra(&self, change: impl FnOnce(&mut EntraSettings)) {
        change(&mut self.entra_settings.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// The switches of service hooks as they stand.
    pub fn hook_settings(&self) -> HookSettings {
        *self.hook_settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Turns switches of service hooks: who may make subscriptions, and where they may lead.
    pub fn set_hooks(&self, change: impl FnOnce(&mut HookSettings)) {
        change(&mut self.hook_settings.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Puts a subscription into a status, as its target's failures or an administrator would;
    /// `false` when there is no such subscription.
    pub fn set_hook_status(&self, organization: &str, id: Uuid, status: Status) -> bool {
        let mut devops = self.devops.write();
        let mut organizations = devops.organizations.iter_mut();
        let found = organizations.find(|one| one.name == organization);
        let subscription = found.and_then(|one| one.hooks.subscriptions.get_mut(&id));
        let Some(subscription) = subscription else { return false };
        subscription.set_status(status);
        true
    }

    /// Registers a certificate of an application by its public key (PEM), so that it can prove
    /// itself by a signed assertion in place of a secret.
    pub fn register_certificate(&self, client_id: &str, public_key_pem: &str) {
        self.entra.write().add_certificate(client_id, public_key_pem);
    }

    /// Makes many plain work items at once and gives the numbers of the first and the last; else
    /// says what is wrong with the order.
    pub fn add_work_items(&self, order: &BulkOrder) -> Result<(u32, u32), String> {
        let name = &order.organization;
        let missing = || format!("There is no organization \"{name}\".");
        let mut people = self.directory.people.iter();
        let person = people.find(|person| person.may_use(name)).ok_or_else(missing)?;
        let mut devops = self.devops.write();
        let mut organizations = devops.organizations.iter_mut();
        let organization = organizations.find(|one| one.name == *name).ok_or_else(missing)?;
        bulk::make(organization, order, person.object_id, self.clock.now())
    }

    /// Ends every sign-in of a person, as an administrator can: their refresh tokens answer
    /// AADSTS50173 from now on. Access tokens live on until they expire.
    pub fn revoke_sign_ins(&self, person: &Person) {
        self.entra.write().revoke_refresh_tokens_of(person.object_id);
    }

    /// Waits until state has changed since the last time this returned.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }
}
