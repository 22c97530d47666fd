//! What holds for every workflow and every course of events.

use std::collections::BTreeMap;
use std::time::Duration;

use base::Timestamp;
use engine::address::Address;
use engine::decide::decide;
use engine::definition::{Definition, Plan};
use engine::journal::{self, Event, Snapshot, State, StepError, StepState};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// The shape of a workflow: what its steps do, in order.
#[derive(Clone, Debug)]
enum Shape {
    Request { survives: bool },
    Delay,
    Branch(Vec<Shape>, Vec<Shape>),
    Each(u8, Vec<Shape>),
}

fn shapes() -> impl Strategy<Value = Vec<Shape>> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(|survives| Shape::Request { survives }),
        Just(Shape::Delay)
    ];
    let shape = leaf.prop_recursive(3, 12, 3, |inner| {
        let path = || prop::collection::vec(inner.clone(), 0..3);
        let body = prop::collection::vec(inner.clone(), 1..3);
        prop_oneof![
            (path(), path()).prop_map(|(yes, no)| Shape::Branch(yes, no)),
            (0u8..4, body).prop_map(|(items, body)| Shape::Each(items, body)),
        ]
    });
    prop::collection::vec(shape, 0..4)
}

/// Writes the steps of a path down, the last first, and answers the key of its first.
fn write(path: &[Shape], after: Option<String>, steps: &mut Map<String, Value>) -> Option<String> {
    let mut next = after;
    for shape in path.iter().rev() {
        let key = format!("s{}", steps.len());
        steps.insert(key.clone(), Value::Null);
        let step = match shape {
            Shape::Request { survives } => {
                json!({"kind": "request", "url": "https://example.com", "continue_on_error": survives})
            }
            Shape::Delay => json!({"kind": "delay", "amount": 1}),
            Shape::Branch(yes, no) => {
                let yes = write(yes, next.clone(), steps);
                let no = write(no, next.clone(), steps);
                let all = json!([{"left": 1, "operator": "number_equals", "right": 1}]);
                json!({"kind": "conditional", "condition": {"any": [{"all": all}]},
                    "when_true": yes, "when_false": no})
            }
            Shape::Each(items, body) => {
                let each = write(body, None, steps);
                let items: Vec<u8> = (0..*items).collect();
                json!({"kind": "fan_out", "items": items, "each": each, "parallel": 2})
            }
        };
        let mut step = step;
        if !matches!(shape, Shape::Branch(..)) {
            step["next"] = json!(next);
        }
        steps.insert(key.clone(), step);
        next = Some(key);
    }
    next
}

fn plan(path: &[Shape]) -> Plan {
    let mut steps = Map::new();
    let start = write(path, None, &mut steps);
    let document = json!({"key": "k", "name": "K", "trigger": {"kind": "request"}, "start": start,
        "steps": steps});
    let definition = Definition::read(&document).expect("it reads");
    Plan::compile(definition, false).expect("it compiles")
}

/// Plays an execution to its end: each effect ends as the next of `fates` says. Answers the journal.
fn play(plan: &Plan, mut journal: Vec<Event>, fates: &[u8]) -> Vec<Event> {
    // In the end everything succeeds: a far side that is busy for ever keeps an execution for ever.
    let mut fates = fates.iter().copied().chain(std::iter::repeat(2));
    let mut state = State::of(journal.clone());
    let mut now = Timestamp::from_secs(100);
    let mut happen = |state: &mut State, event: Event| {
        state.fold(event.clone());
        journal.push(event);
    };
    for _ in 0..10_000 {
        if state.outcome.is_some() {
            return journal;
        }
        let decision = decide(plan, &state, now);
        assert_eq!(decision, decide(plan, &state, now), "the same arguments, another decision");
        let is_moving = !decision.events.is_empty() || !decision.effects.is_empty();
        for event in decision.events {
            happen(&mut state, event);
        }
        for effect in decision.effects {
            let (step, attempt, input) = (effect.step, effect.attempt, effect.input);
            happen(&mut state, Event::StepStarted { at: now, step, attempt, input });
        }
        let running: Vec<(Address, u32)> = state
            .running
            .iter()
            .filter_map(|step| match state.steps.get(step) {
                Some(StepState::Running { attempt, .. }) => Some((step.clone(), *attempt)),
                _ => None,
            })
            .collect();
        if let Some((step, attempt)) = running.into_iter().next() {
            let fate = fates.next().unwrap_or(0);
            happen(&mut state, ended(plan, step, attempt, fate, now));
        } else if !is_moving {
            now = decision.wake_at.expect("nothing moves and nothing is waited for");
        }
    }
    panic!("it does not end");
}

fn ended(plan: &Plan, step: Address, attempt: u32, fate: u8, at: Timestamp) -> Event {
    let error = StepError::new("refused", "The far side refused.");
    let survives = plan.step(&step.step).is_some_and(|planned| planned.step.continue_on_error);
    match fate % 8 {
        0 => Event::StepFailed {
            at,
            step,
            attempt,
            error,
            retry_at: (attempt < 3).then(|| at + Duration::from_secs(10)),
            continues: survives,
            log: Vec::new(),
        },
        1 if attempt < 3 => {
            Event::StepPaused { at, step, attempt, until: at + Duration::from_secs(5), error }
        }
        _ => Event::StepFinished { at, step, output: json!(fate), log: Vec::new() },
    }
}

fn beginning() -> Vec<Event> {
    let at = Timestamp::from_secs(100);
    let snapshot = Snapshot { settings: json!({}), user: Value::Null, account: Value::Null };
    vec![Event::Triggered { at, input: json!({}) }, Event::Began { at, snapshot }]
}

proptest! {
    #[test]
    fn every_workflow_ends_and_finishes_each_step_at_most_once(path in shapes(), fates in prop::collection::vec(any::<u8>(), 1..20)) {
        let journal = play(&plan(&path), beginning(), &fates);
        let mut finished: BTreeMap<Address, usize> = BTreeMap::new();
        for event in &journal {
            if let Event::StepFinished { step, .. } = event {
                *finished.entry(step.clone()).or_default() += 1;
            }
        }
        prop_assert!(finished.values().all(|times| *times == 1));
    }

    #[test]
    fn whoever_takes_over_after_any_event_brings_the_execution_to_its_end(
        path in shapes(),
        fates in prop::collection::vec(any::<u8>(), 1..20),
        cut in any::<prop::sample::Index>(),
    ) {
        let plan = plan(&path);
        let journal = play(&plan, beginning(), &fates);
        let kept = cut.index(journal.len() - 1).max(2).min(journal.len());
        let again = play(&plan, journal[..kept].to_vec(), &fates);
        prop_assert!(State::of(again).outcome.is_some());
    }

    #[test]
    fn a_journal_reads_as_it_was_written_and_folds_the_same(path in shapes(), fates in prop::collection::vec(any::<u8>(), 1..20)) {
        let events = play(&plan(&path), beginning(), &fates);
        let read = journal::read(&journal::write(&events)).expect("it reads");
        prop_assert_eq!(&read, &events);
        prop_assert_eq!(State::of(read), State::of(events));
    }

    #[test]
    fn what_comes_after_the_end_changes_nothing(path in shapes(), fates in prop::collection::vec(any::<u8>(), 1..20)) {
        let events = play(&plan(&path), beginning(), &fates);
        let mut ended = State::of(events.clone());
        let outcome = ended.outcome.clone();
        for event in events {
            ended.fold(event);
        }
        prop_assert_eq!(ended.outcome, outcome);
    }
}
