//! The host's side: a bounded number of warm guests. A guest serves one project and is never used
//! for another; a place that another project needs gets a new process.

mod keeper;
mod line;
mod process;
mod settings;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::{Clock, ProjectId, Random};
use serde_json::value::RawValue;
use tokio::sync::{OnceCell, oneshot};

use self::line::{Line, Seat, Waiting};
use self::process::{Asked, Process};
pub use self::settings::{Program, Settings};
use super::{Call, FunctionError, FunctionErrorKind, Isolation, Problem, Returned};

/// Runs functions in guests. Cloning is cheap; clones share the guests.
///
/// Calls must be made within a Tokio runtime, on which their guests then live.
#[derive(Clone)]
pub struct Pool(Arc<Inner>);

struct Inner {
    settings: Settings,
    clock: Clock,
    random: Random,
    line: Mutex<Line>,
    isolation: OnceCell<Isolation>,
}

impl Pool {
    /// A pool without a guest yet: the first call starts one.
    pub fn new(settings: Settings, clock: Clock, random: Random) -> Self {
        let line = Line::new(settings.guests_max, settings.calls_waiting_max);
        Self(Arc::new(Inner {
            settings,
            clock,
            random,
            line: Mutex::new(line),
            isolation: OnceCell::new(),
        }))
    }

    /// Calls a function for a project. A call that is given up goes on in its guest to its end.
    ///
    /// # Errors
    /// When the function failed, or no guest could be found for it.
    pub async fn call(
        &self,
        project_id: ProjectId,
        Call { source, parameters }: Call,
    ) -> Result<Returned, FunctionError> {
        let limits = &self.0.settings.limits;
        within("source", source.len(), limits.source_bytes_max)?;
        let parameters = serde_json::value::to_raw_value(&parameters).map_err(|error| {
            let message = format!("The parameters have no JSON form: {error}.");
            FunctionError::new(FunctionErrorKind::Threw, message)
        })?;
        within("parameters", parameters.get().len(), limits.parameters_bytes_max)?;
        match self.ask(project_id, source, Some(parameters)).await? {
            Asked::Returned(returned) => Ok(returned),
            Asked::Checked(_) => Err(process::crashed("answered another question")),
        }
    }

    /// Looks whether a source yields a function, as a deployment does: it is compiled, and what
    /// stands outside the function is run.
    ///
    /// # Errors
    /// When no guest could be found to look at it.
    pub async fn check(
        &self,
        project_id: ProjectId,
        source: Arc<str>,
    ) -> Result<Option<Problem>, FunctionError> {
        if let Err(too_large) =
            within("source", source.len(), self.0.settings.limits.source_bytes_max)
        {
            return Ok(Some(Problem { message: too_large.message, line: None, column: None }));
        }
        match self.ask(project_id, source, None).await? {
            Asked::Checked(problem) => Ok(problem),
            Asked::Returned(_) => Err(process::crashed("answered another question")),
        }
    }

    /// How well this kernel locks a guest in. The first time, a guest is started to find out.
    ///
    /// # Errors
    /// When no guest can be started.
    pub async fn isolation(&self) -> Result<Isolation, FunctionError> {
        let look = || async {
            let process = Process::start(&self.0.settings, &self.0.clock).await?;
            let isolation = process.isolation();
            process.end().await;
            Ok(isolation)
        };
        self.0.isolation.get_or_try_init(look).await.copied()
    }

    /// Ends the guests that have nothing to do; the others end with their calls. For a server
    /// that stops.
    pub fn close(&self) {
        self.0.line().close();
    }

    async fn ask(
        &self,
        project_id: ProjectId,
        source: Arc<str>,
        parameters: Option<Box<RawValue>>,
    ) -> Result<Asked, FunctionError> {
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { project_id, source, parameters, answer };
        match self.0.line().enter(waiting) {
            Ok(None) => {}
            Ok(Some(Seat(waiting))) => {
                tokio::spawn(keeper::keep(Arc::clone(&self.0), waiting));
            }
            Err(refused) => return Err(refused),
        }
        answered.await.unwrap_or_else(|_| {
            let message = "Gangway is stopping; the call was not made.";
            Err(FunctionError::new(FunctionErrorKind::Unavailable, message))
        })
    }
}

impl Inner {
    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn within(what: &str, bytes: usize, bytes_max: usize) -> Result<(), FunctionError> {
    if bytes <= bytes_max {
        return Ok(());
    }
    let message = format!("The {what} of a function may have {bytes_max} bytes; here are {bytes}.");
    Err(FunctionError::new(FunctionErrorKind::InputTooLarge, message))
}
