//! The pure core: what comes next, given a plan, where the execution stands and the time. The same
//! arguments give the same decision, on every node and after every crash.

use std::borrow::Cow;

use base::Timestamp;
use serde_json::{Value, json};

use crate::address::Address;
use crate::definition::{Plan, PlannedStep};
use crate::journal::{EVENTS_MAX, Event, State, StepError, StepState};
use crate::steps::StepKind;
use crate::steps::fan_out::{FanOut, ITEMS_MAX, PARALLEL_DEFAULT, PARALLEL_MAX};

/// What comes next. Events are folded before anything is decided again; effects are performed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decision {
    /// What happens without any effect: branches taken, delays begun, the end.
    pub events: Vec<Event>,
    /// What is to be performed.
    pub effects: Vec<Effect>,
    /// When there will be something to decide although nothing happens.
    pub wake_at: Option<Timestamp>,
    /// Whether what it waits for is a provider's rate limit.
    pub is_paused: bool,
    /// Whether what it waits for is the next try of a failed step.
    pub is_retrying: bool,
}

/// One try of a step that touches something outside of the engine.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// Which step.
    pub step: Address,
    /// The number of the try, from 1.
    pub attempt: u32,
    /// What it is given, with references in place of secrets.
    pub input: Value,
}

/// Decides.
pub fn decide(plan: &Plan, state: &State, now: Timestamp) -> Decision {
    let mut decision = Decision::default();
    if state.outcome.is_some() || state.snapshot.is_none() {
        return decision;
    }
    if state.events > EVENTS_MAX {
        let message =
            format!("The execution has come to {EVENTS_MAX} events, the most there may be.");
        let error = StepError::new("too_many_events", message);
        decision.events.push(Event::Failed { at: now, step: None, error });
        return decision;
    }
    if let Some((step, error)) = &state.failure {
        // What still runs ends first, so that its outcome is known.
        if state.running.is_empty() {
            let (step, error) = (Some(step.clone()), error.clone());
            decision.events.push(Event::Failed { at: now, step, error });
        }
        return decision;
    }
    let mut walk = Walk { plan, state, now, decision };
    let ended = match plan.start() {
        Some(start) => walk.path(&Address::top(start)),
        None => true,
    };
    if ended {
        walk.decision.events.push(Event::Succeeded { at: now });
    }
    walk.decision
}

struct Walk<'a> {
    plan: &'a Plan,
    state: &'a State,
    now: Timestamp,
    decision: Decision,
}

