//! A pool of real guests, and projects that call functions in it.

use std::path::Path;
use std::time::Duration;

use base::{Clock, ProjectId, Random, Timestamp};
use engine::guest::{
    Call, FunctionError, FunctionErrorKind, Limits, Pool, Program, Returned, Settings,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Where guests write down that they were started.
const BIRTHS: &str = "births";
pub const IDLE_TIME_MAX: Duration = Duration::from_secs(60);

/// A pool on a clock that stands still, and a project.
pub struct Host {
    pub pool: Pool,
    pub clock: Clock,
    pub project_id: ProjectId,
    random: Random,
    folder: TempDir,
}

/// A guest that first writes down its process id.
fn settings(folder: &Path) -> Settings {
    Settings {
        program: script(folder, concat!("exec '", env!("CARGO_BIN_EXE_engine-guest"), "'")),
        limits: Limits::default(),
        guests_max: 2,
        calls_per_guest_max: 1000,
        idle_time_max: IDLE_TIME_MAX,
        calls_waiting_max: 1000,
        require_isolation: true,
    }
}

/// A program that writes down its process id and then runs a script, in which `$0` is the file
/// with the ids.
fn script(folder: &Path, script: &str) -> Program {
    let script = format!("PATH=/usr/bin:/bin; echo $$ >> $0; {script}");
    let births = folder.join(BIRTHS);
    Program { file: "/bin/sh".into(), arguments: vec!["-c".into(), script.into(), births.into()] }
}

impl Host {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::with_folder(|settings, _| change(settings))
    }

    /// A host whose guests are this script.
    pub fn of_scripts(text: &str, change: impl FnOnce(&mut Settings)) -> Self {
        Self::with_folder(|settings, folder| {
            settings.program = script(folder, text);
            change(settings);
        })
    }

    fn with_folder(change: impl FnOnce(&mut Settings, &Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = settings(folder.path());
        change(&mut settings, folder.path());
        let clock = Clock::test(Timestamp::from_secs(1_800_000_000));
        let random = Random::seeded(7);
        let project_id = ProjectId::new(&clock, &random);
        let pool = Pool::new(settings, clock.clone(), random.clone());
        Self { pool, clock, project_id, random, folder }
    }

    /// The process ids of all guests so far, oldest first.
    pub fn births(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.folder.path().join(BIRTHS)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Waits until `count` of all guests so far live no more.
    pub async fn waits_for_deaths(&self, count: usize) {
        let is_dead = |id: &String| match std::fs::read_to_string(format!("/proc/{id}/stat")) {
            // The state stands behind the name; a zombie is gone for us.
            Ok(stat) => stat.rsplit_once(") ").unwrap().1.starts_with('Z'),
            Err(_) => true,
        };
        while self.births().iter().filter(|id| is_dead(id)).count() < count {
            tokio::task::yield_now().await;
        }
    }

    /// Another project.
    pub fn project(&self) -> ProjectId {
        ProjectId::new(&self.clock, &self.random)
    }

    pub async fn calls(&self, source: &str, parameters: Value) -> Result<Returned, FunctionError> {
        self.calls_for(self.project_id, source, parameters).await
    }

    pub async fn calls_for(
        &self,
        project_id: ProjectId,
        source: &str,
        parameters: Value,
    ) -> Result<Returned, FunctionError> {
        self.pool.call(project_id, Call { source: source.into(), parameters }).await
    }

    /// The output of a call without parameters that succeeds.
    pub async fn output(&self, source: &str) -> Value {
        self.calls(source, json!({})).await.unwrap().output
    }

    /// Kind and message of a call without parameters that fails.
    pub async fn failure(&self, source: &str) -> (FunctionErrorKind, String) {
        let error = self.calls(source, json!({})).await.unwrap_err();
        (error.kind, error.message)
    }
}
