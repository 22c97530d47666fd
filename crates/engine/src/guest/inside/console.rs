//! `console`: what a function says goes into the log of its step, up to a limit.

use std::cell::RefCell;
use std::mem;
use std::rc::Rc;

use rquickjs::prelude::Rest;
use rquickjs::{CatchResultExt as _, CaughtError, Ctx, Function, Object, Value};

use super::thrown::cut;
use super::watch::Watch;
use crate::guest::{Level, LogLine};

/// What a line costs beside its text, so that empty lines have an end too.
const LINE_BYTES: usize = 32;
const METHODS: [(&str, Level); 6] = [
    ("debug", Level::Debug),
    ("trace", Level::Debug),
    ("log", Level::Info),
    ("info", Level::Info),
    ("warn", Level::Warn),
    ("error", Level::Error),
];

/// The lines of one call.
pub struct Log {
    lines: Vec<LogLine>,
    bytes_left: usize,
    bytes_max: usize,
    is_truncated: bool,
}

impl Log {
    pub fn new(bytes_max: usize) -> Self {
        Self { lines: Vec::new(), bytes_left: bytes_max, bytes_max, is_truncated: false }
    }

    fn push(&mut self, level: Level, text: String) {
        if self.is_truncated {
            return;
        }
        let cost = text.len() + LINE_BYTES;
        if cost <= self.bytes_left {
            self.bytes_left -= cost;
            self.lines.push(LogLine { level, text });
            return;
        }
        self.is_truncated = true;
        let text = cut(text, self.bytes_left.saturating_sub(LINE_BYTES));
        if !text.is_empty() {
            self.lines.push(LogLine { level, text });
        }
        let text = format!("The rest is left out: a log holds {} bytes.", self.bytes_max);
        self.lines.push(LogLine { level: Level::Warn, text });
    }

    /// All lines, and whether there were more.
    pub fn take(&mut self) -> (Vec<LogLine>, bool) {
        (mem::take(&mut self.lines), self.is_truncated)
    }
}

/// Gives the interpreter a `console`.
pub fn install(ctx: &Ctx<'_>, log: &Rc<RefCell<Log>>, watch: &Rc<Watch>) -> rquickjs::Result<()> {
    let console = Object::new(ctx.clone())?;
    for (name, level) in METHODS {
        console.set(name, method(ctx, level, Rc::clone(log), Rc::clone(watch))?)?;
    }
    ctx.globals().set("console", console)
}

fn method<'js>(
    ctx: &Ctx<'js>,
    level: Level,
    log: Rc<RefCell<Log>>,
    watch: Rc<Watch>,
) -> rquickjs::Result<Function<'js>> {
    Function::new(ctx.clone(), move |ctx: Ctx<'js>, arguments: Rest<Value<'js>>| {
        if log.borrow().is_truncated {
            return Ok(());
        }
        let mut text = String::new();
        for (place, argument) in arguments.0.into_iter().enumerate() {
            if place > 0 {
                text.push(' ');
            }
            text.push_str(&shown(&ctx, argument));
            // What showing it threw is swallowed, but not the end of the function's time.
            if watch.is_over() {
                return Err(ctx.throw(Value::new_null(ctx.clone())));
            }
        }
        log.borrow_mut().push(level, text);
        Ok(())
    })
}

/// A value as a person wants to read it: text as it is, errors with their stack, the rest as JSON.
fn shown<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> String {
    if let Some(text) = value.as_string().and_then(|text| text.to_string().ok()) {
        return text;
    }
    if let Some(exception) = value.as_exception() {
        let name = exception.as_object().get::<_, String>("name").unwrap_or_default();
        let message = exception.message().unwrap_or_default();
        let stack = exception.stack().unwrap_or_default();
        return format!("{name}: {message}\n{}", stack.trim_end());
    }
    if value.is_undefined() {
        return "undefined".to_owned();
    }
    if value.is_function() {
        return "[function]".to_owned();
    }
    if let Some(number) = value.clone().into_big_int() {
        return number.to_i64().map_or_else(|_| "[bigint]".to_owned(), |n| format!("{n}n"));
    }
    let json = ctx.json_stringify(value.clone()).and_then(|json| {
        json.map_or_else(|| Ok(format!("[{}]", value.type_name())), |json| json.to_string())
    });
    json.catch(ctx).unwrap_or_else(|error| match error {
        CaughtError::Exception(exception) => {
            format!("[{}: {}]", value.type_name(), exception.message().unwrap_or_default())
        }
        _ => format!("[{}]", value.type_name()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_ends_at_its_limit_with_a_note_that_says_so() {
        let mut log = Log::new(100);
        log.push(Level::Info, "a".repeat(30));
        log.push(Level::Info, "ä".repeat(30));
        log.push(Level::Info, "never".to_owned());
        let (lines, is_truncated) = log.take();
        let texts: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
        assert!(is_truncated);
        assert_eq!(texts[1], "äää");
        assert_eq!(texts[2], "The rest is left out: a log holds 100 bytes.");
        assert_eq!(texts.len(), 3);
    }

    #[test]
    fn empty_lines_have_an_end_too() {
        let mut log = Log::new(1000);
        (0..1000).for_each(|_| log.push(Level::Info, String::new()));
        assert_eq!(log.take().0.len(), 1000 / LINE_BYTES + 1);
    }
}
