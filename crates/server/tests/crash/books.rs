//! Counts what was acknowledged against what came of it.

use std::collections::{BTreeMap, BTreeSet};

use base::Timestamp;
use engine::journal::{self, Event};
use store::executions::Status;
use store::{claims, executions};

use crate::load::Ledger;
use crate::pair::until;
use crate::yard::{CALLS_PER_EXECUTION, Yard};

/// What the books say.
#[derive(Debug)]
#[expect(dead_code, reason = "what is not asserted is for whoever reads what a run says")]
pub struct Books {
    pub acknowledged: usize,
    pub calls: usize,
    /// Calls that were made once more, with the same key.
    pub repeated: usize,
}

impl Yard {
    /// Waits until everything has ended; then nothing may be missing and nothing doubled, except
    /// calls whose outcome a death left unknown: once for each of the `deaths` in the life of their
    /// execution.
    pub async fn closes_the_books(&self, ledger: &Ledger, deaths: &[Timestamp]) -> Books {
        assert_eq!(ledger.wrong, [] as [String; 0], "answers that must not be");
        until("everything ends", async || {
            let mut conn = self.made.store.read().await.ok()?;
            let project_id = self.made.project_id;
            let due = claims::next_due(&mut conn, project_id).await.ok()?;
            let running = claims::running(&mut conn, project_id).await.ok()?;
            (due.is_none() && running == 0).then_some(())
        })
        .await;
        let unique: BTreeSet<String> =
            ledger.acknowledged.iter().map(ToString::to_string).collect();
        assert_eq!(unique.len(), ledger.acknowledged.len(), "each trigger has its own execution");
        let mut calls: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for call in self.far_side.seen() {
            let key = call.header("idempotency-key").unwrap().to_owned();
            calls.entry(key).or_default().push(format!("{} {}", call.target, call.text()));
        }
        for id in &ledger.acknowledged {
            self.checks(*id).await;
            let prefix = format!("{id}/");
            let keys =
                calls.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix));
            assert_eq!(keys.count(), CALLS_PER_EXECUTION, "{id}: calls with keys of their own");
        }
        for (key, calls) in &calls {
            assert!(calls.iter().all(|call| *call == calls[0]), "{key}: {calls:?}");
            if calls.len() > 1 {
                let id = key.split('/').next().unwrap().parse().unwrap();
                let mut conn = self.made.store.read().await.unwrap();
                let project_id = self.made.project_id;
                let called = executions::find(&mut conn, project_id, id).await.unwrap().unwrap();
                let life = called.created_at..=called.finished_at.unwrap();
                if calls.len() <= 1 + deaths.iter().filter(|death| life.contains(death)).count() {
                    continue;
                }
                let rows = store::journal::read(&mut conn, id, 0, i64::MAX).await.unwrap();
                panic!("{key}: {calls:?}: {rows:?}");
            }
        }
        let all = calls.values().map(Vec::len).sum::<usize>();
        let books = Books {
            acknowledged: ledger.acknowledged.len(),
            calls: all,
            repeated: all - calls.len(),
        };
        eprintln!(
            "{books:?}, {} turned away, {} without an answer",
            ledger.turned_away, ledger.unanswered
        );
        books
    }

    /// One execution: it ended well, and its journal has every transition once.
    async fn checks(&self, id: base::ExecutionId) {
        let mut conn = self.made.store.read().await.unwrap();
        let found = executions::find(&mut conn, self.made.project_id, id).await.unwrap();
        let found = found.unwrap_or_else(|| panic!("{id} was acknowledged and is lost"));
        let rows = store::journal::read(&mut conn, id, 0, i64::MAX).await.unwrap();
        assert_eq!(found.status, Status::Succeeded, "{id}: {rows:?}");
        let mut happened = BTreeSet::new();
        for event in rows.iter().flat_map(|row| journal::read(row).unwrap()) {
            let step = event.step().map(ToString::to_string).unwrap_or_default();
            let place = match &event {
                Event::ItemFinished { index, .. } => format!("{step} item {index}"),
                _ => step,
            };
            let line = format!("{} {place}", name(&event));
            assert!(happened.insert(line.clone()), "{id}: twice {line}: {rows:?}");
        }
        let ends = happened.iter().filter(|line| line.starts_with("finished ")).count();
        // The two local steps, the pause, and every call.
        assert_eq!(ends, 3 + CALLS_PER_EXECUTION, "{id}: {happened:?}");
        assert!(happened.contains("succeeded "), "{id}: {happened:?}");
    }
}

fn name(event: &Event) -> &'static str {
    match event {
        Event::Triggered { .. } => "triggered",
        Event::Began { .. } => "began",
        Event::StepStarted { .. } => "started",
        Event::StepFinished { .. } => "finished",
        Event::StepDelayed { .. } => "delayed",
        Event::FanOutOpened { .. } => "opened",
        Event::ItemFinished { .. } => "item",
        Event::Succeeded { .. } => "succeeded",
        _ => "other",
    }
}