impl Walk<'_> {
    /// Follows a path from its first step to where it stands. True when it has ended.
    fn path(&mut self, first: &Address) -> bool {
        let mut at = first.clone();
        loop {
            let Some(step) = self.plan.step(&at.step) else { return true };
            let output = match self.state.steps.get(&at) {
                Some(StepState::Ended { output }) => output,
                standing => {
                    self.stand(step, &at, standing);
                    return false;
                }
            };
            match step.step.following(output) {
                Some(key) => at = at.beside(key),
                None => return true,
            }
        }
    }

    /// Decides about the step where a path stands.
    fn stand(&mut self, step: &PlannedStep, at: &Address, standing: Option<&StepState>) {
        match standing {
            None => self.begin(step, at),
            Some(StepState::Running { .. } | StepState::Ended { .. } | StepState::Failed) => {}
            Some(StepState::Open) => self.items(step, at),
            Some(StepState::Delayed { until }) => {
                if *until <= self.now {
                    self.finish(at, Value::Null);
                } else {
                    self.wake(*until);
                }
            }
            Some(StepState::Retrying { attempt, at: retry_at }) => {
                if *retry_at <= self.now {
                    self.effect(step, at, attempt + 1);
                } else {
                    self.decision.is_retrying = true;
                    self.wake(*retry_at);
                }
            }
            Some(StepState::Paused { attempt, until }) => {
                if *until <= self.now {
                    self.effect(step, at, *attempt);
                } else {
                    self.decision.is_paused = true;
                    self.wake(*until);
                }
            }
        }
    }

    fn begin(&mut self, step: &PlannedStep, at: &Address) {
        match &step.step.kind {
            StepKind::Conditional(_) => match step.holds(self.state, at, None) {
                Ok(holds) => {
                    let choice = if holds { "Yes" } else { "No" };
                    self.finish(at, json!({ "selectedChoice": choice }));
                }
                Err(error) => self.fail(step, at, error),
            },
            StepKind::Delay(delay) => {
                let length =
                    step.render(self.state, at, None).map(|amount| delay.duration(&amount));
                match length {
                    Ok(Some(length)) => {
                        let until = self.now + length;
                        let step = at.clone();
                        self.decision.events.push(Event::StepDelayed { at: self.now, step, until });
                    }
                    Ok(None) => self.fail(step, at, no_delay()),
                    Err(error) => self.fail(step, at, error),
                }
            }
            StepKind::FanOut(fan_out) => self.open(fan_out, step, at),
            StepKind::Response(_) => match step.render(self.state, at, None) {
                Ok(answer) => {
                    let step = at.clone();
                    self.decision.events.push(Event::Responded { at: self.now, step, answer });
                }
                Err(error) => self.fail(step, at, error),
            },
            StepKind::Action(_)
            | StepKind::IntegrationRequest(_)
            | StepKind::Request(_)
            | StepKind::Function(_) => self.effect(step, at, 1),
        }
    }

    fn open(&mut self, fan_out: &FanOut, step: &PlannedStep, at: &Address) {
        match step.evaluate(self.state, at).map(Cow::into_owned) {
            Ok(Value::Array(items)) if items.len() <= ITEMS_MAX => {
                let source = fan_out.pages_of.as_deref().filter(|_| !self.plan.is_test());
                let first_page = source.and_then(|source| self.state.output(at, source));
                let cursor =
                    first_page.and_then(|page| page.get("next")).filter(|next| !next.is_null());
                let (items, step, cursor) = (self.plan.cut(items), at.clone(), cursor.cloned());
                self.decision.events.push(Event::FanOutOpened {
                    at: self.now,
                    step,
                    items,
                    cursor,
                });
            }
            Ok(Value::Array(items)) => {
                let message = format!(
                    "The list has {} items; a fan out takes at most {ITEMS_MAX}.",
                    items.len()
                );
                self.fail(step, at, StepError::new("too_many_items", message));
            }
            Ok(_) => {
                let message = "The items of a fan out must be a list; this is none.";
                self.fail(step, at, StepError::new("not_a_list", message));
            }
            Err(error) => self.fail(step, at, error),
        }
    }

    /// Follows the paths of a fan out's items, and begins further ones.
    fn items(&mut self, step: &PlannedStep, at: &Address) {
        let (StepKind::FanOut(fan_out), Some(opened)) =
            (&step.step.kind, self.state.fan_outs.get(at))
        else {
            return;
        };
        let count = u32::try_from(opened.items.len()).unwrap_or(u32::MAX);
        if opened.ended == count {
            return match &opened.cursor {
                None => self.finish(at, json!({ "count": count })),
                Some(_) => self.effect(step, at, 1),
            };
        }
        let parallel = fan_out.parallel.unwrap_or(PARALLEL_DEFAULT).clamp(1, PARALLEL_MAX);
        let free = parallel.saturating_sub(u32::try_from(opened.open.len()).unwrap_or(u32::MAX));
        let further = opened.next..count.min(opened.next.saturating_add(free));
        for index in opened.open.iter().copied().chain(further) {
            if self.path(&at.inside(index, &*fan_out.each)) {
                let step = at.clone();
                self.decision.events.push(Event::ItemFinished { at: self.now, step, index });
            }
        }
    }

    fn effect(&mut self, step: &PlannedStep, at: &Address, attempt: u32) {
        // The effect of a fan out is to read its next page.
        let cursor = self.state.fan_outs.get(at).and_then(|opened| opened.cursor.clone());
        let input = match cursor {
            Some(cursor) => Ok(json!({ "cursor": cursor })),
            None => step.render(self.state, at, None),
        };
        match input {
            Ok(input) => {
                self.decision.effects.push(Effect { step: at.clone(), attempt, input });
            }
            Err(error) => self.fail(step, at, error),
        }
    }

    fn finish(&mut self, at: &Address, output: Value) {
        let (step, log) = (at.clone(), Vec::new());
        self.decision.events.push(Event::StepFinished { at: self.now, step, output, log });
    }

    /// A step that cannot be begun would fail the same way again.
    fn fail(&mut self, step: &PlannedStep, at: &Address, error: StepError) {
        self.decision.events.push(Event::StepFailed {
            at: self.now,
            step: at.clone(),
            attempt: 1,
            error,
            retry_at: None,
            continues: step.step.continue_on_error,
            log: Vec::new(),
        });
    }

    fn wake(&mut self, time: Timestamp) {
        let earliest = self.decision.wake_at.map_or(time, |earlier| earlier.min(time));
        self.decision.wake_at = Some(earliest);
    }
}

fn no_delay() -> StepError {
    StepError::new("invalid_delay", "The delay must be a number from 0 on, and at most a year.")
}
