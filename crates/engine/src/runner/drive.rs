//! Drives one execution: decide, write down, perform, write down, and again, until it has ended or
//! waits for a time.

use std::pin::Pin;
use std::sync::Arc;

use base::{Error, ErrorKind, Result, Timestamp};
use futures_util::future::FutureExt as _;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use serde_json::{Value, json};
use store::executions::{Execution, Release, Status};
use store::journal::Append;

use super::{Answer, Inner, Slot, failure};
use crate::address::Address;
use crate::decide::{Decision, Effect, decide};
use crate::definition::{Plan, PlannedStep};
use crate::effects::{self, Done, Job};
use crate::journal::{self, Event, Outcome, Row, Snapshot, State, StepError, StepState};
use crate::{retry, snapshot};

/// How long what happened without touching anything outside may wait for a commit of its own.
const UNWRITTEN_MAX: std::time::Duration = std::time::Duration::from_millis(100);
/// The pause before a write is tried again that the database did not take.
const WRITE_PAUSE: std::time::Duration = std::time::Duration::from_millis(250);

/// An effect on its way: it ends as which step, in which try, how.
type Flight = Pin<Box<dyn Future<Output = (Address, u32, Done)> + Send>>;

/// Why a run is given up without another word: somebody else has the execution now.
struct Lost;

/// An execution in the hands of this process.
struct Run {
    inner: Arc<Inner>,
    execution: Arc<Execution>,
    plan: Arc<Plan>,
    state: State,
    /// How many rows the journal has, and how large they are together.
    sequence: i64,
    bytes: usize,
    /// What happened and is not written yet, and the row that it will be.
    unwritten: Vec<Event>,
    row: Row,
    flights: FuturesUnordered<Flight>,
    _slot: Slot,
}

/// Goes on with an execution that was claimed.
pub(super) async fn resume(inner: Arc<Inner>, execution: Execution, slot: Slot) {
    let read = async {
        let mut conn = inner.world.store.read().await?;
        let rows = store::journal::read(&mut conn, execution.id, 0, i64::MAX).await?;
        let sequence = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let bytes = rows.iter().map(String::len).sum();
        let mut state = State::default();
        for row in &rows {
            journal::read(row)?.into_iter().for_each(|event| state.fold(event));
        }
        Ok::<_, Error>((state, (sequence, bytes)))
    };
    match read.await {
        Ok((state, size)) => run(inner, execution, state, size, slot).await,
        Err(error) => hand_back(&inner, &execution, &error).await,
    }
}

/// Runs an execution whose journal comes to `state`, and has so many rows and bytes.
pub(super) async fn run(
    inner: Arc<Inner>,
    execution: Execution,
    state: State,
    (sequence, bytes): (i64, usize),
    slot: Slot,
) {
    let (store, is_test) = (&inner.world.store, execution.is_test);
    let plan = inner.plans.get(store, execution.project_id, execution.version_id, is_test).await;
    let plan = match plan {
        Ok(plan) => plan,
        Err(error) if error.kind() == ErrorKind::Unavailable => {
            return hand_back(&inner, &execution, &error).await;
        }
        Err(error) => return refuse(&inner, &execution, sequence, &error).await,
    };
    let mut run = Run {
        inner,
        execution: Arc::new(execution),
        plan,
        state,
        sequence,
        bytes,
        unwritten: Vec::new(),
        row: Row::default(),
        flights: FuturesUnordered::new(),
        _slot: slot,
    };
    // Whoever has it now goes on from the same journal.
    let _ = run.drive().await;
    run.inner.replies.forget(run.execution.id);
}

/// Lets another claim try again what could not even be begun.
async fn hand_back(inner: &Inner, execution: &Execution, error: &Error) {
    if inner.is_stopping() {
        // Leaving hands everything back at once.
        return;
    }
    tracing::warn!(execution = %execution.id, cause = ?error, "an execution is handed back");
    let release = Release {
        id: execution.id,
        lease: execution.lease,
        status: Status::Running,
        due_at: Some(inner.world.clock.now() + super::NODE_LEASE),
        finished_at: None,
    };
    let released = async {
        let mut tx = inner.world.store.begin().await?;
        store::executions::release(&mut tx, &[&release]).await?;
        tx.commit().await
    };
    if let Err(error) = released.await {
        tracing::warn!(cause = ?error, "it is released later: this node has it and does not run it");
    }
}

