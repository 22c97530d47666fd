//! Keeps the calls of providers that wake readers early: makes them where the account may, looks
//! after them, and takes them away. A reader does without, later.

use std::collections::BTreeSet;

use base::{HookId, Result, Timestamp};
use connect::{hash_token, same_text};
use connectors::trigger::{Feed as Reader, HookHealth, HookOrder, Hooks, Subscription};
use connectors::{ActionContext, Connector};
use store::feeds::{self, Feed};
use store::hooks::{self, Hook, Status};

use super::Triggers;

/// The user name that providers send. The password alone proves.
const USER: &str = "gangway";
/// How often a hook that works is looked at, in microseconds.
const CHECK_PAUSE: i64 = 30 * 60 * 1_000_000;
/// When making one is tried again that could not be made.
const BROKEN_PAUSE: i64 = 60 * 60 * 1_000_000;
/// When it is tried again where the account may not make one: it may be given the right.
const REFUSED_PAUSE: i64 = 24 * 60 * 60 * 1_000_000;

/// What came of a provider's call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Called {
    /// The reader is due.
    Woken,
    /// The call does not prove that it comes from the provider.
    Unproven,
    /// There is no such hook any more.
    Gone,
}

impl Triggers {
    /// A provider calls: the reader becomes due at once.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn called(&self, id: HookId, password: Option<&str>) -> Result<Called> {
        let world = self.world();
        let Some(hook) = hooks::find(&mut *world.store.read().await?, id).await? else {
            return Ok(Called::Gone);
        };
        let hash = hash_token(password.unwrap_or_default());
        if !same_text(&hash, &hook.secret_hash) {
            return Ok(Called::Unproven);
        }
        let mut tx = world.store.begin().await?;
        feeds::wake(&mut tx, hook.feed_id, world.clock.now()).await?;
        tx.commit().await?;
        Ok(Called::Woken)
    }

    /// Makes, looks after and removes the hooks of a reader that was just read. What fails here is
    /// only told: the reader goes on without.
    pub(super) async fn tend_hooks(
        &self,
        feed: &Feed,
        connector: &Connector,
        context: &ActionContext,
        keys: &[String],
    ) {
        let Some((hooks, base)) = self.hooks_of(connector.feed()) else { return };
        let wanted: BTreeSet<&str> =
            keys.iter().flat_map(|key| (hooks.events)(&feed.scope, key).iter().copied()).collect();
        let tended = self.tend(feed, context, (hooks, base), &wanted).await;
        if let Err(error) = tended {
            tracing::warn!(feed = %feed.id, ?error, "the hooks of an account could not be tended");
        }
    }

    fn hooks_of<'t>(&'t self, reader: Option<&'t Reader>) -> Option<(&'t Hooks, &'t str)> {
        Some((reader?.hooks.as_ref()?, self.0.hook_base.as_deref()?))
    }

    async fn tend(
        &self,
        feed: &Feed,
        context: &ActionContext,
        (calls, base): (&Hooks, &str),
        wanted: &BTreeSet<&str>,
    ) -> Result<()> {
        let world = self.world();
        let now = world.clock.now();
        let mut conn = world.store.read().await?;
        let known = hooks::list_of_feed(&mut conn, feed.project_id, feed.id).await?;
        drop(conn);
        for hook in known.iter().filter(|hook| !wanted.contains(hook.event.as_str())) {
            self.remove_hook(context, feed, calls, hook).await?;
        }
        for event in wanted {
            let hook = known.iter().find(|hook| hook.event == *event);
            match hook.filter(|hook| hook.due_at <= now) {
                None if hook.is_some() => {}
                None => self.make_hook(context, feed, (calls, base), event).await?,
                Some(hook) => {
                    if !self.check_hook(context, feed, calls, hook).await? {
                        self.make_hook(context, feed, (calls, base), event).await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether the hook stands. Its state at the provider is noted.
    async fn check_hook(
        &self,
        context: &ActionContext,
        feed: &Feed,
        calls: &Hooks,
        hook: &Hook,
    ) -> Result<bool> {
        let Some(id) = &hook.subscription else { return Ok(false) };
        let subscription = Subscription { scope: feed.scope.clone(), id: id.clone() };
        let status = match (calls.check)(context, &subscription).await? {
            HookHealth::Works => Status::Active,
            HookHealth::OnProbation => {
                tracing::warn!(hook = %hook.id, "the provider has trouble calling a hook");
                Status::Probation
            }
            HookHealth::Gone => {
                // One that is switched off stays in the provider's list otherwise.
                (calls.remove)(context, &subscription).await?;
                return Ok(false);
            }
        };
        let due_at = Timestamp(self.world().clock.now().0 + CHECK_PAUSE);
        self.put_hook(&Hook { status, due_at, ..hook.clone() }).await?;
        Ok(true)
    }

    async fn make_hook(
        &self,
        context: &ActionContext,
        feed: &Feed,
        (calls, base): (&Hooks, &str),
        event: &str,
    ) -> Result<()> {
        let world = self.world();
        let now = world.clock.now();
        let id = HookId::new(&world.clock, &world.random);
        let password = world.random.token();
        let mut hook = Hook {
            id,
            project_id: feed.project_id,
            feed_id: feed.id,
            event: event.to_owned(),
            subscription: None,
            secret_hash: hash_token(&password),
            status: Status::Broken,
            due_at: Timestamp(now.0 + BROKEN_PAUSE),
            created_at: now,
        };
        // A call may come before the answer does.
        self.put_hook(&hook).await?;
        let order = HookOrder {
            scope: feed.scope.clone(),
            event: event.to_owned(),
            url: format!("{base}/triggers/hooks/{id}"),
            user: USER.to_owned(),
            password,
        };
        match (calls.create)(context, &order).await {
            Ok(subscription) => {
                hook.subscription = Some(subscription);
                hook.status = Status::Active;
                hook.due_at = Timestamp(now.0 + CHECK_PAUSE);
            }
            Err(error) if error.code() == "not_permitted" => {
                hook.status = Status::Refused;
                hook.due_at = Timestamp(now.0 + REFUSED_PAUSE);
            }
            Err(error) => tracing::warn!(hook = %id, ?error, "a hook could not be made"),
        }
        self.put_hook(&hook).await
    }

    /// Removes a hook. Where the provider cannot be reached, its next call learns that it is gone.
    async fn remove_hook(
        &self,
        context: &ActionContext,
        feed: &Feed,
        calls: &Hooks,
        hook: &Hook,
    ) -> Result<()> {
        if let Some(id) = &hook.subscription {
            let subscription = Subscription { scope: feed.scope.clone(), id: id.clone() };
            if let Err(error) = (calls.remove)(context, &subscription).await {
                tracing::warn!(hook = %hook.id, ?error, "a hook could not be removed");
            }
        }
        let mut tx = self.world().store.begin().await?;
        hooks::delete(&mut tx, hook.project_id, hook.id).await?;
        tx.commit().await
    }

    async fn put_hook(&self, hook: &Hook) -> Result<()> {
        let mut tx = self.world().store.begin().await?;
        hooks::put(&mut tx, hook).await?;
        tx.commit().await
    }
}
