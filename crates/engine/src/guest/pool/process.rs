//! One guest process, seen from the host.

use std::borrow::Cow;
use std::io;
use std::process::Stdio;
use std::time::Duration;

use base::Clock;
use serde_json::value::RawValue;
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::Settings;
use crate::guest::wire::{Answer, Failure, Job, Outcome, Ready, Start};
use crate::guest::{FunctionError, FunctionErrorKind, Isolation, Limits, Problem, Returned, frame};

/// How long a guest may take to start and lock itself in.
const START_TIME_MAX: Duration = Duration::from_secs(10);
/// A guest's first word is short.
const READY_BYTES_MAX: usize = 4096;

/// What a guest answered.
#[derive(Debug)]
pub enum Asked {
    Returned(Returned),
    Checked(Option<Problem>),
}

/// A guest that has locked itself in and waits for a job.
pub struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    limits: Limits,
    isolation: Isolation,
    calls_left: u32,
}

impl Process {
    /// Starts a guest and waits until it has locked itself in.
    pub async fn start(settings: &Settings, clock: &Clock) -> Result<Self, FunctionError> {
        let starting = Self::spawn(settings);
        let started = match clock.timeout(START_TIME_MAX, starting).await {
            Some(started) => started,
            None => Err(io::Error::other("it did not get ready in time")),
        };
        let process = started.map_err(|error| {
            tracing::error!(%error, "a guest for functions cannot be started");
            let message = format!("Gangway cannot start the process for functions: {error}.");
            FunctionError::new(FunctionErrorKind::Unavailable, message)
        })?;
        if settings.require_isolation && !process.isolation.is_enough() {
            process.end().await;
            let message = "This server cannot run functions: its kernel has neither landlock nor \
                           seccomp to lock them in. Run Gangway on Linux 5.13 or newer, or, where \
                           every function's author is trusted, set functions.require_isolation \
                           to false.";
            return Err(FunctionError::new(FunctionErrorKind::NotIsolated, message));
        }
        Ok(process)
    }

    async fn spawn(settings: &Settings) -> io::Result<Self> {
        let mut child = Command::new(&settings.program.file)
            .args(&settings.program.arguments)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Ctrl-C is for the server alone: it lets calls end.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let missing = || io::Error::other("a pipe is missing");
        let mut input = child.stdin.take().ok_or_else(missing)?;
        let mut output = BufReader::new(child.stdout.take().ok_or_else(missing)?);
        let limits = settings.limits;
        input.write_all(&frame::encode(&Start { limits })?).await?;
        let isolation = match frame::receive(&mut output, READY_BYTES_MAX).await? {
            Ready::Isolated(isolation) => isolation,
            Ready::Failed(cause) => return Err(io::Error::other(cause)),
        };
        let calls_left = settings.calls_per_guest_max;
        Ok(Self { child, input, output, limits, isolation, calls_left })
    }

    /// How well it is locked in.
    pub fn isolation(&self) -> Isolation {
        self.isolation
    }

    /// Whether it lives and may serve another call.
    pub fn is_fit(&mut self) -> bool {
        self.calls_left > 0 && matches!(self.child.try_wait(), Ok(None))
    }

    /// Gives it a job and waits for the answer. False: it must not be used any more.
    pub async fn ask(
        &mut self,
        source: &str,
        parameters: Option<&RawValue>,
        seed: [u8; 32],
        clock: &Clock,
    ) -> (Result<Asked, FunctionError>, bool) {
        self.calls_left = self.calls_left.saturating_sub(1);
        let job = Job { source: Cow::Borrowed(source), parameters, seed };
        let wall_time_max = self.limits.wall_time_max;
        match clock.timeout(wall_time_max, self.exchange(&job)).await {
            Some(Ok(answer)) => {
                let is_fit = !answer.is_last && self.calls_left > 0;
                (self.judge(answer), is_fit)
            }
            Some(Err(error)) => (Err(self.cause_of_death(&error).await), false),
            None => {
                let seconds = wall_time_max.as_secs_f64();
                let message = format!("The function did not end within {seconds} s.");
                (Err(FunctionError::new(FunctionErrorKind::TimedOut, message)), false)
            }
        }
    }

    async fn exchange(&mut self, job: &Job<'_>) -> io::Result<Answer> {
        self.input.write_all(&frame::encode(job)?).await?;
        frame::receive(&mut self.output, self.limits.answer_frame_bytes_max()).await
    }

    /// What an answer means. A guest that was taken over could send any: it is believed as far as
    /// it may be wrong, and its bounds are looked at again.
    fn judge(&self, answer: Answer) -> Result<Asked, FunctionError> {
        let Answer { outcome, log, log_truncated, .. } = answer;
        let failed = |Failure { kind, message, stack, .. }: Failure| {
            Err(FunctionError { kind, message, stack, log: log.clone(), log_truncated })
        };
        match outcome {
            Outcome::Checked(problem) => Ok(Asked::Checked(problem)),
            Outcome::Failed(failure) => failed(failure),
            Outcome::Returned(json) if json.get().len() > self.limits.output_bytes_max => {
                failed(Failure::new(
                    FunctionErrorKind::OutputTooLarge,
                    "The output of the function is too large.",
                ))
            }
            Outcome::Returned(json) => match serde_json::from_str(json.get()) {
                Ok(output) => Ok(Asked::Returned(Returned { output, log, log_truncated })),
                // Nested too deeply, or half of a character that needs two.
                Err(error) => failed(Failure::new(
                    FunctionErrorKind::OutputInvalid,
                    format!("The output cannot be kept as JSON: {error}."),
                )),
            },
        }
    }

    async fn cause_of_death(&mut self, error: &io::Error) -> FunctionError {
        let has_ended =
            matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe);
        // One that has closed its pipes is about to end, and then this changes nothing.
        let _ = self.child.start_kill();
        match self.child.wait().await {
            Ok(status) if has_ended => crashed(&format!("ended ({status})")),
            Ok(_) | Err(_) => crashed(&format!("failed ({error})")),
        }
    }

    /// Ends it and waits until it is gone.
    pub async fn end(mut self) {
        // It fails only when the process has ended by itself.
        let _ = self.child.kill().await;
    }
}

/// The guest failed its call.
pub fn crashed(how: &str) -> FunctionError {
    let message = format!(
        "The process that ran the function {how}. This call failed; others are not affected. A \
         function that uses memory or time in ways that cannot be stopped gently ends so."
    );
    FunctionError::new(FunctionErrorKind::Crashed, message)
}
