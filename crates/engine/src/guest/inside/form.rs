//! The two forms in which a function is written, and how its result is waited for.
//!
//! A module: `export default async function (params) { … }`, with imports, always strict. Or the
//! classic form, a function expression: `function (parameters, libraries) { … }`, not strict
//! unless it says so.

use rquickjs::context::EvalOptions;
use rquickjs::promise::PromiseState;
use rquickjs::{CatchResultExt as _, CaughtError, Ctx, Function, Module, Promise, Value};

use super::thrown::{Form, SOURCE_NAME, Thrown};
use crate::guest::FunctionErrorKind;
use crate::guest::wire::Failure;

const FORMS: &str = "Write `export default async function (params) { … }` or \
                     `function (parameters, libraries) { … }`.";

/// The function that a source means.
pub struct Loaded<'js> {
    pub function: Function<'js>,
    pub form: Form,
}

/// Compiles a source, runs what it does outside its function, and finds the function.
pub fn load<'js>(
    ctx: &Ctx<'js>,
    source: &str,
    thrown: &Thrown<'_>,
) -> Result<Loaded<'js>, Failure> {
    if source.contains('\0') {
        let message = "The source holds a character with the code 0.";
        return Err(Failure::new(FunctionErrorKind::Syntax, message));
    }
    let starts = |words: [&str; 2]| words.iter().any(|word| beginning(source).starts_with(word));
    if starts(["export", "import"]) {
        return module(ctx, source, thrown);
    }
    let refused = match classic(ctx, source).catch(ctx) {
        Ok(value) => return function(value, Form::Classic),
        Err(error) => error,
    };
    if !is_syntax_error(&refused) {
        return Err(thrown.failure(refused, Form::Classic));
    }
    // Functions may stand before the one that is exported.
    match module(ctx, source, thrown) {
        Err(failure) if failure.kind == FunctionErrorKind::Syntax => {
            let is_classic = starts(["function", "async"]) || starts(["(", "async("]);
            let failure = if is_classic { thrown.syntax(refused, Form::Classic) } else { failure };
            Err(failure)
        }
        other => other,
    }
}

fn classic<'js>(ctx: &Ctx<'js>, source: &str) -> rquickjs::Result<Value<'js>> {
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some(SOURCE_NAME.to_owned());
    let expression = source.trim_end().trim_end_matches(';');
    // The line break ends a comment on the last line.
    ctx.eval_with_options(format!("({expression}\n)"), options)
}

fn module<'js>(ctx: &Ctx<'js>, source: &str, thrown: &Thrown<'_>) -> Result<Loaded<'js>, Failure> {
    let declared = Module::declare(ctx.clone(), SOURCE_NAME, source).catch(ctx);
    let declared = declared.map_err(|error| thrown.syntax(error, Form::Module))?;
    let fail = |error| thrown.failure(error, Form::Module);
    let (module, promise) = declared.eval().catch(ctx).map_err(fail)?;
    settle_promise(ctx, &promise, Form::Module, thrown)?;
    let exported = module.get::<_, Value<'js>>("default").catch(ctx).map_err(fail)?;
    function(exported, Form::Module)
}

fn function(value: Value<'_>, form: Form) -> Result<Loaded<'_>, Failure> {
    let what = match form {
        Form::Module if value.is_undefined() => "The source has no default export.".to_owned(),
        Form::Module => format!("The default export is no function but {}.", value.type_name()),
        Form::Classic => format!("The source is no function but {}.", value.type_name()),
    };
    let Some(function) = value.into_function() else {
        let message = format!("{what} {FORMS}");
        return Err(Failure::new(FunctionErrorKind::NotAFunction, message));
    };
    Ok(Loaded { function, form })
}

/// The value itself, or what the promise that it is comes to.
pub fn settle<'js>(
    ctx: &Ctx<'js>,
    value: Value<'js>,
    form: Form,
    thrown: &Thrown<'_>,
) -> Result<Value<'js>, Failure> {
    match value.as_promise() {
        Some(promise) => settle_promise(ctx, promise, form, thrown),
        None => Ok(value),
    }
}

fn settle_promise<'js>(
    ctx: &Ctx<'js>,
    promise: &Promise<'js>,
    form: Form,
    thrown: &Thrown<'_>,
) -> Result<Value<'js>, Failure> {
    while promise.state() == PromiseState::Pending {
        if thrown.watch.is_over() {
            return Err(thrown.timed_out());
        }
        if !ctx.execute_pending_job() {
            let message = "The function waits for a promise that nothing will settle. There are \
                           no timers and no network in a function; use a delay or a request step.";
            return Err(Failure::new(FunctionErrorKind::NeverSettled, message));
        }
    }
    let result = promise.result::<Value<'js>>().unwrap_or_else(|| Ok(Value::new_null(ctx.clone())));
    result.catch(ctx).map_err(|error| thrown.failure(error, form))
}

fn is_syntax_error(error: &CaughtError<'_>) -> bool {
    let CaughtError::Exception(exception) = error else { return false };
    exception.as_object().get::<_, String>("name").is_ok_and(|name| name == "SyntaxError")
}

/// The source from its first word on.
fn beginning(source: &str) -> &str {
    let mut rest = source.trim_start();
    loop {
        let comment_end = if rest.starts_with("//") {
            rest.find('\n').map(|at| at + 1)
        } else if rest.starts_with("/*") {
            rest.find("*/").map(|at| at + 2)
        } else {
            return rest;
        };
        rest = comment_end.map_or("", |at| &rest[at..]).trim_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_begins_after_its_comments() {
        assert_eq!(beginning(" // one\n/* two */ export default 1"), "export default 1");
        assert_eq!(beginning("/* never closed"), "");
    }
}
