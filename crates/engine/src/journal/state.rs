//! What a journal comes to: the fold of its events.

use std::collections::{BTreeMap, BTreeSet};

use base::Timestamp;
use serde_json::{Value, json};

use super::{Event, Snapshot, StepError};
use crate::address::Address;

/// Where an execution stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// What the trigger brought along.
    pub trigger: Value,
    /// What expressions know of person and account; none before a node began.
    pub snapshot: Option<Snapshot>,
    /// Every run of a step that has begun.
    pub steps: BTreeMap<Address, StepState>,
    /// Every fan out that has begun.
    pub fan_outs: BTreeMap<Address, FanOut>,
    /// The outputs of steps in bodies of fan outs that have ended: a list for each.
    pub gathered: BTreeMap<Address, Value>,
    /// Runs whose effect is being performed, or was when the journal broke off.
    pub running: BTreeSet<Address>,
    /// The failure that ends the execution, once what still runs has ended.
    pub failure: Option<(Address, StepError)>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// How many events there are.
    pub events: usize,
}

/// Where one run of a step stands.
#[derive(Clone, Debug, PartialEq)]
pub enum StepState {
    /// Its effect is being performed.
    Running {
        /// The number of the try.
        attempt: u32,
        /// What it was given.
        input: Value,
    },
    /// It is tried again.
    Retrying {
        /// The number of the try that failed.
        attempt: u32,
        /// When.
        at: Timestamp,
    },
    /// It waits for its provider.
    Paused {
        /// The number of the try that is made again.
        attempt: u32,
        /// Until when.
        until: Timestamp,
    },
    /// It is a delay.
    Delayed {
        /// Until when.
        until: Timestamp,
    },
    /// It is a fan out whose items are worked on.
    Open,
    /// It has ended, and the path goes on with this.
    Ended {
        /// What it gave; after a failure that the path survives, `{"error"}`.
        output: Value,
    },
    /// It has failed for good.
    Failed,
}

/// A fan out that has begun.
#[derive(Clone, Debug, PartialEq)]
pub struct FanOut {
    /// Its items.
    pub items: Vec<Value>,
    /// Positions as values, for `index` in expressions.
    pub positions: Vec<Value>,
    /// Items whose path has begun and not ended.
    pub open: BTreeSet<u32>,
    /// The next item whose path has not begun.
    pub next: u32,
    /// How many paths have ended.
    pub ended: u32,
    /// What the next page of items is asked for with; none when these are all.
    pub cursor: Option<Value>,
}

impl FanOut {
    fn of(items: Vec<Value>, cursor: Option<Value>) -> Self {
        let mut fan_out = Self {
            items: Vec::new(),
            positions: Vec::new(),
            open: BTreeSet::new(),
            next: 0,
            ended: 0,
            cursor: None,
        };
        fan_out.extend(items, cursor);
        fan_out
    }

    fn extend(&mut self, items: Vec<Value>, cursor: Option<Value>) {
        let positions = self.items.len()..self.items.len() + items.len();
        self.positions.extend(positions.map(Value::from));
        self.items.extend(items);
        self.cursor = cursor;
    }
}

/// How an execution ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Well.
    Succeeded,
    /// By the failure of a step, or of the engine's bounds.
    Failed(StepError),
    /// By somebody.
    Cancelled,
}

impl State {
    /// The state after all these events.
    pub fn of(events: impl IntoIterator<Item = Event>) -> Self {
        let mut state = Self::default();
        for event in events {
            state.fold(event);
        }
        state
    }

    /// Takes one more event in. Total: an event that does not fit changes nothing but the count.
    pub fn fold(&mut self, event: Event) {
        self.events += 1;
        if self.outcome.is_some() {
            return;
        }
        match event {
            Event::Triggered { input, .. } => self.trigger = input,
            Event::Began { snapshot, .. } => self.snapshot = Some(snapshot),
            Event::StepStarted { step, attempt, input, .. } => {
                self.running.insert(step.clone());
                self.set(step, StepState::Running { attempt, input });
            }
            Event::StepFinished { step, output, .. } => self.end(step, output),
            Event::Responded { step, answer, .. } => self.end(step, answer),
            Event::StepFailed { step, attempt, error, retry_at, continues, .. } => {
                self.fail(step, attempt, error, retry_at, continues);
            }
            Event::StepPaused { step, attempt, until, .. } => {
                self.running.remove(&step);
                self.set(step, StepState::Paused { attempt, until });
            }
            Event::StepDelayed { step, until, .. } => self.set(step, StepState::Delayed { until }),
            Event::FanOutOpened { step, items, cursor, .. } => {
                self.fan_outs.insert(step.clone(), FanOut::of(items, cursor));
                self.set(step, StepState::Open);
            }
            Event::FanOutExtended { step, items, cursor, .. } => {
                self.running.remove(&step);
                if let Some(fan_out) = self.fan_outs.get_mut(&step) {
                    fan_out.extend(items, cursor);
                    self.set(step, StepState::Open);
                }
            }
            Event::ItemFinished { step, index, .. } => {
                if let Some(fan_out) = self.fan_outs.get_mut(&step)
                    && fan_out.open.remove(&index)
                {
                    fan_out.ended += 1;
                }
            }
            Event::Succeeded { .. } => self.outcome = Some(Outcome::Succeeded),
            Event::Failed { error, .. } => self.outcome = Some(Outcome::Failed(error)),
            Event::Cancelled { .. } => self.outcome = Some(Outcome::Cancelled),
        }
    }

