//! Delivers what is due: claims rows, makes one attempt for each, and writes down how it ended.
//! Several processes share the work; a row that a dead one held is due again after its lease.

use std::time::Duration;

use base::{Error, ErrorKind, EventId, Result, Timestamp};
use connect::Happened;
use connect::event_destinations::{Attempted, Message, PATIENCE};
use futures_util::future::join_all;
use serde_json::json;
use store::event_deliveries::{self, Attempt, EventDelivery, Status};
use store::event_destinations::{self, EventDestination};
use store::events::{self, Event};

use super::body;
use super::pauses::{FAILING_MAX, pause};
use crate::effects::World;

/// How many deliveries are made at once.
const ROWS_MAX: i64 = 32;
/// How long a claimed delivery is nobody else's: longer than an attempt can take.
const LEASE: Duration = Duration::from_secs(PATIENCE.as_secs() + 40);
/// The answer by which a far side says that it never wants to be called again.
const GONE: u16 = 410;

/// Makes one attempt for each of up to `ROWS_MAX` deliveries that are due; answers how many.
///
/// # Errors
/// When the database does not answer.
pub async fn deliver_due(world: &World) -> Result<usize> {
    let now = world.clock.now();
    // Looking costs no write.
    if event_deliveries::due(&mut *world.store.read().await?, now, 1).await? == 0 {
        return Ok(0);
    }
    let mut tx = world.store.begin().await?;
    let engine = world.store.engine();
    let claimed = event_deliveries::claim(&mut tx, engine, now, now + LEASE, ROWS_MAX).await?;
    tx.commit().await?;
    let count = claimed.len();
    let attempts = claimed.into_iter().map(async |delivery| {
        let (destination, event) = (delivery.destination_id, delivery.event_id);
        if let Err(error) = attempt(world, delivery).await {
            tracing::warn!(%destination, %event, cause = ?error, "a delivery is tried again later");
        }
    });
    join_all(attempts).await;
    Ok(count)
}

/// Delivers a test event to one destination, now, and answers how that ended.
///
/// # Errors
/// When the database does not answer.
pub async fn deliver_test(world: &World, destination: &EventDestination) -> Result<EventId> {
    let now = world.clock.now();
    let event = Event {
        id: EventId::new(&world.clock, &world.random),
        project_id: destination.project_id,
        kind: "destination.test".to_owned(),
        subject: destination.id.to_string(),
        payload: json!({ "destinationId": destination.id, "name": destination.name }),
        created_at: now,
    };
    let mut tx = world.store.begin().await?;
    events::write(&mut tx, &[&event]).await?;
    let delivery = event_deliveries::insert(&mut tx, destination.id, &event, now + LEASE).await?;
    tx.commit().await?;
    let attempted = send(world, destination, &event).await?;
    settle(world, destination, delivery, attempted, now).await?;
    Ok(event.id)
}

async fn attempt(world: &World, delivery: EventDelivery) -> Result<()> {
    let began = world.clock.now();
    let (project_id, id) = (delivery.project_id, delivery.destination_id);
    let mut conn = world.store.read().await?;
    let destination = event_destinations::find(&mut conn, project_id, id).await?;
    let event = events::find(&mut conn, project_id, delivery.event_id).await?;
    drop(conn);
    // What is gone took its deliveries with it.
    let (Some(destination), Some(event)) = (destination, event) else { return Ok(()) };
    let attempted = match send(world, &destination, &event).await {
        Ok(attempted) => attempted,
        // It is due again after its lease.
        Err(error) if error.kind() == ErrorKind::Unavailable => return Err(error),
        Err(error) => {
            tracing::error!(destination = %id, cause = ?error, "a delivery could not be made");
            failed(error.message())
        }
    };
    settle(world, &destination, delivery, attempted, began).await
}

async fn send(world: &World, destination: &EventDestination, event: &Event) -> Result<Attempted> {
    let mut conn = world.store.read().await?;
    let project = store::projects::find(&mut conn, event.project_id).await?;
    drop(conn);
    let project = project.ok_or_else(|| Error::internal("a delivery has no project"))?;
    let document = body::document(event, &project);
    let (body, content_type) = match body::body(destination.template.as_ref(), document) {
        Ok(body) => body,
        Err(error) => return Ok(failed(error.message())),
    };
    world.connect.deliver(destination, Message { event_id: event.id, body, content_type }).await
}

/// An attempt that did not leave.
fn failed(message: &str) -> Attempted {
    let (excerpt, duration) = (String::new(), Duration::ZERO);
    Attempted { status: None, error: Some(message.to_owned()), excerpt, duration }
}

/// Writes down how an attempt ended, and what follows.
async fn settle(
    world: &World,
    destination: &EventDestination,
    mut delivery: EventDelivery,
    attempted: Attempted,
    began: Timestamp,
) -> Result<()> {
    let now = world.clock.now();
    let is_test = delivery.kind == "destination.test";
    if attempted.is_success() {
        (delivery.status, delivery.due_at) = (Status::Delivered, None);
    } else {
        let pause = pause(delivery.attempts, &world.random).filter(|_| !is_test);
        delivery.due_at = pause.map(|pause| now + pause);
        delivery.status = if pause.is_some() { Status::Pending } else { Status::Failed };
    }
    delivery.finished_at = delivery.due_at.is_none().then_some(now);
    let attempt = Attempt {
        number: delivery.attempts,
        at: began,
        duration: attempted.duration,
        status: attempted.status,
        error: attempted.error.clone(),
        excerpt: attempted.excerpt.clone(),
    };
    let mut tx = world.store.begin().await?;
    if !event_deliveries::finish(&mut tx, &delivery, &attempt).await? {
        return Ok(());
    }
    if attempted.is_success() {
        event_destinations::note_success(&mut tx, destination.id).await?;
    } else if !is_test {
        let since = event_destinations::note_failure(&mut tx, destination.id, now).await?;
        if let Some(reason) = verdict(&attempted, since, now) {
            disable(world, &mut tx, destination, &reason).await?;
        }
    }
    tx.commit().await
}

/// Why a destination is called no more, if so.
fn verdict(attempted: &Attempted, since: Timestamp, now: Timestamp) -> Option<String> {
    if attempted.status == Some(GONE) {
        return Some("It answered 410: it does not want to be called any more.".to_owned());
    }
    let days = FAILING_MAX.as_secs() / 86_400;
    let is_over = now >= since + FAILING_MAX;
    is_over.then(|| format!("For {days} days, no delivery to it arrived."))
}

async fn disable(
    world: &World,
    tx: &mut store::Transaction,
    destination: &EventDestination,
    reason: &str,
) -> Result<()> {
    let now = world.clock.now();
    if !event_destinations::disable(tx, destination.id, reason, now).await? {
        return Ok(());
    }
    event_deliveries::give_up(tx, destination.id, now).await?;
    let event = Event {
        id: EventId::new(&world.clock, &world.random),
        project_id: destination.project_id,
        kind: Happened::DestinationDisabled.as_str().to_owned(),
        subject: destination.id.to_string(),
        payload: json!({
            "destinationId": destination.id,
            "name": destination.name,
            "reason": reason,
        }),
        created_at: now,
    };
    events::insert(tx, &event).await
}
