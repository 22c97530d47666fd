//! The task history: a journal read as runs of steps. A pure reading; nothing else is stored.

use std::collections::HashMap;

use base::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::address::Address;
use crate::definition::{Definition, Step};
use crate::journal::{Event, LogLine, StepError};
use crate::steps::StepKind;

/// One run of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct StepRun {
    /// Which, and for which items of the fan outs around it.
    pub step: Address,
    /// What kind of step it is; empty when the version is not known any more.
    pub kind: &'static str,
    /// Where it stands.
    pub status: StepStatus,
    /// When its first try began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When it goes on by itself, while it waits.
    pub due_at: Option<Timestamp>,
    /// How often it was tried.
    pub attempts: u32,
    /// What it was given, at its last try; of a fan out, its items.
    pub input: Value,
    /// What it gave.
    pub output: Value,
    /// Why its last try failed, or why it waits for its provider.
    pub error: Option<StepError>,
    /// What it said, in all tries.
    pub log: Vec<LogLine>,
    /// The run before it on its path.
    pub previous: Option<Address>,
    /// The runs after it on its path; of a fan out, also the first ones of its items.
    pub next: Vec<Address>,
}

/// Where a run of a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// It is being performed; a fan out is this while its items are worked on.
    Running,
    /// A try failed, and another one follows.
    Retrying,
    /// Its provider takes no more calls now.
    Paused,
    /// It is a delay.
    Waiting,
    /// It ended well.
    Succeeded,
    /// It failed for good.
    Failed,
    /// The execution ended before it did.
    Cancelled,
}

impl StepStatus {
    /// Whether nothing more happens.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

/// Every run of a step that a journal knows, in the order in which they began. What came before and
/// after each, and of what kind each is, is known from the definition that was run.
pub fn step_runs(events: &[Event], definition: Option<&Definition>) -> Vec<StepRun> {
    let mut reading = Reading::default();
    for event in events {
        reading.take(event);
    }
    if let Some(definition) = definition {
        reading.link(definition);
    }
    reading.runs
}

#[derive(Default)]
struct Reading {
    runs: Vec<StepRun>,
    places: HashMap<Address, usize>,
}

impl Reading {
    fn take(&mut self, event: &Event) {
        let at = event.at();
        match event {
            Event::Triggered { .. } | Event::Began { .. } | Event::ItemFinished { .. } => {}
            Event::StepStarted { step, attempt, input, .. } => {
                let run = self.run(step, at);
                (run.status, run.attempts) = (StepStatus::Running, *attempt);
                (run.input, run.due_at, run.error) = (input.clone(), None, None);
            }
            Event::StepFinished { step, output, log, .. } => {
                self.run(step, at).end(StepStatus::Succeeded, at, output.clone(), log);
            }
            Event::Responded { step, answer, .. } => {
                self.run(step, at).end(StepStatus::Succeeded, at, answer.clone(), &[]);
            }
            Event::StepFailed { step, attempt, error, retry_at, continues, log, .. } => {
                let run = self.run(step, at);
                run.attempts = *attempt;
                match retry_at {
                    Some(time) => {
                        (run.status, run.due_at) = (StepStatus::Retrying, Some(*time));
                        run.log.extend_from_slice(log);
                    }
                    None => {
                        let output =
                            if *continues { json!({ "error": error }) } else { Value::Null };
                        run.end(StepStatus::Failed, at, output, log);
                    }
                }
                run.error = Some(error.clone());
            }
            Event::StepPaused { step, until, error, .. } => {
                let run = self.run(step, at);
                (run.status, run.due_at) = (StepStatus::Paused, Some(*until));
                run.error = Some(error.clone());
            }
            Event::StepDelayed { step, until, .. } => {
                let run = self.run(step, at);
                (run.status, run.due_at) = (StepStatus::Waiting, Some(*until));
            }
            Event::FanOutOpened { step, items, .. } => {
                self.run(step, at).input = json!({ "items": items });
            }
            Event::FanOutExtended { step, items, .. } => {
                if let Some(Value::Array(all)) = self.run(step, at).input.get_mut("items") {
                    all.extend(items.iter().cloned());
                }
            }
            Event::Succeeded { .. } | Event::Failed { .. } | Event::Cancelled { .. } => {
                for run in self.runs.iter_mut().filter(|run| !run.status.is_final()) {
                    (run.status, run.ended_at) = (StepStatus::Cancelled, Some(at));
                    run.due_at = None;
                }
            }
        }
    }

    /// The run at an address, which begins now if it has not.
    fn run(&mut self, step: &Address, at: Timestamp) -> &mut StepRun {
        let place = match self.places.get(step) {
            Some(place) => *place,
            None => {
                self.places.insert(step.clone(), self.runs.len());
                self.runs.push(StepRun::begun(step.clone(), at));
                self.runs.len() - 1
            }
        };
        &mut self.runs[place]
    }

    fn link(&mut self, definition: &Definition) {
        for place in 0..self.runs.len() {
            let Some(step) = definition.steps.get(&self.runs[place].step.step) else { continue };
            let next = self.after(place, step);
            for following in &next {
                let previous = Some(self.runs[place].step.clone());
                self.runs[self.places[following]].previous = previous;
            }
            let run = &mut self.runs[place];
            (run.kind, run.next) = (step.kind.name(), next);
        }
    }

