//! What hooks remember.

use std::collections::BTreeMap;
use std::time::Duration;

use base::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// How many subscriptions an organization can have.
pub const MAX_SUBSCRIPTIONS: usize = 1_000;
/// How many test notifications are remembered.
const MAX_TESTS: usize = 100;
/// How many notifications of a subscription are remembered, and for how long.
const MAX_HISTORY: usize = 500;
const HISTORY_LIFE: Duration = Duration::from_secs(14 * 86_400);

/// Inputs by name.
pub type Inputs = BTreeMap<String, String>;

/// The subscriptions of an organization.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Hooks {
    /// Those that were made.
    pub subscriptions: BTreeMap<Uuid, Subscription>,
    /// One for each test notification, of which it has only that.
    pub tests: BTreeMap<Uuid, Subscription>,
    /// The last number given to a test notification.
    pub last_test: u32,
}

/// A wish to be told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Subscription {
    /// Its id.
    pub id: Uuid,
    /// Of what: `workitem.created`.
    pub event_type: String,
    /// In which form.
    pub resource_version: String,
    /// What the event must be like.
    pub publisher_inputs: Inputs,
    /// Where to send it, and how much of it.
    pub consumer_inputs: Inputs,
    /// Whether anything is sent.
    pub status: Status,
    /// Who made it, and when.
    pub created: (Uuid, Timestamp),
    /// Who changed it last, and when.
    pub changed: (Uuid, Timestamp),
    /// What it waits for while it is on probation.
    pub probation: Option<Probation>,
    /// The last number given to a notification.
    pub last_notification: u32,
    /// What was sent and what waits, the oldest first.
    pub notifications: Vec<Notification>,
}

/// Whether a subscription sends anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// It does.
    Enabled,
    /// It tries now and then whether its target has recovered; what happens meanwhile is lost.
    OnProbation,
    /// Someone switched it off.
    DisabledByUser,
    /// It failed for too long, or its target is gone.
    DisabledBySystem,
    /// Whoever made it has left.
    DisabledByInactiveIdentity,
}

/// A probation.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Probation {
    /// How many probes have failed.
    pub failed_probes: u8,
    /// When the last was sent.
    pub last_probe: Option<Timestamp>,
    /// When the next is due.
    pub next_probe: Timestamp,
    /// The notification that failed, which is sent again as the probe.
    pub notification: u32,
}

/// One thing to tell.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Notification {
    /// Its number in its subscription, from 1.
    pub id: u32,
    /// What is sent.
    pub event: Value,
    /// Where it stands.
    pub progress: Progress,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed.
    pub changed: Timestamp,
    /// When it was last sent.
    pub sent: Option<Timestamp>,
    /// How often it was sent.
    pub attempts: u32,
    /// What came of it last.
    pub reply: Option<Reply>,
}

/// Where a notification stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Progress {
    /// It waits for its time.
    Queued(Timestamp),
    /// It is being sent.
    Sending,
    /// It arrived.
    Succeeded,
    /// It will not be sent again, unless as a probe.
    Failed,
}

/// What a target answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The status; none when there was no answer.
    pub status: Option<u16>,
    /// Head and body of the answer, or why there is none.
    pub text: String,
    /// What was sent, without what is confidential.
    pub request: String,
    /// How long it took, in microseconds.
    pub duration_micros: i64,
}

impl Subscription {
    /// Adds a notification that is due at once, and forgets old ones.
    pub fn notify(&mut self, event: impl FnOnce(u32) -> Value, now: Timestamp) {
        self.last_notification += 1;
        let id = self.last_notification;
        self.notifications.push(Notification {
            id,
            event: event(id),
            progress: Progress::Queued(now),
            created: now,
            changed: now,
            sent: None,
            attempts: 0,
            reply: None,
        });
        let surplus = self.notifications.len().saturating_sub(MAX_HISTORY);
        self.notifications.drain(..surplus);
        self.notifications.retain(|one| one.created + HISTORY_LIFE > now);
    }

    /// Whether one of its notifications is under way; the next one waits for it, so that they
    /// arrive in order as long as nothing fails.
    pub fn is_sending(&self) -> bool {
        self.notifications.iter().any(|one| one.progress == Progress::Sending)
    }

    /// When something has to be sent next; `None` when nothing waits.
    pub fn next_due(&self) -> Option<Timestamp> {
        if self.is_sending() {
            return None;
        }
        let queued = self.notifications.iter().filter_map(|one| match one.progress {
            Progress::Queued(at) => Some(at),
            _ => None,
        });
        queued.chain(self.probe_due()).min()
    }

    /// When the next probe is due.
    pub fn probe_due(&self) -> Option<Timestamp> {
        let probation = self.probation.filter(|_| self.status == Status::OnProbation)?;
        Some(probation.next_probe)
    }

    /// One of its notifications.
    pub fn notification_mut(&mut self, id: u32) -> Option<&mut Notification> {
        self.notifications.iter_mut().find(|one| one.id == id)
    }
}

impl Hooks {
    /// Everything that can send, tests too.
    pub fn senders_mut(&mut self) -> impl Iterator<Item = &mut Subscription> {
        self.subscriptions.values_mut().chain(self.tests.values_mut())
    }

    /// One that can send, a test too.
    pub fn sender_mut(&mut self, id: Uuid) -> Option<&mut Subscription> {
        self.subscriptions.get_mut(&id).or_else(|| self.tests.get_mut(&id))
    }

    /// When something has to be sent next.
    pub fn next_due(&self) -> Option<Timestamp> {
        let senders = self.subscriptions.values().chain(self.tests.values());
        senders.filter_map(Subscription::next_due).min()
    }

    /// Keeps a test, and forgets the oldest beyond the bound.
    pub fn add_test(&mut self, test: Subscription) {
        while self.tests.len() >= MAX_TESTS {
            let oldest = self.tests.values().min_by_key(|one| one.last_notification);
            let Some(oldest) = oldest.map(|one| one.id) else { break };
            self.tests.remove(&oldest);
        }
        self.tests.insert(test.id, test);
    }
}
