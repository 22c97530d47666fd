//! Announces the end of an app's secret or certificate, so that it can be replaced in time.

use std::time::Duration;

use base::{Result, Timestamp};
use serde_json::json;
use store::app_registrations::{self, AppRegistration};

use crate::Connect;
use crate::events::Happened;

const DAY_SECONDS: u64 = 24 * 3600;
/// With how many days left it is announced, the last first.
const ANNOUNCED_DAYS: [i64; 4] = [1, 7, 14, 30];
/// How many are announced at a time: the rest wait for the next.
const BATCH: u32 = 100;

/// Whole days until `end`; 0 when it has passed.
pub fn days_left(end: Timestamp, now: Timestamp) -> u64 {
    end.since(now).as_secs() / DAY_SECONDS
}

impl Connect {
    /// Writes the event of every secret that has just come so near to its end, each once. Answers
    /// how many.
    pub async fn announce_expiring_secrets(&self) -> Result<usize> {
        let now = self.0.clock.now();
        let mut announced = 0;
        for days in ANNOUNCED_DAYS {
            let life = Duration::from_secs(days.unsigned_abs() * DAY_SECONDS);
            let mut conn = self.0.store.read().await?;
            let found =
                app_registrations::list_expiring(&mut conn, now + life, days, BATCH).await?;
            drop(conn);
            for registration in &found {
                announced += usize::from(self.announce(registration, days, now).await?);
            }
        }
        Ok(announced)
    }

    async fn announce(
        &self,
        registration: &AppRegistration,
        days: i64,
        now: Timestamp,
    ) -> Result<bool> {
        let Some(end) = registration.proof.expires_at else { return Ok(false) };
        let mut tx = self.0.store.begin().await?;
        if !app_registrations::announce(&mut tx, registration, days).await? {
            return Ok(false);
        }
        let more = json!({
            "expiresAt": end.to_rfc3339(),
            "daysLeft": days_left(end, now),
            "hasSuccessor": registration.successor.is_some(),
        });
        let more = more.as_object().cloned().unwrap_or_default();
        let of = (registration.project_id, registration.integration_id);
        let client_id = &registration.client_id;
        self.tell_of_app(&mut tx, Happened::SecretExpiring, of, client_id, more).await?;
        tx.commit().await?;
        Ok(true)
    }
}
