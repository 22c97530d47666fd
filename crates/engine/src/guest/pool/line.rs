//! Who gets the next guest. Pure bookkeeping: projects with waiting calls take turns, so that one
//! with ten thousand calls does not keep another from its first.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use base::ProjectId;
use serde_json::value::RawValue;
use tokio::sync::oneshot;

use super::process::Asked;
use crate::guest::{FunctionError, FunctionErrorKind};

/// A call that has no guest yet.
pub struct Waiting {
    pub project_id: ProjectId,
    pub source: Arc<str>,
    /// Without parameters the source is only looked at.
    pub parameters: Option<Box<RawValue>>,
    pub answer: oneshot::Sender<Result<Asked, FunctionError>>,
}

/// Leave to start a keeper, and the call that it begins with.
pub struct Seat(pub Waiting);

/// What a keeper does when a call is over.
pub enum Next {
    /// Serve this call; its project may be another one.
    Call(Waiting),
    /// Wait for one. The number is for [`Line::stop_waiting`].
    Wait(u64, oneshot::Receiver<Waiting>),
    /// End: the pool is closed.
    Leave,
}

struct Idle {
    number: u64,
    project_id: ProjectId,
    wake: oneshot::Sender<Waiting>,
}

/// The calls that wait and the keepers that have nothing to do.
pub struct Line {
    waiting: HashMap<ProjectId, VecDeque<Waiting>>,
    /// Every project in `waiting`, whose turn is next first.
    turns: VecDeque<ProjectId>,
    waiting_count: usize,
    waiting_max: usize,
    /// Who has waited longest first.
    idle: VecDeque<Idle>,
    idle_number: u64,
    seats_taken: usize,
    seats_max: usize,
    is_closed: bool,
}

impl Line {
    pub fn new(seats_max: usize, waiting_max: usize) -> Self {
        Self {
            waiting: HashMap::new(),
            turns: VecDeque::new(),
            waiting_count: 0,
            waiting_max,
            idle: VecDeque::new(),
            idle_number: 0,
            seats_taken: 0,
            seats_max: seats_max.max(1),
            is_closed: false,
        }
    }

    /// Takes a call in. It goes to an idle guest of its project, else to a new one, else in place
    /// of the guest that has been idle longest, else it waits.
    pub fn enter(&mut self, mut waiting: Waiting) -> Result<Option<Seat>, FunctionError> {
        if self.is_closed {
            let message = "Gangway is stopping and calls no more functions.";
            return Err(FunctionError::new(FunctionErrorKind::Unavailable, message));
        }
        loop {
            let own = self.idle.iter().rposition(|idle| idle.project_id == waiting.project_id);
            let is_full = self.seats_taken >= self.seats_max;
            let Some(idle) = own.or(is_full.then_some(0)).and_then(|at| self.idle.remove(at))
            else {
                break;
            };
            match idle.wake.send(waiting) {
                Ok(()) => return Ok(None),
                // Its keeper is gone with its runtime.
                Err(unsent) => waiting = unsent,
            }
        }
        if self.seats_taken < self.seats_max {
            self.seats_taken += 1;
            return Ok(Some(Seat(waiting)));
        }
        if self.waiting_count >= self.waiting_max {
            let message = format!(
                "{} calls of functions wait for a guest already. Try again later, or allow more \
                 guests (functions.guests_max).",
                self.waiting_count
            );
            return Err(FunctionError::new(FunctionErrorKind::Busy, message));
        }
        self.queue(waiting);
        Ok(None)
    }

    fn queue(&mut self, waiting: Waiting) {
        let project_id = waiting.project_id;
        let calls = self.waiting.entry(project_id).or_default();
        if calls.is_empty() {
            self.turns.push_back(project_id);
        }
        calls.push_back(waiting);
        self.waiting_count += 1;
    }

    /// What the keeper of a guest of `project_id` does next. While its turn lasts it serves its
    /// own project first; afterwards whoever has waited longest for a turn.
    pub fn next(&mut self, project_id: ProjectId, has_turn: bool) -> Next {
        let own = has_turn && self.waiting.contains_key(&project_id);
        let turn = if own { Some(project_id) } else { self.turns.front().copied() };
        if let Some(waiting) = turn.and_then(|project_id| self.take(project_id)) {
            return Next::Call(waiting);
        }
        if self.is_closed {
            self.lose_seat();
            return Next::Leave;
        }
        let (wake, woken) = oneshot::channel();
        self.idle_number += 1;
        self.idle.push_back(Idle { number: self.idle_number, project_id, wake });
        Next::Wait(self.idle_number, woken)
    }

    /// The oldest call of a project, which goes to the end of the turns.
    fn take(&mut self, project_id: ProjectId) -> Option<Waiting> {
        let calls = self.waiting.get_mut(&project_id)?;
        let waiting = calls.pop_front()?;
        let is_empty = calls.is_empty();
        self.waiting_count -= 1;
        self.turns.retain(|other| *other != project_id);
        if is_empty {
            self.waiting.remove(&project_id);
        } else {
            self.turns.push_back(project_id);
        }
        Some(waiting)
    }

    /// A keeper has waited long enough. False: a call is on its way to it.
    pub fn stop_waiting(&mut self, number: u64) -> bool {
        let Some(at) = self.idle.iter().position(|idle| idle.number == number) else {
            return false;
        };
        self.idle.remove(at);
        self.lose_seat();
        true
    }

    /// A keeper is gone: it left the line, or its runtime ended under it.
    pub fn lose_seat(&mut self) {
        self.seats_taken = self.seats_taken.saturating_sub(1);
    }

    /// Takes no more calls and lets idle keepers go.
    pub fn close(&mut self) {
        self.is_closed = true;
        self.seats_taken = self.seats_taken.saturating_sub(self.idle.len());
        self.idle.clear();
    }
}