    /// Notes that a run of a step stands somewhere. The first one of an item opens the item.
    fn set(&mut self, step: Address, state: StepState) {
        let mut inner = step.clone();
        while let Some((around, index)) = inner.around() {
            if let Some(fan_out) = self.fan_outs.get_mut(&around)
                && index >= fan_out.next
            {
                fan_out.open.extend(fan_out.next..=index);
                fan_out.next = index + 1;
            }
            inner = around;
        }
        self.steps.insert(step, state);
    }

    fn end(&mut self, step: Address, output: Value) {
        self.running.remove(&step);
        if self.fan_outs.contains_key(&step) {
            self.gather(&step);
        }
        self.set(step, StepState::Ended { output });
    }

    fn fail(
        &mut self,
        step: Address,
        attempt: u32,
        error: StepError,
        retry_at: Option<Timestamp>,
        continues: bool,
    ) {
        self.running.remove(&step);
        let state = match retry_at {
            Some(at) => StepState::Retrying { attempt, at },
            None if continues => StepState::Ended { output: json!({ "error": error }) },
            None => {
                self.failure.get_or_insert_with(|| (step.clone(), error));
                StepState::Failed
            }
        };
        self.set(step, state);
    }

    /// Makes lists of what the steps in the body of a fan out gave, one place for each item; null
    /// where a step did not run for an item. A fan out inside this one has lists of its own.
    fn gather(&mut self, fan_out: &Address) {
        let count = self.fan_outs.get(fan_out).map_or(0, |fan_out| fan_out.items.len());
        let mut lists: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        let mut put = |address: &Address, value: &Value| {
            let Some((_, index)) = address.items.last() else { return };
            let list = lists.entry(address.step.clone());
            let list = list.or_insert_with(|| vec![Value::Null; count]);
            if let Some(place) = list.get_mut(*index as usize) {
                *place = value.clone();
            }
        };
        for (address, state) in in_body(&self.steps, fan_out) {
            if let StepState::Ended { output } = state {
                put(address, output);
            }
        }
        for (address, list) in in_body(&self.gathered, fan_out) {
            put(address, list);
        }
        for (step, list) in lists {
            self.gathered.insert(fan_out.beside(step), Value::Array(list));
        }
    }

    /// What expressions at an address find under a step's key: its output on the same path or one
    /// around it, or the list of its outputs after a fan out.
    pub fn output(&self, at: &Address, step: &str) -> Option<&Value> {
        let mut place = at.beside(step);
        loop {
            if let Some(StepState::Ended { output }) = self.steps.get(&place) {
                return Some(output);
            }
            if let Some(list) = self.gathered.get(&place) {
                return Some(list);
            }
            place = place.around()?.0.beside(step);
        }
    }

    /// The item that a path works on, and its position.
    pub fn item(&self, at: &Address) -> Option<(&Value, &Value)> {
        let (around, index) = at.around()?;
        let fan_out = self.fan_outs.get(&around)?;
        Some((fan_out.items.get(index as usize)?, fan_out.positions.get(index as usize)?))
    }
}

/// What stands in the body of a fan out itself. Addresses are in order, so that the body of one fan
/// out is a range of them.
fn in_body<'m, T>(
    map: &'m BTreeMap<Address, T>,
    fan_out: &'m Address,
) -> impl Iterator<Item = (&'m Address, &'m T)> {
    let depth = fan_out.items.len();
    map.range(fan_out.inside(0, "")..)
        .take_while(move |(address, _)| {
            address.items.len() > depth
                && address.items[..depth] == fan_out.items[..]
                && address.items[depth].0 == fan_out.step
        })
        .filter(move |(address, _)| address.items.len() == depth + 1)
}
