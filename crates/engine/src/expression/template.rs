//! JSON values whose texts hold expressions: compiled once, rendered often.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value;

use super::TEMPLATE_DEPTH_MAX;
use super::bind::Binder;
use super::context::Context;
use super::parser;
use super::path;
use super::reference::escape_key;
use super::render;
use super::render_error::RenderError;
use super::scope::{Place, Scope};
use super::syntax::Expression;
use crate::definition::Problem;

/// How much of an expression an error repeats, in characters.
const SHOWN_CHARS_MAX: usize = 80;

/// A compiled template.
#[derive(Clone, Debug)]
pub struct Template {
    root: Node,
    place: Place,
    references: References,
}

/// What a template's expressions name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct References {
    /// Keys of steps.
    pub steps: BTreeSet<String>,
    /// User settings.
    pub settings: BTreeSet<String>,
    /// Environment secrets.
    pub secrets: BTreeSet<String>,
    /// Whether the account's access token is among them.
    pub token: bool,
}

impl References {
    /// Adds what another template names.
    pub fn merge(&mut self, other: Self) {
        self.steps.extend(other.steps);
        self.settings.extend(other.settings);
        self.secrets.extend(other.secrets);
        self.token |= other.token;
    }
}

/// A part of a template.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// No expression in it. Its keys are escaped already where the place asks for it.
    Literal(Value),
    /// A text that is one expression and nothing else: it keeps its type.
    Whole(Written),
    /// Text with expressions in it.
    Text(Vec<Piece>),
    List(Vec<Self>),
    /// Keys are escaped already.
    Object(Vec<(String, Self)>),
}

/// A piece of a text.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    Text(String),
    Expression(Written),
}

/// An expression and how it was written.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) source: String,
    pub(super) expression: Expression,
}

impl Template {
    /// Compiles any JSON value for a place, where the roots of `scope` exist.
    ///
    /// # Errors
    /// Every fault with its path inside the value.
    pub fn compile(value: &Value, scope: &Scope, place: Place) -> Result<Self, Vec<Problem>> {
        Self::compile_at("", value, scope, place)
    }

    /// Compiles a value that stands at `path` in something larger, which faults are told by.
    ///
    /// # Errors
    /// Every fault with its path inside the whole.
    pub fn compile_at(
        path: &str,
        value: &Value,
        scope: &Scope,
        place: Place,
    ) -> Result<Self, Vec<Problem>> {
        let mut compiler =
            Compiler { binder: Binder::new(scope, place), place, path, problems: Vec::new() };
        let root = compiler.node(value, &mut Vec::new());
        if !compiler.problems.is_empty() {
            return Err(compiler.problems);
        }
        Ok(Self { root, place, references: compiler.binder.references })
    }

    /// What the expressions name.
    pub fn references(&self) -> &References {
        &self.references
    }

    /// Whether there is no expression in it.
    pub fn is_literal(&self) -> bool {
        matches!(self.root, Node::Literal(_))
    }

    /// The value, with what `context` knows put in.
    ///
    /// One made for [`Place::Request`] holds secrets and tokens as
    /// [references](super::reference), and its other keys escaped accordingly.
    ///
    /// # Errors
    /// The first expression that has no value, or the limit that was met.
    pub fn render(&self, context: &Context<'_, '_>) -> Result<Value, RenderError> {
        render::render(&self.root, self.place, context)
    }

    /// The value without a copy of what an expression alone merely names, and then without a bound
    /// on its size: for looking at a value, or walking over a list.
    ///
    /// # Errors
    /// As for [`Template::render`].
    pub fn evaluate<'v, 'c: 'v>(
        &'v self,
        context: &Context<'_, 'c>,
    ) -> Result<Cow<'v, Value>, RenderError> {
        match &self.root {
            Node::Literal(value) => Ok(Cow::Borrowed(value)),
            Node::Whole(written) if self.place != Place::Request => render::look(written, context),
            _ => self.render(context).map(Cow::Owned),
        }
    }
}

struct Compiler<'x> {
    binder: Binder<'x>,
    place: Place,
    path: &'x str,
    problems: Vec<Problem>,
}