/// Fails an execution whose version cannot run: that stays so.
async fn refuse(inner: &Inner, execution: &Execution, sequence: i64, error: &Error) {
    let now = inner.world.clock.now();
    let failed = Event::Failed { at: now, step: None, error: StepError::of(error) };
    let append = Append {
        execution_id: execution.id,
        sequence,
        lease: execution.lease,
        events: journal::write(&[failed]),
    };
    let release = Release {
        id: execution.id,
        lease: execution.lease,
        status: Status::Failed,
        due_at: None,
        finished_at: Some(now),
    };
    let workflow = async {
        let mut conn = inner.world.store.read().await?;
        store::workflows::find(&mut conn, execution.project_id, execution.workflow_id).await
    };
    let workflow = match workflow.await {
        Ok(Some(found)) => json!({ "id": found.id, "key": found.key, "name": found.name }),
        Ok(None) | Err(_) => json!({ "id": execution.workflow_id, "key": null, "name": null }),
    };
    let error = StepError::of(error);
    let told = failure::event(&inner.world, execution, workflow, None, &error, now);
    inner.metrics.count_ended(Status::Failed);
    if let Err(error) = inner.committer.append(append, Some(release), told).await {
        hand_back(inner, execution, &error).await;
    }
    inner.watchers.tell(execution.project_id, execution.id);
    inner.replies.give(execution.id, None);
}

impl Run {
    async fn drive(&mut self) -> Result<(), Lost> {
        self.begin().await?;
        self.relaunch();
        loop {
            let decision = self.decide();
            if self.state.outcome.is_some() {
                return self.finish().await;
            }
            let stopping = self.inner.is_stopping();
            let effects = if stopping { Vec::new() } else { decision.effects };
            let is_touching = effects.iter().any(|effect| self.is_touching(&effect.step));
            let repeats: Vec<bool> = effects.iter().map(|effect| self.repeats(effect)).collect();
            for Effect { step, attempt, input } in &effects {
                let (step, input) = (step.clone(), input.clone());
                self.happen(Event::StepStarted { at: self.now(), step, attempt: *attempt, input });
            }
            if is_touching || self.is_overdue() {
                self.write(None).await?;
            }
            let mut seen = None;
            for (effect, is_repeat) in effects.into_iter().zip(repeats) {
                self.launch(effect, is_repeat, &mut seen);
            }
            if self.flights.is_empty() {
                return self.wait(decision.wake_at, decision.is_paused, decision.is_retrying).await;
            }
            self.land(decision.wake_at).await;
        }
    }

    /// Reads what the execution works with, the first time.
    async fn begin(&mut self) -> Result<(), Lost> {
        while self.state.snapshot.is_none() {
            match snapshot_of(&self.inner, &self.execution).await {
                Ok(snapshot) => self.happen(Event::Began { at: self.now(), snapshot }),
                Err(error) => pause(&self.inner, &self.execution, &error).await?,
            }
        }
        Ok(())
    }

    /// Whether something of the effect may have been done before: by an earlier try, or before its
    /// provider asked for a pause, which may have come after a part of it.
    fn repeats(&self, effect: &Effect) -> bool {
        let was_paused =
            || matches!(self.state.steps.get(&effect.step), Some(StepState::Paused { .. }));
        effect.attempt > 1 || was_paused()
    }

    /// Performs again what was being performed when the journal broke off. That costs no try.
    fn relaunch(&mut self) {
        let interrupted: Vec<Address> = self.state.running.iter().cloned().collect();
        let mut seen = None;
        for step in interrupted {
            if let Some(StepState::Running { attempt, input }) = self.state.steps.get(&step) {
                let (attempt, input) = (*attempt, input.clone());
                self.launch(Effect { step, attempt, input }, true, &mut seen);
            }
        }
    }

    /// Decides until nothing more happens by itself.
    fn decide(&mut self) -> Decision {
        loop {
            self.bound();
            let mut decision = decide(&self.plan, &self.state, self.now());
            if decision.events.is_empty() {
                return decision;
            }
            for event in std::mem::take(&mut decision.events) {
                self.happen(event);
            }
        }
    }

    /// Fails an execution whose journal has become too large.
    fn bound(&mut self) {
        let bytes_max = self.inner.config.journal_bytes_max;
        if self.bytes + self.row.len() > bytes_max && self.state.outcome.is_none() {
            let message = format!(
                "The execution's journal is larger than {bytes_max} bytes, the most it may be. Let \
                 its steps give less, or split the work between executions."
            );
            let error = StepError::new("journal_too_large", message);
            self.happen(Event::Failed { at: self.now(), step: None, error });
        }
    }

