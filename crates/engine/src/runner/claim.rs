//! Takes what is due. Projects have their turn one after another, so that one with much to do keeps
//! nobody waiting.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use base::{ProjectId, Result, Timestamp};
use store::executions::Execution;
use store::{Connection, Engine, claims};

use super::{Inner, Runner, Slot, drive};

/// How many executions a project gets in one turn.
const TURN_ROWS_MAX: usize = 32;
/// How many turns one look takes.
const TURNS_MAX: usize = 256;

impl Runner {
    /// Takes due executions and runs each. Answers how many it took.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn claim(&self) -> Result<usize> {
        let inner = &self.0;
        if inner.is_stopping() {
            return Ok(0);
        }
        let _claiming = inner.claiming.lock().await;
        let claimed = take(inner).await?;
        let count = claimed.len();
        for execution in claimed {
            let slot = Slot::take(inner, execution.project_id, (execution.id, execution.lease));
            inner.runtime.spawn(drive::resume(Arc::clone(inner), execution, slot));
        }
        Ok(count)
    }
}

async fn take(inner: &Inner) -> Result<Vec<Execution>> {
    let now = inner.world.clock.now();
    let mut free = inner.config.running_max.saturating_sub(inner.running.load(Ordering::Acquire));
    let mut claimed = Vec::new();
    let mut has_backlog = false;
    // Looking costs no write.
    let mut conn = inner.world.store.read().await?;
    if claims::next_project(&mut conn, None, now).await?.is_none() {
        inner.has_backlog.store(false, Ordering::Release);
        return Ok(claimed);
    }
    // The circle goes on where the look before ended: else the first would always be served first.
    let served = *inner.served.lock().unwrap_or_else(PoisonError::into_inner);
    let mut project = claims::next_project(&mut conn, served, now).await?;
    drop(conn);
    let mut tx = inner.world.store.begin().await?;
    let mut taken_in_circle = usize::from(served.is_some());
    for _ in 0..TURNS_MAX {
        let Some(id) = project else {
            // The circle is closed; another one only if this one brought something.
            if taken_in_circle == 0 {
                break;
            }
            taken_in_circle = 0;
            project = claims::next_project(&mut tx, None, now).await?;
            if project.is_none() {
                break;
            }
            continue;
        };
        if free == 0 {
            has_backlog = true;
            break;
        }
        let (rows, is_limited) = turn(inner, &mut tx, id, now, free).await?;
        has_backlog |= is_limited;
        taken_in_circle += rows.len();
        free -= rows.len();
        if !rows.is_empty() {
            *inner.served.lock().unwrap_or_else(PoisonError::into_inner) = Some(id);
        }
        claimed.extend(rows);
        project = claims::next_project(&mut tx, Some(id), now).await?;
    }
    tx.commit().await?;
    inner.metrics.note_claim(claimed.len(), now, inner.world.clock.now());
    inner.has_backlog.store(has_backlog, Ordering::Release);
    Ok(claimed)
}

/// One turn of a project; also whether its limit kept it from more.
async fn turn(
    inner: &Inner,
    tx: &mut Connection,
    id: ProjectId,
    now: Timestamp,
    free: usize,
) -> Result<(Vec<Execution>, bool)> {
    let mut rows_max = TURN_ROWS_MAX.min(free);
    let limit = inner.config.running_per_project_max;
    let mut is_limited = false;
    if limit > 0 {
        if inner.database() == Engine::Postgres {
            claims::hold_project(tx, id).await?;
        }
        let running = usize::try_from(claims::running(tx, id).await?).unwrap_or(0);
        let left = limit.saturating_sub(running);
        is_limited = left <= rows_max;
        rows_max = rows_max.min(left);
    }
    if rows_max == 0 {
        return Ok((Vec::new(), true));
    }
    let rows = i64::try_from(rows_max).unwrap_or(i64::MAX);
    let claimed = claims::claim(tx, inner.database(), inner.node_id(), id, now, rows).await?;
    Ok((claimed, is_limited))
}
