//! Renews tokens of accounts that nobody uses, before the provider lets their refresh tokens lapse.

use std::sync::Arc;
use std::time::Duration;

use base::Result;
use futures_util::{StreamExt as _, stream};
use store::renewals::{self, Idle};

use crate::Connect;
use crate::held::Selector;
use crate::provider::{Provider, Scheme};

const DAY: Duration = Duration::from_secs(24 * 3600);
/// How many accounts of one kind are renewed at a time: the rest wait for the next.
const BATCH: u32 = 50;
/// How many of them at once.
const AT_ONCE: usize = 4;
/// How long after a try that failed the next is made.
const TRY_AGAIN: Duration = Duration::from_secs(6 * 3600);

impl Connect {
    /// Renews the accounts that have been unused for two thirds of what their refresh tokens
    /// survive: a few, the longest unused first. Answers how many were renewed.
    pub async fn renew_idle(&self) -> Result<usize> {
        let mut renewed = 0;
        for provider in self.0.providers.values() {
            let days = provider.oauth.as_ref().and_then(|oauth| oauth.refresh.idle_days_max);
            let Some(days) = days else { continue };
            let unused = DAY * days * 2 / 3;
            for kind in provider.account_types.iter().filter(|one| one.scheme == Scheme::Oauth) {
                renewed += self.renew_unused(provider, &kind.id, unused).await?;
            }
        }
        Ok(renewed)
    }

    async fn renew_unused(
        &self,
        provider: &Arc<Provider>,
        account_type: &str,
        unused: Duration,
    ) -> Result<usize> {
        let now = self.0.clock.now();
        let (since, tried) = (now - unused, now - TRY_AGAIN);
        let mut conn = self.0.store.read().await?;
        let slug = &provider.slug;
        let idle = renewals::list_idle(&mut conn, slug, account_type, since, tried, BATCH).await?;
        drop(conn);
        let renewals = stream::iter(idle).map(|one| self.renew_one(slug, one));
        let done: Vec<bool> = renewals.buffer_unordered(AT_ONCE).collect().await;
        Ok(done.into_iter().filter(|renewed| *renewed).count())
    }

    async fn renew_one(&self, slug: &str, idle: Idle) -> bool {
        match self.try_renew_one(slug, &idle).await {
            Ok(renewed) => renewed,
            Err(error) => {
                tracing::warn!(credential = %idle.id, ?error, "an unused account was not renewed");
                false
            }
        }
    }

    async fn try_renew_one(&self, slug: &str, idle: &Idle) -> Result<bool> {
        // First of all, so that one that always fails does not take the others' turn.
        let mut tx = self.0.store.begin().await?;
        renewals::note_try(&mut tx, idle, self.0.clock.now()).await?;
        tx.commit().await?;
        let selector = Selector::Id(idle.id);
        let held = self.load(idle.project_id, idle.user_id, slug, Some(&selector)).await?;
        let state = held.state();
        // Without a refresh token there is nothing that could lapse.
        if !state.can_renew {
            return Ok(false);
        }
        self.renewed(&held, state.refreshed_at, None).await.map(|_| true)
    }
}
