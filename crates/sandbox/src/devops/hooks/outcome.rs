//! What follows from the reply of a target: the notification is done, sent again later, or its
//! subscription goes on probation and in the end is switched off.

use std::time::Duration;

use base::Timestamp;

use super::state::{Probation, Progress, Reply, Status, Subscription};

/// How long after each failed attempt the next one is made, while the failure may pass.
pub const RETRY_SECS: [u64; 8] = [1, 2, 4, 8, 16, 32, 60, 60];
/// How long after the failure, and after each probe, the next probe is sent.
pub const PROBE_MINUTES: [u64; 7] = [20, 40, 80, 160, 320, 640, 900];

/// What a reply means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// It arrived.
    Arrived,
    /// The target is gone for good.
    Gone,
    /// It may work in a moment.
    Passing,
    /// It will not work soon.
    Lasting,
}

/// No answer at all counts as a failure that lasts.
const fn judge(status: Option<u16>) -> Verdict {
    match status {
        Some(200..=299) => Verdict::Arrived,
        Some(410) => Verdict::Gone,
        Some(408 | 502..=504) => Verdict::Passing,
        _ => Verdict::Lasting,
    }
}

/// Writes down the reply to a notification and draws the conclusions.
pub fn settle(subscription: &mut Subscription, notification: u32, reply: Reply, now: Timestamp) {
    let verdict = judge(reply.status);
    let probation = subscription.probation.filter(|one| one.notification == notification);
    let may_retry = subscription.status == Status::Enabled;
    let Some(one) = subscription.notification_mut(notification) else { return };
    one.changed = now;
    one.reply = Some(reply);
    let made = usize::try_from(one.attempts).unwrap_or(usize::MAX);
    let retry = RETRY_SECS.get(made.saturating_sub(1));
    one.progress = match (verdict, retry) {
        (Verdict::Arrived, _) => Progress::Succeeded,
        (Verdict::Passing, Some(secs)) if may_retry => {
            Progress::Queued(now + Duration::from_secs(*secs))
        }
        _ => Progress::Failed,
    };
    let progress = one.progress;
    match (subscription.status, verdict) {
        (Status::Enabled | Status::OnProbation, Verdict::Gone) => {
            subscription.set_status(Status::DisabledBySystem);
        }
        (Status::Enabled, _) if progress == Progress::Failed => {
            subscription.set_status(Status::OnProbation);
            subscription.probation = Some(Probation {
                failed_probes: 0,
                last_probe: None,
                next_probe: now + minutes(PROBE_MINUTES[0]),
                notification,
            });
        }
        (Status::OnProbation, verdict) => {
            let Some(probation) = probation else { return };
            if verdict == Verdict::Arrived {
                subscription.set_status(Status::Enabled);
            } else {
                after_probe(subscription, probation, now);
            }
        }
        _ => {}
    }
}

fn after_probe(subscription: &mut Subscription, probation: Probation, now: Timestamp) {
    let failed_probes = probation.failed_probes + 1;
    let wait = PROBE_MINUTES.get(usize::from(failed_probes));
    let Some(wait) = wait else {
        subscription.set_status(Status::DisabledBySystem);
        return;
    };
    let next_probe = now + minutes(*wait);
    let last_probe = Some(now);
    subscription.probation = Some(Probation { failed_probes, last_probe, next_probe, ..probation });
}

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}
