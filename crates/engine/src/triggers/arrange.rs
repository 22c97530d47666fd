//! Writes down what each workflow waits for that is on for somebody: a reader of the account's feed,
//! or a time.
//!
//! What is to be done follows from the change log: some changes are read, what they ask for is arranged
//! page by page, and then the number is noted. So nothing is forgotten when a process dies; what it had
//! arranged comes out the same once more.

use base::{ConfigurationId, ConnectedUserId, FeedId, ProjectId, Result, Timestamp, WorkflowId};
use serde_json::{Map, Value, json};
use store::arrangements::{self, Arrangement};
use store::changes::{self, Change, Kind};
use store::enablements::{self, ENABLEMENTS_READ_MAX, Enablement};
use store::feeds::{self, Feed};
use store::{Connection, PageRequest, workflows};

use super::schedule::Timetable;
use super::{Live, Triggers};
use crate::definition::{Problem, Schedule, Trigger};
use crate::expression::{Context, Place, Root, Scope, Template};
use crate::snapshot;

/// How many changes are arranged for before that is noted.
const CHANGES_AT_ONCE: usize = 100;
/// How many workflows of a project are looked at after changes were missed.
const WORKFLOWS_MAX: i64 = 10_000;
/// How far back a new reader begins at most, in microseconds: arranging comes soon after switching
/// on, so what lies further back was before that.
const LOOK_BACK_MAX: i64 = 10 * 60 * 1_000_000;

/// Some of what is on, to be arranged in one transaction.
#[derive(Clone, Copy)]
enum Part {
    /// A page of a workflow's, after a configuration.
    Workflow(ProjectId, WorkflowId, Option<ConfigurationId>),
    Configuration(ProjectId, ConfigurationId),
    User(ProjectId, ConnectedUserId),
}

impl Part {
    /// What a change asks for, if anything.
    fn of(change: &Change) -> Option<Self> {
        let project_id = change.project_id;
        Some(match change.kind? {
            Kind::Workflow => Self::Workflow(project_id, change.subject.parse().ok()?, None),
            Kind::Configuration => Self::Configuration(project_id, change.subject.parse().ok()?),
            Kind::ConnectedUser | Kind::Credential => {
                Self::User(project_id, change.subject.parse().ok()?)
            }
            _ => return None,
        })
    }

    async fn list(self, conn: &mut Connection) -> Result<Vec<Enablement>> {
        match self {
            Self::Workflow(project_id, id, after) => {
                enablements::list_of_workflow(conn, project_id, id, after).await
            }
            Self::Configuration(project_id, id) => {
                enablements::list_of_configuration(conn, project_id, id).await
            }
            Self::User(project_id, id) => enablements::list_of_user(conn, project_id, id).await,
        }
    }

    /// What follows after this was arranged.
    fn next(self, arranged: &[Enablement]) -> Option<Self> {
        let Self::Workflow(project_id, id, _) = self else { return None };
        let is_full = i64::try_from(arranged.len()).is_ok_and(|rows| rows >= ENABLEMENTS_READ_MAX);
        let last = arranged.last().filter(|_| is_full)?;
        Some(Self::Workflow(project_id, id, Some(last.configuration_id)))
    }
}

impl Triggers {
    /// Arranges for all that has changed. Answers for how many changes it did.
    ///
    /// # Errors
    /// When the database does not answer; what was not arranged for is the next time.
    pub async fn arrange(&self) -> Result<usize> {
        let mut arranged = 0;
        loop {
            // Looking costs no write.
            let mut conn = self.world().store.read().await?;
            let number = arrangements::number(&mut conn).await?;
            let mut found = changes::after(&mut conn, number).await?;
            drop(conn);
            found.truncate(CHANGES_AT_ONCE);
            let (Some(first), Some(last)) = (found.first(), found.last()) else {
                return Ok(arranged);
            };
            let parts = match first.number > number + 1 {
                true => self.everything().await?,
                false => different(&found).filter_map(Part::of).collect(),
            };
            if self.arrange_parts(number, &parts).await? && self.note(number, last.number).await? {
                arranged += found.len();
            }
        }
    }