impl Compiler<'_> {
    /// Compiles `value`, which lies below the keys of `path`.
    fn node(&mut self, value: &Value, path: &mut Vec<String>) -> Node {
        if path.len() > TEMPLATE_DEPTH_MAX {
            self.problem(path, format!("This nests deeper than {TEMPLATE_DEPTH_MAX} levels."));
            return Node::Literal(Value::Null);
        }
        match value {
            Value::String(text) => self.text(text, path),
            Value::Array(items) => {
                let items = items.iter().enumerate().map(|(position, item)| {
                    path.push(path::of_position(position));
                    let node = self.node(item, path);
                    path.pop();
                    node
                });
                let nodes: Vec<_> = items.collect();
                literal_list(nodes)
            }
            Value::Object(fields) => {
                let fields = fields.iter().map(|(key, field)| {
                    path.push(path::of_key(key));
                    if key.contains("{{") {
                        let message = "A key cannot hold an expression; only values can.";
                        self.problem(path, message.to_owned());
                    }
                    let node = self.node(field, path);
                    path.pop();
                    (self.key(key), node)
                });
                let nodes: Vec<_> = fields.collect();
                literal_object(nodes)
            }
            other => Node::Literal(other.clone()),
        }
    }

    fn key(&self, key: &str) -> String {
        match self.place {
            Place::Request => escape_key(key).into_owned(),
            _ => key.to_owned(),
        }
    }

    fn text(&mut self, text: &str, path: &[String]) -> Node {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            let end = match parser::parse(after, &mut self.binder) {
                Ok((expression, end)) => {
                    let source = shown(&after[..end]);
                    let misuse = expression.misuse_of_reference();
                    self.binder.faults.extend(misuse);
                    let faults = std::mem::take(&mut self.binder.faults);
                    faults.into_iter().for_each(|fault| self.problem_in(path, &source, &fault));
                    pieces.push(Piece::Expression(Written { source, expression }));
                    end
                }
                Err((fault, stopped)) => {
                    let closing = after[stopped..].find("}}").map(|close| stopped + close + 2);
                    let end = closing.unwrap_or(after.len());
                    let faults = std::mem::take(&mut self.binder.faults);
                    let source = shown(&after[..end]);
                    let faults = faults.into_iter().chain([fault]);
                    faults.for_each(|fault| self.problem_in(path, &source, &fault));
                    end
                }
            };
            rest = &after[end..];
        }
        if pieces.is_empty() {
            return Node::Literal(Value::String(text.to_owned()));
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        match <[Piece; 1]>::try_from(pieces) {
            Ok([Piece::Expression(written)]) => Node::Whole(written),
            Ok(piece) => Node::Text(piece.into()),
            Err(pieces) => Node::Text(pieces),
        }
    }

    fn problem(&mut self, path: &[String], message: String) {
        let path = path.iter().fold(self.path.to_owned(), |path, step| path::join(&path, step));
        self.problems.push(Problem::new(path, message));
    }

    fn problem_in(&mut self, path: &[String], source: &str, fault: &str) {
        self.problem(path, format!("In `{{{{ {source} }}}}`: {fault}"));
    }
}

/// A list whose items hold no expression holds none.
fn literal_list(nodes: Vec<Node>) -> Node {
    if nodes.iter().all(|node| matches!(node, Node::Literal(_))) {
        let values = nodes.into_iter().filter_map(|node| match node {
            Node::Literal(value) => Some(value),
            _ => None,
        });
        return Node::Literal(values.collect());
    }
    Node::List(nodes)
}

fn literal_object(nodes: Vec<(String, Node)>) -> Node {
    if nodes.iter().all(|(_, node)| matches!(node, Node::Literal(_))) {
        let fields = nodes.into_iter().filter_map(|(key, node)| match node {
            Node::Literal(value) => Some((key, value)),
            _ => None,
        });
        return Node::Literal(Value::Object(fields.collect()));
    }
    Node::Object(nodes)
}

/// An expression as errors repeat it.
fn shown(source: &str) -> String {
    let source = source.strip_suffix("}}").unwrap_or(source).trim();
    let mut shown: String = source.chars().take(SHOWN_CHARS_MAX).collect();
    if shown.len() < source.len() {
        shown.push('…');
    }
    shown
}