    /// The runs that follow one.
    fn after(&self, place: usize, step: &Step) -> Vec<Address> {
        let run = &self.runs[place];
        let mut next = Vec::new();
        if let (StepKind::FanOut(fan_out), Some(Value::Array(items))) =
            (&step.kind, run.input.get("items"))
        {
            let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
            next.extend((0..count).map(|index| run.step.inside(index, &*fan_out.each)));
        }
        let following = step.following(&run.output).map(|key| run.step.beside(key));
        next.extend(following.filter(|_| run.goes_on()));
        next.retain(|address| self.places.contains_key(address));
        next
    }
}

impl StepRun {
    const fn begun(step: Address, at: Timestamp) -> Self {
        Self {
            step,
            kind: "",
            status: StepStatus::Running,
            started_at: at,
            ended_at: None,
            due_at: None,
            attempts: 1,
            input: Value::Null,
            output: Value::Null,
            error: None,
            log: Vec::new(),
            previous: None,
            next: Vec::new(),
        }
    }

    fn end(&mut self, status: StepStatus, at: Timestamp, output: Value, log: &[LogLine]) {
        self.status = status;
        self.ended_at = Some(at);
        self.due_at = None;
        self.output = output;
        self.error = None;
        self.log.extend_from_slice(log);
    }

    /// Whether its path went on: also after a failure that the path survives.
    fn goes_on(&self) -> bool {
        self.status == StepStatus::Succeeded
            || (self.status == StepStatus::Failed && !self.output.is_null())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal;

    const DEFINITION: &str = r#"{
        "key": "w", "name": "W", "trigger": {"kind": "request"}, "start": "call",
        "steps": {
            "call": {"kind": "request", "method": "GET", "url": "https://example.com",
                "next": "each"},
            "each": {"kind": "fan_out", "items": "{{ trigger.items }}", "each": "choose",
                "next": "wait"},
            "choose": {"kind": "conditional", "condition": {"any": []}, "when_true": "tell"},
            "tell": {"kind": "request", "method": "GET", "url": "https://example.com",
                "continue_on_error": true},
            "wait": {"kind": "delay", "amount": 1}
        }
    }"#;

    const JOURNAL: &str = r#"[
        {"event": "triggered", "at": 1, "input": {"items": [1, 2]}},
        {"event": "step_started", "at": 2, "step": "call", "attempt": 1, "input": {"a": 1}},
        {"event": "step_failed", "at": 3, "step": "call", "attempt": 1, "retry_at": 9,
            "error": {"code": "c", "message": "m"}, "log": [{"level": "info", "text": "one"}]},
        {"event": "step_started", "at": 9, "step": "call", "attempt": 2, "input": {"a": 2}},
        {"event": "step_finished", "at": 10, "step": "call", "output": {"b": 1},
            "log": [{"level": "info", "text": "two"}]},
        {"event": "fan_out_opened", "at": 10, "step": "each", "items": [1, 2]},
        {"event": "step_finished", "at": 10, "step": "each[0].choose",
            "output": {"selectedChoice": "Yes"}},
        {"event": "step_finished", "at": 10, "step": "each[1].choose",
            "output": {"selectedChoice": "No"}},
        {"event": "item_finished", "at": 10, "step": "each", "index": 1},
        {"event": "step_started", "at": 11, "step": "each[0].tell", "attempt": 1, "input": {}},
        {"event": "step_failed", "at": 12, "step": "each[0].tell", "attempt": 1,
            "error": {"code": "c", "message": "m"}, "continues": true},
        {"event": "item_finished", "at": 12, "step": "each", "index": 0},
        {"event": "step_finished", "at": 12, "step": "each", "output": {"count": 2}},
        {"event": "step_delayed", "at": 12, "step": "wait", "until": 99},
        {"event": "cancelled", "at": 20, "reason": "r"}
    ]"#;

    fn line(run: &StepRun) -> String {
        let previous = run.previous.as_ref().map_or("-".to_owned(), Address::to_string);
        let next: Vec<String> = run.next.iter().map(Address::to_string).collect();
        format!(
            "{} {} {:?} {}-{:?} x{} {previous} [{}] {}",
            run.step,
            run.kind,
            run.status,
            run.started_at.0,
            run.ended_at.map(|time| time.0),
            run.attempts,
            next.join(" "),
            run.log.len(),
        )
    }

    #[test]
    fn a_journal_reads_as_runs_of_steps() {
        let document: Value = serde_json::from_str(DEFINITION).expect("it is JSON");
        let definition = Definition::read(&document).expect("a definition");
        let events = journal::read(JOURNAL).expect("a journal");
        let runs = step_runs(&events, Some(&definition));
        let lines: Vec<String> = runs.iter().map(line).collect();
        assert_eq!(
            lines,
            [
                "call request Succeeded 2-Some(10) x2 - [each] 2",
                "each fan_out Succeeded 10-Some(12) x1 call [each[0].choose each[1].choose wait] 0",
                "each[0].choose conditional Succeeded 10-Some(10) x1 each [each[0].tell] 0",
                "each[1].choose conditional Succeeded 10-Some(10) x1 each [] 0",
                "each[0].tell request Failed 11-Some(12) x1 each[0].choose [] 0",
                "wait delay Cancelled 12-Some(20) x1 each [] 0",
            ]
        );
        assert_eq!(runs[0].input, json!({ "a": 2 }));
        assert_eq!(runs[0].error, None);
        assert_eq!(runs[4].output["error"]["code"], "c");
        let earlier = step_runs(&events[..3], None);
        assert_eq!(line(&earlier[0]), "call  Retrying 2-None x1 - [] 1");
        assert_eq!(earlier[0].due_at, Some(Timestamp(9)));
    }
}