    /// Performs an effect. Those launched together see the same state in `seen`, copied once.
    fn launch(&mut self, effect: Effect, is_repeat: bool, seen: &mut Option<Arc<State>>) {
        let Effect { step, attempt, input } = effect;
        let job = Job { execution: Arc::clone(&self.execution), step, attempt, input, is_repeat };
        let (world, plan) = (self.inner.world.clone(), Arc::clone(&self.plan));
        // Further pages are rendered from where the execution stands now.
        let is_paged = plan.step(&job.step.step).is_some_and(PlannedStep::is_paged)
            || self.state.fan_outs.contains_key(&job.step);
        let state = match is_paged {
            true => Arc::clone(seen.get_or_insert_with(|| Arc::new(self.state.clone()))),
            false => Arc::default(),
        };
        self.flights.push(Box::pin(async move {
            world.mortality.moment().await;
            let done = effects::perform(&world, &job, &plan, &state).await;
            world.mortality.moment().await;
            (job.step, job.attempt, done)
        }));
    }

    /// Takes in every effect that has ended, and waits for the first where none has: at most until
    /// there is something else to decide.
    async fn land(&mut self, wake_at: Option<Timestamp>) {
        let clock = self.inner.world.clock.clone();
        let first = match wake_at {
            None => self.flights.next().await,
            Some(time) => tokio::select! {
                first = self.flights.next() => first,
                () = clock.sleep_until(time) => None,
            },
        };
        let mut landed = first;
        while let Some((step, attempt, done)) = landed {
            self.take(step, attempt, done);
            landed = self.flights.next().now_or_never().flatten();
        }
    }

    /// Notes how an effect ended.
    fn take(&mut self, step: Address, attempt: u32, done: Done) {
        let at = self.now();
        let planned = self.plan.step(&step.step).map(|planned| &planned.step);
        if let Some(planned) = planned {
            self.inner.metrics.count_attempt(&planned.kind, &done);
        }
        let event = match done {
            Done::Finished { output, .. } if self.state.fan_outs.contains_key(&step) => {
                let cursor = output.get("next").filter(|next| !next.is_null()).cloned();
                let items = output.get("items").and_then(Value::as_array).cloned();
                Event::FanOutExtended { at, step, items: items.unwrap_or_default(), cursor }
            }
            Done::Finished { output, log } => Event::StepFinished { at, step, output, log },
            Done::Paused { until, error } => Event::StepPaused { at, step, attempt, until, error },
            Done::Failed { error, is_passing, retry_after, log } => {
                let is_retried = is_passing
                    && !self.plan.is_test()
                    && planned.is_some_and(|planned| planned.retry);
                let pause = is_retried.then(|| retry::pause(attempt, &self.inner.world.random));
                let pause = pause.flatten().map(|pause| retry_after.unwrap_or(pause));
                let continues = planned.is_some_and(|planned| planned.continue_on_error);
                let retry_at = pause.map(|pause| at + pause);
                Event::StepFailed { at, step, attempt, error, retry_at, continues, log }
            }
        };
        self.happen(event);
    }

    /// Hands the execution out until there is something to decide, or because this process stops.
    async fn wait(
        &mut self,
        wake_at: Option<Timestamp>,
        is_paused: bool,
        is_retrying: bool,
    ) -> Result<(), Lost> {
        let now = self.now();
        let (status, due_at) = match wake_at {
            _ if self.inner.is_stopping() => (Status::Running, now),
            Some(time) if is_paused => (Status::Paused, time),
            Some(time) if is_retrying => (Status::Running, time),
            Some(time) => (Status::Waiting, time),
            None => {
                // Unreachable for a plan that was validated; a journal of another one could.
                let message = "Nothing is left to do, and the workflow has not ended.";
                let error = StepError::new("stuck", message);
                self.happen(Event::Failed { at: now, step: None, error });
                return self.finish().await;
            }
        };
        self.write(Some((status, Some(due_at), None))).await
    }

    async fn finish(&mut self) -> Result<(), Lost> {
        let status = match &self.state.outcome {
            Some(Outcome::Succeeded) => Status::Succeeded,
            Some(Outcome::Cancelled) => Status::Cancelled,
            Some(Outcome::Failed(_)) | None => Status::Failed,
        };
        self.write(Some((status, None, Some(self.now())))).await?;
        self.inner.metrics.count_ended(status);
        self.inner.replies.give(self.execution.id, None);
        Ok(())
    }

