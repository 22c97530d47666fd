//! A keeper minds one place in the pool: it has at most one guest, hands it one call after the
//! other, and starts a new one for another project, after a crash and after many calls.

use std::sync::Arc;
use std::time::Duration;

use base::ProjectId;

use super::Inner;
use super::line::{Next, Waiting};
use super::process::{Asked, Process};
use crate::guest::FunctionError;

/// How long a guest may serve its own project while others wait. Long against the start of a
/// process, short for a person.
const TURN: Duration = Duration::from_millis(100);

struct Keeper {
    pool: Arc<Inner>,
    process: Option<Process>,
    /// Whose guest it is.
    project_id: ProjectId,
    /// Whether it still counts as one of the pool's guests.
    has_seat: bool,
}

/// A runtime that ends drops its tasks wherever they are.
impl Drop for Keeper {
    fn drop(&mut self) {
        if self.has_seat {
            self.pool.line().lose_seat();
        }
    }
}

/// Serves calls, beginning with this one, until there was none for a while.
pub async fn keep(pool: Arc<Inner>, first: Waiting) {
    let project_id = first.project_id;
    let mut keeper = Keeper { pool, process: None, project_id, has_seat: true };
    let mut turn_end = keeper.pool.clock.now() + TURN;
    let mut waiting = first;
    loop {
        if waiting.project_id != keeper.project_id {
            keeper.end_guest().await;
            keeper.project_id = waiting.project_id;
            turn_end = keeper.pool.clock.now() + TURN;
        }
        if !waiting.answer.is_closed() {
            let asked = keeper.serve(&waiting).await;
            // Whoever asked may have left meanwhile.
            let _ = waiting.answer.send(asked);
        }
        let has_turn = keeper.pool.clock.now() < turn_end;
        let next = keeper.pool.line().next(keeper.project_id, has_turn);
        waiting = match next {
            Next::Call(next) => {
                if !has_turn {
                    turn_end = keeper.pool.clock.now() + TURN;
                }
                next
            }
            Next::Wait(number, woken) => {
                let Some(next) = keeper.wait(number, woken).await else { break };
                turn_end = keeper.pool.clock.now() + TURN;
                next
            }
            Next::Leave => break,
        };
    }
    // The line has given the seat away already.
    keeper.has_seat = false;
    keeper.end_guest().await;
}

impl Keeper {
    /// The next call, or nothing when none came for as long as a guest is kept.
    async fn wait(
        &self,
        number: u64,
        mut woken: tokio::sync::oneshot::Receiver<Waiting>,
    ) -> Option<Waiting> {
        let idle_time_max = self.pool.settings.idle_time_max;
        match self.pool.clock.timeout(idle_time_max, &mut woken).await {
            Some(next) => next.ok(),
            None if self.pool.line().stop_waiting(number) => None,
            None => woken.await.ok(),
        }
    }

    async fn serve(&mut self, waiting: &Waiting) -> Result<Asked, FunctionError> {
        let Inner { settings, clock, random, .. } = &*self.pool;
        let mut process = match self.process.take_if(Process::is_fit) {
            Some(process) => process,
            None => Process::start(settings, clock).await?,
        };
        let seed = random.bytes();
        let (asked, is_fit) =
            process.ask(&waiting.source, waiting.parameters.as_deref(), seed, clock).await;
        if is_fit {
            self.process = Some(process);
        } else {
            process.end().await;
        }
        asked
    }

    async fn end_guest(&mut self) {
        if let Some(process) = self.process.take() {
            process.end().await;
        }
    }
}
