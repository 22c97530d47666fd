//! A fresh interpreter for one job.

use std::cell::RefCell;
use std::rc::Rc;

use base::Random;
use rquickjs::{CatchResultExt as _, Context, Ctx, Runtime, Value};
use serde_json::value::RawValue;

use super::console::Log;
use super::form::{self, Loaded};
use super::thrown::{Form, Thrown};
use super::watch::{self, Watch};
use super::{chance, console, guest_cpu_time_max, libraries};
use crate::guest::wire::{Answer, Failure, Job, Outcome};
use crate::guest::{FunctionErrorKind, Limits, Problem};

/// The interpreter's stack, in bytes: recursion ends with a RangeError there.
const STACK_BYTES: usize = 4 * 1024 * 1024;

/// An interpreter that has run nothing yet.
pub struct Machine {
    context: Context,
    runtime: Runtime,
    watch: Rc<Watch>,
    log: Rc<RefCell<Log>>,
    random: Rc<RefCell<Random>>,
    limits: Limits,
}

impl Machine {
    /// Makes one with everything a function may find in it.
    pub fn new(limits: &Limits) -> rquickjs::Result<Self> {
        let runtime = Runtime::new()?;
        runtime.set_memory_limit(limits.memory_bytes_max);
        runtime.set_max_stack_size(STACK_BYTES);
        runtime.set_loader(libraries::Names, libraries::Sources);
        let watch = Rc::new(Watch::default());
        runtime.set_interrupt_handler(Some(Box::new({
            let watch = Rc::clone(&watch);
            move || watch.is_over()
        })));
        let log = Rc::new(RefCell::new(Log::new(limits.log_bytes_max)));
        let random = Rc::new(RefCell::new(Random::from_seed([0; 32])));
        let context = Context::full(&runtime)?;
        context.with(|ctx| {
            console::install(&ctx, &log, &watch)?;
            chance::install(&ctx, &random)
        })?;
        Ok(Self { context, runtime, watch, log, random, limits: *limits })
    }

    /// Does the job and falls apart.
    pub fn perform(self, job: Job<'_>) -> Answer {
        self.watch.start(self.limits.cpu_time_max);
        *self.random.borrow_mut() = Random::from_seed(job.seed);
        let outcome = self.context.with(|ctx| match job.parameters {
            Some(parameters) => match self.call(&ctx, &job.source, parameters) {
                Ok(output) => Outcome::Returned(output),
                Err(failure) => Outcome::Failed(failure),
            },
            None => Outcome::Checked(self.check(&ctx, &job.source)),
        });
        let is_exhausted = self.is_exhausted(&outcome);
        let (log, log_truncated) = self.log.borrow_mut().take();
        if is_exhausted {
            // Taking apart what hit a limit may fail in new ways; the process is over anyway.
            std::mem::forget(self.context);
            std::mem::forget(self.runtime);
        }
        Answer { outcome, log, log_truncated, is_last: is_exhausted }
    }

    fn thrown(&self) -> Thrown<'_> {
        Thrown { watch: &self.watch, limits: &self.limits }
    }

    fn call(
        &self,
        ctx: &Ctx<'_>,
        source: &str,
        parameters: &RawValue,
    ) -> Result<Box<RawValue>, Failure> {
        let thrown = self.thrown();
        let Loaded { function, form } = form::load(ctx, source, &thrown)?;
        let fail = |error| thrown.failure(error, form);
        let parameters = ctx.json_parse(parameters.get()).catch(ctx).map_err(fail)?;
        let returned = match form {
            Form::Module => function.call::<_, Value<'_>>((parameters,)),
            Form::Classic => {
                let libraries = libraries::object(ctx).catch(ctx).map_err(fail)?;
                function.call::<_, Value<'_>>((parameters, libraries))
            }
        };
        let returned = returned.catch(ctx).map_err(fail)?;
        let output = form::settle(ctx, returned, form, &thrown)?;
        self.output(ctx, output, form)
    }

    /// The output as JSON. This may still run code of the function: getters, `toJSON`, proxies.
    fn output<'js>(
        &self,
        ctx: &Ctx<'js>,
        output: Value<'js>,
        form: Form,
    ) -> Result<Box<RawValue>, Failure> {
        let fail = |error| match self.thrown().failure(error, form) {
            failure if failure.kind == FunctionErrorKind::Threw => invalid_output(failure),
            failure => failure,
        };
        let json = ctx.json_stringify(output).catch(ctx).map_err(fail)?;
        let Some(json) = json else { return Ok(RawValue::NULL.to_owned()) };
        let json = json.to_cstring().catch(ctx).map_err(fail)?;
        let (bytes, bytes_max) = (json.len(), self.limits.output_bytes_max);
        if bytes > bytes_max {
            let message =
                format!("The output is {bytes} bytes of JSON; a function may return {bytes_max}.");
            return Err(Failure::new(FunctionErrorKind::OutputTooLarge, message));
        }
        RawValue::from_string(json.as_str().to_owned()).map_err(|error| {
            invalid_output(Failure::new(FunctionErrorKind::OutputInvalid, error.to_string()))
        })
    }

    fn check(&self, ctx: &Ctx<'_>, source: &str) -> Option<Problem> {
        let Failure { message, line, column, .. } =
            form::load(ctx, source, &self.thrown()).err()?;
        Some(Problem { message, line, column })
    }

    /// Whether the process should end: the call hit a limit that leaves nothing to trust, or the
    /// guest has used its share of the processor.
    fn is_exhausted(&self, outcome: &Outcome) -> bool {
        let hit_a_limit = match outcome {
            Outcome::Failed(failure) => {
                matches!(failure.kind, FunctionErrorKind::TimedOut | FunctionErrorKind::OutOfMemory)
            }
            Outcome::Returned(_) | Outcome::Checked(_) => false,
        };
        hit_a_limit || self.watch.is_over() || watch::cpu_time() > guest_cpu_time_max(&self.limits)
    }
}

fn invalid_output(failure: Failure) -> Failure {
    let message = format!("The output has no JSON form: {}", failure.message);
    Failure { kind: FunctionErrorKind::OutputInvalid, message, ..failure }
}