    /// Makes what happened durable, and the execution's standing with it.
    async fn write(
        &mut self,
        release: Option<(Status, Option<Timestamp>, Option<Timestamp>)>,
    ) -> Result<(), Lost> {
        if self.unwritten.is_empty() && release.is_none() {
            return Ok(());
        }
        let (id, lease) = (self.execution.id, self.execution.lease);
        let events = self.row.text();
        let append = Append { execution_id: id, sequence: self.sequence, lease, events };
        let release = release.map(|(status, due_at, finished_at)| Release {
            id,
            lease,
            status,
            due_at,
            finished_at,
        });
        let told = self.failure();
        loop {
            let told = told.clone();
            match self.inner.committer.append(append.clone(), release.clone(), told).await {
                Ok(true) => break,
                Ok(false) if was_written(&self.inner, &append).await => break,
                Ok(false) => return Err(Lost),
                Err(error) => pause(&self.inner, &self.execution, &error).await?,
            }
        }
        self.sequence += 1;
        self.bytes += append.events.len();
        self.inner.watchers.tell(self.execution.project_id, id);
        let mut answers = self.unwritten.drain(..).filter_map(|event| match event {
            Event::Responded { answer, .. } => Answer::read(answer),
            _ => None,
        });
        if let Some(answer) = answers.next_back() {
            self.inner.replies.give(id, Some(answer));
        }
        Ok(())
    }

    /// What is told when it has failed.
    fn failure(&self) -> Option<Box<store::events::Event>> {
        let Some(Outcome::Failed(error)) = &self.state.outcome else { return None };
        let definition = self.plan.definition();
        let workflow = json!({
            "id": self.execution.workflow_id,
            "key": definition.key,
            "name": definition.name,
        });
        let step = self.state.failure.as_ref().map(|(step, _)| step.to_string());
        failure::event(&self.inner.world, &self.execution, workflow, step, error, self.now())
    }

    fn happen(&mut self, event: Event) {
        self.row.push(&event);
        self.state.fold(event.clone());
        self.unwritten.push(event);
    }

    /// Whether performing the step could be noticed by anybody: then its start is durable before.
    fn is_touching(&self, step: &Address) -> bool {
        self.plan.step(&step.step).is_some_and(|planned| planned.step.kind.touches_outside())
    }

    /// Whether something has waited long enough for a commit, or must be written at once because it
    /// cannot be known from the journal otherwise.
    fn is_overdue(&self) -> bool {
        let first = self.unwritten.first().map(Event::at);
        let must = self.unwritten.iter().any(|event| match event {
            Event::Responded { .. } => true,
            Event::StepFinished { step, .. }
            | Event::StepFailed { step, .. }
            | Event::StepPaused { step, .. } => self.is_touching(step),
            _ => false,
        });
        must || first.is_some_and(|first| self.now() >= first + UNWRITTEN_MAX)
    }

    fn now(&self) -> Timestamp {
        self.inner.world.clock.now()
    }
}

/// What expressions know; nobody's, there is nothing to read.
async fn snapshot_of(inner: &Inner, execution: &Execution) -> Result<Snapshot> {
    if execution.user_id.is_none() && execution.credential_id.is_none() {
        return Ok(Snapshot { settings: json!({}), user: Value::Null, account: Value::Null });
    }
    snapshot::read(&mut *inner.world.store.read().await?, execution.into()).await
}

/// Whether a write that is refused had taken effect before, and only its answer was lost.
async fn was_written(inner: &Inner, append: &Append) -> bool {
    let read = async {
        let mut conn = inner.world.store.read().await?;
        store::journal::read(&mut conn, append.execution_id, append.sequence, 1).await
    };
    read.await.is_ok_and(|rows| rows.first() == Some(&append.events))
}

/// Waits before the database is asked again. A fault that time does not mend gives the run up.
async fn pause(inner: &Inner, execution: &Execution, error: &Error) -> Result<(), Lost> {
    if error.kind() != ErrorKind::Unavailable || error.code() == "stopping" {
        hand_back(inner, execution, error).await;
        return Err(Lost);
    }
    tracing::warn!(execution = %execution.id, cause = ?error, "a write is tried again");
    let clock = &inner.world.clock;
    clock.sleep_until(clock.now() + WRITE_PAUSE).await;
    Ok(())
}
