//! Sends what is due, again and again, for as long as the sandbox runs.

use std::sync::Arc;
use std::time::Duration;

use base::Timestamp;
use rustls::pki_types::CertificateDer;
use tokio::sync::watch;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::outcome;
use super::post::{Post, Poster};
use super::settings::HookTargets;
use super::state::{Notification, Progress, Reply, Status, Subscription};
use crate::World;
use crate::devops::DevOps;

/// How many notifications are under way at once.
const MAX_SENDING: usize = 32;
/// How long a target may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(100);
/// The largest notification.
const MAX_BODY_BYTES: usize = 2 * 1024 * 1024;
/// A target that takes too long is treated as if it had said so itself.
const TIMED_OUT: u16 = 408;

/// A notification that is under way.
struct Job {
    organization: Uuid,
    subscription: Uuid,
    notification: u32,
    post: Post,
}

/// Sends what is due until the sandbox stops.
pub async fn run(
    world: Arc<World>,
    own_authority: CertificateDer<'static>,
    mut stop: watch::Receiver<bool>,
) {
    let poster = Poster::new(own_authority);
    let mut sending: JoinSet<(Job, Reply)> = JoinSet::new();
    queue_again(&world);
    loop {
        let free = MAX_SENDING - sending.len();
        let next = next_due(&world.devops.read());
        let is_due = next.is_some_and(|next| next <= world.clock.now());
        if free > 0 && is_due {
            for job in take_due(&world, free) {
                sending.spawn(send(Arc::clone(&world), poster.clone(), job));
            }
            continue;
        }
        let waits = next.filter(|_| free > 0);
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = world.hooks_due.notified() => {}
            Some(done) = sending.join_next() => {
                if let Ok((job, reply)) = done {
                    settle(&world, &job, reply);
                }
            }
            () = world.clock.sleep_until(waits.unwrap_or_default()), if waits.is_some() => {}
        }
    }
}

fn next_due(devops: &DevOps) -> Option<Timestamp> {
    devops.organizations.iter().filter_map(|one| one.hooks.next_due()).min()
}

/// What was under way when the process ended is sent again.
fn queue_again(world: &World) {
    let any = world.devops.read().organizations.iter().any(|one| {
        one.hooks
            .subscriptions
            .values()
            .chain(one.hooks.tests.values())
            .any(Subscription::is_sending)
    });
    if !any {
        return;
    }
    let now = world.clock.now();
    for organization in &mut world.devops.write().organizations {
        let all = organization.hooks.senders_mut().flat_map(|one| &mut one.notifications);
        for notification in all.filter(|one| one.progress == Progress::Sending) {
            notification.progress = Progress::Queued(now);
        }
    }
}

/// Takes some of what is due, and marks it as being sent.
fn take_due(world: &World, count: usize) -> Vec<Job> {
    let (now, targets) = (world.clock.now(), world.hook_settings().targets);
    let mut jobs = Vec::new();
    for organization in &mut world.devops.write().organizations {
        let id = organization.id;
        for subscription in organization.hooks.senders_mut() {
            if jobs.len() < count && !subscription.is_sending() {
                jobs.extend(take_next(subscription, id, targets, now));
            }
        }
    }
    jobs
}

/// Takes the first thing that a subscription has to send; what waits in one that is switched off
/// fails.
fn take_next(
    subscription: &mut Subscription,
    organization: Uuid,
    targets: HookTargets,
    now: Timestamp,
) -> Option<Job> {
    let probe = subscription.probe_due().filter(|at| *at <= now);
    let probe = probe.and(subscription.probation).map(|one| one.notification);
    let is_enabled = subscription.status == Status::Enabled;
    let is_due = |progress| matches!(progress, Progress::Queued(at) if at <= now);
    for one in &mut subscription.notifications {
        if !is_enabled && is_due(one.progress) {
            (one.progress, one.changed) = (Progress::Failed, now);
        }
    }
    let is_next = |one: &Notification| is_due(one.progress) || probe == Some(one.id);
    let Some(next) = subscription.notifications.iter().position(is_next) else {
        // A probation whose notification is forgotten has nothing to try with.
        if probe.is_some() {
            subscription.set_status(Status::Enabled);
        }
        return None;
    };
    let one = &mut subscription.notifications[next];
    (one.progress, one.sent) = (Progress::Sending, Some(now));
    one.attempts += 1;
    Some(Job {
        organization,
        subscription: subscription.id,
        notification: one.id,
        post: Post {
            subscription: subscription.id,
            inputs: subscription.consumer_inputs.clone(),
            body: one.event.to_string(),
            targets,
        },
    })
}

async fn send(world: Arc<World>, poster: Poster, job: Job) -> (Job, Reply) {
    let began = world.clock.now();
    let answered = if job.post.body.len() > MAX_BODY_BYTES {
        Some(Err(format!("The notification has more than {MAX_BODY_BYTES} bytes.")))
    } else {
        world.clock.timeout(ANSWER_LIMIT, poster.send(&job.post)).await
    };
    let (status, text) = match answered {
        Some(Ok((status, text))) => (Some(status), text),
        Some(Err(why)) => (None, why),
        None => (Some(TIMED_OUT), "There was no answer in time.".to_owned()),
    };
    let took = world.clock.now().since(began);
    let url = job.post.inputs.get("url").map(String::as_str).unwrap_or_default();
    let request = format!("Method: POST\r\nURI: {url}\r\nContent Length: {}", job.post.body.len());
    let duration_micros = i64::try_from(took.as_micros()).unwrap_or(i64::MAX);
    (job, Reply { status, text, request, duration_micros })
}

fn settle(world: &World, job: &Job, reply: Reply) {
    let now = world.clock.now();
    let mut devops = world.devops.write();
    let mut organizations = devops.organizations.iter_mut();
    let organization = organizations.find(|one| one.id == job.organization);
    let Some(organization) = organization else { return };
    // It may be gone by now.
    if let Some(subscription) = organization.hooks.sender_mut(job.subscription) {
        outcome::settle(subscription, job.notification, reply, now);
    }
}