    /// False when another node has arranged for these changes meanwhile.
    async fn arrange_parts(&self, number: i64, parts: &[Part]) -> Result<bool> {
        for part in parts {
            let mut part = Some(*part);
            // A transaction for each page: whoever else wants to write waits for no more than that.
            while let Some(page) = part {
                let mut tx = self.world().store.begin().await?;
                if arrangements::hold_number(&mut tx).await? != number {
                    return Ok(false);
                }
                let on = page.list(&mut tx).await?;
                for enablement in &on {
                    self.arrange_one(&mut tx, enablement).await?;
                }
                tx.commit().await?;
                part = page.next(&on);
            }
        }
        Ok(true)
    }

    /// Notes up to which change all is arranged for; false when another node has.
    async fn note(&self, number: i64, last: i64) -> Result<bool> {
        let mut tx = self.world().store.begin().await?;
        if arrangements::hold_number(&mut tx).await? != number {
            return Ok(false);
        }
        arrangements::note_number(&mut tx, last).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Every live workflow: changes were missed, for they are kept for a while only.
    async fn everything(&self) -> Result<Vec<Part>> {
        let mut conn = self.world().store.read().await?;
        let (mut parts, mut page) = (Vec::new(), PageRequest::default());
        loop {
            let projects = store::projects::list(&mut conn, &page).await?;
            for project in &projects.items {
                let live = workflows::list_live(&mut conn, project.id, WORKFLOWS_MAX).await?;
                parts.extend(live.iter().map(|one| Part::Workflow(project.id, one.id, None)));
            }
            if projects.next.is_none() {
                return Ok(parts);
            }
            page.after = projects.next;
        }
    }

    async fn arrange_one(&self, tx: &mut Connection, on: &Enablement) -> Result<()> {
        let key = (on.workflow_id, on.configuration_id);
        let before = arrangements::find(tx, on.project_id, key).await?;
        let live = self.live(tx, on.project_id, on.workflow_id).await?;
        let mut new = Arrangement {
            workflow_id: on.workflow_id,
            configuration_id: on.configuration_id,
            project_id: on.project_id,
            kind: live.as_ref().map_or("none", |live| live.trigger.kind()).to_owned(),
            inputs: json!({}),
            feed_id: None,
            next_at: None,
            lease_until: before.as_ref().map_or(Timestamp(0), |before| before.lease_until),
            fired_at: before.as_ref().and_then(|before| before.fired_at),
            problem: None,
        };
        if let Some(live) = live {
            let planned = match &live.trigger {
                Trigger::Scheduler(schedule) => {
                    self.plan_time(tx, on, schedule, before.as_ref(), &mut new).await?
                }
                Trigger::Integration { trigger, input } => {
                    let asked = (trigger.as_str(), input);
                    self.plan_feed(tx, on, &live, asked, before.as_ref(), &mut new).await?
                }
                Trigger::IntegrationEnabled {} => {
                    let is_open = new.fired_at.is_none();
                    new.next_at = is_open.then(|| self.world().clock.now());
                    Ok(())
                }
                _ => Ok(()),
            };
            if let Err(problem) = planned {
                tracing::warn!(workflow = %on.workflow_id, problem, "a trigger cannot be arranged");
                new.problem = Some(problem);
            }
        }
        let waits = new.feed_id.is_some() || new.next_at.is_some() || new.problem.is_some();
        if (waits || before.is_some()) && before.as_ref() != Some(&new) {
            arrangements::put(tx, &new).await?;
        }
        Ok(())
    }

    /// The next time of a schedule; the one there is stays while the schedule is the same.
    async fn plan_time(
        &self,
        tx: &mut Connection,
        on: &Enablement,
        schedule: &Schedule,
        before: Option<&Arrangement>,
        new: &mut Arrangement,
    ) -> Result<Result<(), String>> {
        let seen = snapshot::read(tx, on.into()).await?;
        let table = match Timetable::read(schedule, &seen.user) {
            Ok(table) => table,
            Err(problems) => return Ok(Err(Problem::error(&problems).message().to_owned())),
        };
        new.inputs = json!({ "cron": schedule.cron, "timezone": table.zone() });
        let same = before.filter(|before| before.kind == new.kind && before.inputs == new.inputs);
        let next = same.and_then(|before| before.next_at);
        new.next_at = next.or_else(|| table.next_after(self.world().clock.now()));
        Ok(Ok(()))
    }

    /// The reader that tells of what the trigger waits for.
    async fn plan_feed(
        &self,
        tx: &mut Connection,
        on: &Enablement,
        live: &Live,
        (key, input): (&str, &Map<String, Value>),
        before: Option<&Arrangement>,
        new: &mut Arrangement,
    ) -> Result<Result<(), String>> {
        let world = self.world();
        let slug = live.integration.as_deref().unwrap_or_default();
        let connector = world.catalogue.get(slug);
        let found = connector.and_then(|it| Some((it.trigger(key)?, it.feed()?)));
        let Some((trigger, feed)) = found else {
            return Ok(Err(format!("\"{slug}\" has no trigger \"{key}\".")));
        };
        let inputs = match self.inputs(tx, on, input).await? {
            Ok(inputs) => inputs,
            Err(problem) => return Ok(Err(problem)),
        };
        let inputs = match trigger.read(&inputs) {
            Ok(inputs) => inputs,
            Err(error) => return Ok(Err(error.message().to_owned())),
        };
        let now = world.clock.now();
        let is_new = before.is_none_or(|before| before.feed_id.is_none());
        let since = on.enabled_at.max(live.deployed_at).max(Timestamp(now.0 - LOOK_BACK_MAX));
        let since = if is_new { since.min(now) } else { now };
        let reader = Feed {
            id: FeedId::new(&world.clock, &world.random),
            project_id: on.project_id,
            user_id: on.user_id,
            credential_id: on.credential_id,
            connector: slug.to_owned(),
            scope: (feed.scope)(&inputs),
            watermark: (feed.begin)(since),
            due_at: now,
            lease_until: Timestamp(0),
            fence: 0,
            read_at: None,
            failures: 0,
            problem: None,
            created_at: now,
        };
        new.feed_id = Some(feeds::ensure(tx, &reader).await?.id);
        new.inputs = Value::Object(inputs);
        Ok(Ok(()))
    }

    /// A trigger's inputs with what the person has set put in.
    async fn inputs(
        &self,
        tx: &mut Connection,
        on: &Enablement,
        input: &Map<String, Value>,
    ) -> Result<Result<Value, String>> {
        let scope = Scope { user: true, account: true, ..Scope::default() };
        let template = Template::compile(&json!(input), &scope, Place::Output);
        let template = match template {
            Ok(template) => template,
            Err(problems) => return Ok(Err(Problem::error(&problems).message().to_owned())),
        };
        let seen = snapshot::read(tx, on.into()).await?;
        let find = |root: Root<'_>| match root {
            Root::Settings => Some(&seen.settings),
            Root::User => Some(&seen.user),
            Root::Account => Some(&seen.account),
            _ => None,
        };
        let mut inputs = match template.render(&Context::new(&find)) {
            Ok(inputs) => inputs,
            Err(error) => return Ok(Err(error.to_string())),
        };
        // What the person left blank is not asked for.
        if let Some(inputs) = inputs.as_object_mut() {
            inputs.retain(|_, value| !value.is_null());
        }
        Ok(Ok(inputs))
    }
}

/// Each thing once, in order.
fn different(changes: &[Change]) -> impl Iterator<Item = &Change> {
    changes.iter().enumerate().filter_map(|(at, change)| {
        let same =
            |earlier: &Change| (earlier.kind, &earlier.subject) == (change.kind, &change.subject);
        (!changes[..at].iter().any(same)).then_some(change)
    })
}
