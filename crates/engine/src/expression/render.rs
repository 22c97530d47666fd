//! Builds the rendered value and holds its bounds.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::budget::{Budget, Fault};
use super::context::Context;
use super::evaluate::{Evaluation, Outcome};
use super::path;
use super::reference::{self, Part, Reference};
use super::render_error::RenderError;
use super::scope::Place;
use super::template::{Node, Piece, Written};
use super::{RENDERED_BYTES_MAX, RENDERED_DEPTH_MAX, text};

/// Renders a whole template.
pub(super) fn render(
    node: &Node,
    place: Place,
    context: &Context<'_, '_>,
) -> Result<Value, RenderError> {
    let mut renderer = Renderer {
        context: *context,
        budget: Budget::full(),
        bytes_left: RENDERED_BYTES_MAX,
        escapes_keys: place == Place::Request,
    };
    renderer.node(node, 0)
}

/// The worth of an expression that is no secret or token, not copied if it need not be.
pub(super) fn look<'v, 'c: 'v>(
    written: &'v Written,
    context: &Context<'_, 'c>,
) -> Result<Cow<'v, Value>, RenderError> {
    let mut budget = Budget::full();
    let mut evaluation = Evaluation { context: *context, budget: &mut budget };
    match evaluation.outcome(&written.expression) {
        Ok(Outcome::Value(value)) => Ok(value),
        Ok(Outcome::Reference(reference)) => Ok(Cow::Owned(reference.to_value())),
        Err(fault) => Err(error(&written.source, &fault)),
    }
}

struct Renderer<'f, 'c> {
    context: Context<'f, 'c>,
    budget: Budget,
    bytes_left: usize,
    escapes_keys: bool,
}

impl<'c> Renderer<'_, 'c> {
    fn node(&mut self, node: &Node, depth: usize) -> Result<Value, RenderError> {
        match node {
            Node::Literal(value) => self.literal(value, depth).map_err(|fault| error("", &fault)),
            Node::Whole(written) => {
                self.whole(written, depth).map_err(|fault| error(&written.source, &fault))
            }
            Node::Text(pieces) => self.text(pieces),
            Node::List(items) => {
                let items = items.iter().enumerate().map(|(position, item)| {
                    self.node(item, depth + 1)
                        .map_err(|error| error.below(&path::of_position(position)))
                });
                items.collect::<Result<_, _>>().map(Value::Array)
            }
            Node::Object(fields) => {
                let fields = fields.iter().map(|(key, field)| {
                    self.take(key.len() + 4).map_err(|fault| error("", &fault))?;
                    let value = self.node(field, depth + 1);
                    let value = value.map_err(|error| {
                        error.below(&path::of_key(reference::unescape_key(key)))
                    })?;
                    Ok((key.clone(), value))
                });
                fields.collect::<Result<Map<_, _>, _>>().map(Value::Object)
            }
        }
    }

    fn whole(&mut self, written: &Written, depth: usize) -> Result<Value, Fault> {
        match self.evaluate(written)? {
            Outcome::Reference(reference) => self.reference(reference),
            Outcome::Value(value) => self.owned(value, depth),
        }
    }

    fn evaluate<'v>(&mut self, written: &'v Written) -> Result<Outcome<'v>, Fault>
    where
        'c: 'v,
    {
        Evaluation { context: self.context, budget: &mut self.budget }.outcome(&written.expression)
    }

    fn reference(&mut self, reference: &Reference) -> Result<Value, Fault> {
        let value = reference.to_value();
        self.take(value.to_string().len())?;
        Ok(value)
    }

    /// Text with expressions in it: a text, unless a secret or token is part of it.
    fn text(&mut self, pieces: &[Piece]) -> Result<Value, RenderError> {
        let (mut parts, mut text) = (Vec::new(), String::new());
        for piece in pieces {
            match piece {
                Piece::Text(piece) => {
                    self.take(piece.len()).map_err(|fault| error("", &fault))?;
                    text.push_str(piece);
                }
                Piece::Expression(written) => {
                    let reference = self
                        .append(written, &mut text)
                        .map_err(|fault| error(&written.source, &fault))?;
                    if let Some(reference) = reference {
                        parts.push(Part::Text(std::mem::take(&mut text)));
                        parts.push(Part::Reference(reference));
                    }
                }
            }
        }
        if parts.is_empty() {
            return Ok(Value::String(text));
        }
        parts.push(Part::Text(text));
        parts.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
        Ok(reference::template_value(parts))
    }

    /// Adds the worth of an expression to `text`, or gives the reference that it is.
    fn append(&mut self, written: &Written, text: &mut String) -> Result<Option<Reference>, Fault> {
        match self.evaluate(written)? {
            Outcome::Reference(reference) => {
                self.reference(reference)?;
                Ok(Some(reference.clone()))
            }
            Outcome::Value(value) => {
                if value.is_array() || value.is_object() {
                    self.budget.spend_value(&value)?;
                }
                let before = text.len();
                text::append(text, &value);
                self.take(text.len() - before)?;
                Ok(None)
            }
        }
    }

    /// A copy of a part of the template, whose keys are escaped already.
    fn literal(&mut self, value: &Value, depth: usize) -> Result<Value, Fault> {
        let escapes_keys = std::mem::replace(&mut self.escapes_keys, false);
        let copy = self.copy(value, depth);
        self.escapes_keys = escapes_keys;
        copy
    }

    fn owned(&mut self, value: Cow<'_, Value>, depth: usize) -> Result<Value, Fault> {
        match value {
            Cow::Owned(Value::String(text)) => {
                self.take(text.len() + 2)?;
                Ok(Value::String(text))
            }
            value => self.copy(&value, depth),
        }
    }

    /// A copy of data, in which no key looks like a reference's.
    fn copy(&mut self, value: &Value, depth: usize) -> Result<Value, Fault> {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => {
                self.take(1)?;
                Ok(value.clone())
            }
            Value::String(text) => {
                self.take(text.len() + 2)?;
                Ok(Value::String(text.clone()))
            }
            Value::Array(_) | Value::Object(_) if depth >= RENDERED_DEPTH_MAX => {
                Err(format!("the value nests deeper than {RENDERED_DEPTH_MAX} levels").into())
            }
            Value::Array(items) => {
                self.take(2 + items.len())?;
                let items = items.iter().map(|item| self.copy(item, depth + 1));
                items.collect::<Result<_, _>>().map(Value::Array)
            }
            Value::Object(fields) => {
                self.take(2)?;
                let fields = fields.iter().map(|(key, field)| {
                    self.take(key.len() + 4)?;
                    let key = match self.escapes_keys {
                        true => reference::escape_key(key).into_owned(),
                        false => key.clone(),
                    };
                    Ok((key, self.copy(field, depth + 1)?))
                });
                fields.collect::<Result<Map<_, _>, Fault>>().map(Value::Object)
            }
        }
    }

    /// Takes from the bytes that the rendered value may have.
    fn take(&mut self, bytes: usize) -> Result<(), Fault> {
        self.bytes_left = self.bytes_left.checked_sub(bytes).ok_or_else(|| {
            Fault::from(format!("the value becomes larger than {RENDERED_BYTES_MAX} bytes"))
        })?;
        Ok(())
    }
}

/// An error whose message is a sentence.
fn error(source: &str, fault: &Fault) -> RenderError {
    let mut letters = fault.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let message = format!("{first}{}.", letters.as_str());
    RenderError { path: String::new(), expression: source.to_owned(), message }
}
