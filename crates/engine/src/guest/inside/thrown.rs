//! What was thrown, as a failure for people: name and message, and the stack with lines of the
//! function's source.

use rquickjs::{CaughtError, Error, Exception, Value};

use super::watch::Watch;
use crate::guest::wire::Failure;
use crate::guest::{FunctionErrorKind, Limits};

/// What the function's source is called in stacks.
pub const SOURCE_NAME: &str = "function.js";
const MESSAGE_BYTES_MAX: usize = 8 * 1024;
const STACK_BYTES_MAX: usize = 8 * 1024;

/// How the source was handed to the interpreter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A module, as it is.
    Module,
    /// An expression, with a parenthesis before it.
    Classic,
}

impl Form {
    /// How many columns the first line was moved.
    const fn columns_before(self) -> u32 {
        match self {
            Self::Module => 0,
            Self::Classic => 1,
        }
    }
}

/// Tells what a thrown value means for the call that is under way.
pub struct Thrown<'a> {
    pub watch: &'a Watch,
    pub limits: &'a Limits,
}

impl Thrown<'_> {
    /// What was thrown while the function ran.
    pub fn failure(&self, error: CaughtError<'_>, form: Form) -> Failure {
        let failure = self.told(error, form);
        // To look at what was thrown may have taken the rest of the time.
        if self.watch.is_over() { self.timed_out() } else { failure }
    }

    fn told(&self, error: CaughtError<'_>, form: Form) -> Failure {
        match error {
            CaughtError::Exception(exception) => self.exception(&exception, form),
            // Where there is no memory left for the error itself, the interpreter throws null.
            CaughtError::Value(value) if value.is_null() => self.out_of_memory(),
            CaughtError::Value(value) => {
                let message = format!("The function threw {}.", shown(value));
                Failure::new(FunctionErrorKind::Threw, cut(message, MESSAGE_BYTES_MAX))
            }
            CaughtError::Error(Error::Allocation) => self.out_of_memory(),
            CaughtError::Error(error) => {
                Failure::new(FunctionErrorKind::Threw, cut(error.to_string(), MESSAGE_BYTES_MAX))
            }
        }
    }

    /// What was thrown while the source was compiled.
    pub fn syntax(&self, error: CaughtError<'_>, form: Form) -> Failure {
        match self.failure(error, form) {
            failure if failure.kind == FunctionErrorKind::Threw => {
                Failure { kind: FunctionErrorKind::Syntax, stack: None, ..failure }
            }
            failure => failure,
        }
    }

    /// The watch ran out.
    pub fn timed_out(&self) -> Failure {
        let seconds = self.limits.cpu_time_max.as_secs_f64();
        let message = format!("The function used more than its {seconds} s of processor time.");
        Failure::new(FunctionErrorKind::TimedOut, message)
    }

    fn out_of_memory(&self) -> Failure {
        let bytes = self.limits.memory_bytes_max;
        let message = format!("The function needs more than its {bytes} bytes of memory.");
        Failure::new(FunctionErrorKind::OutOfMemory, message)
    }

    fn exception(&self, exception: &Exception<'_>, form: Form) -> Failure {
        let name = exception.as_object().get::<_, String>("name").unwrap_or_default();
        let text = exception.message().unwrap_or_default();
        if name == "InternalError" && text == "out of memory" {
            return self.out_of_memory();
        }
        let message = match (name.as_str(), text.as_str()) {
            ("", "") => "The function threw an error without a message.".to_owned(),
            ("", text) => text.to_owned(),
            (name, "") => name.to_owned(),
            (name, text) => format!("{name}: {text}"),
        };
        let stack = exception.stack().map(|stack| moved_back(&stack, form));
        let place = stack.as_deref().and_then(place);
        Failure {
            kind: FunctionErrorKind::Threw,
            message: cut(message, MESSAGE_BYTES_MAX),
            stack: stack.filter(|stack| !stack.is_empty()).map(|s| cut(s, STACK_BYTES_MAX)),
            line: place.map(|(line, _)| line),
            column: place.map(|(_, column)| column),
        }
    }
}

/// A thrown value that is no error.
fn shown(value: Value<'_>) -> String {
    let ctx = value.ctx().clone();
    let json = ctx.json_stringify(value.clone()).ok().flatten();
    json.and_then(|json| json.to_string().ok()).unwrap_or_else(|| value.type_name().to_owned())
}

/// The stack with columns of the source as its author wrote it.
fn moved_back(stack: &str, form: Form) -> String {
    let before = form.columns_before();
    let mut lines = Vec::new();
    for line in stack.trim_end().lines() {
        let first_line = format!("{SOURCE_NAME}:1:");
        let moved = line.split_once(&first_line).and_then(|(start, rest)| {
            let (column, end) = leading_number(rest)?;
            Some(format!("{start}{first_line}{}{end}", column.saturating_sub(before).max(1)))
        });
        lines.push(moved.unwrap_or_else(|| line.to_owned()));
    }
    lines.join("\n")
}

/// The uppermost place of a stack that lies in the function's source: line and column.
fn place(stack: &str) -> Option<(u32, u32)> {
    let (_, rest) = stack.split_once(&format!("{SOURCE_NAME}:"))?;
    let (line, rest) = leading_number(rest)?;
    let (column, _) = leading_number(rest.strip_prefix(':')?)?;
    Some((line, column))
}

fn leading_number(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

/// At most so many bytes of a text.
pub fn cut(mut text: String, bytes_max: usize) -> String {
    if text.len() > bytes_max {
        text.truncate(text.floor_char_boundary(bytes_max));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_the_first_line_are_those_of_the_author() {
        let stack = "    at f (function.js:1:11)\n    at function.js:2:11\n";
        let moved = moved_back(stack, Form::Classic);
        assert_eq!(moved, "    at f (function.js:1:10)\n    at function.js:2:11");
        assert_eq!(place(&moved), Some((1, 10)));
    }
}
