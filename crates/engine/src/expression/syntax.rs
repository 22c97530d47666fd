//! What an expression is, once its names are known.

use serde_json::Value;

use super::context::Root;
use super::filters::Filter;
use super::reference::Reference;

/// An expression or a part of one.
#[derive(Clone, Debug)]
pub(super) enum Expression {
    /// A text, number, boolean or null.
    Literal(Value),
    /// `[a, b]`.
    List(Vec<Self>),
    /// `steps.KEY.output`.
    Step(String),
    /// Any other root.
    Root(Root<'static>),
    /// A secret or token.
    Reference(Reference),
    /// Something inside something.
    Path(Box<Self>, Vec<Segment>),
    /// `input | filter(arguments)`.
    Filtered { input: Box<Self>, filter: &'static Filter, arguments: Vec<Self> },
    /// `not a`.
    Not(Box<Self>),
    /// `-a`.
    Negated(Box<Self>),
    /// `a + b` and the like.
    Binary(Binary, Box<Self>, Box<Self>),
    /// `then if condition else otherwise`.
    Choice { condition: Box<Self>, then: Box<Self>, otherwise: Box<Self> },
}

/// One step of a path.
#[derive(Clone, Debug)]
pub(super) enum Segment {
    /// `.key` or `["key"]`.
    Key(String),
    /// `[0]`; from the end when negative.
    Index(i64),
    /// `[expression]`.
    Computed(Expression),
}

/// What stands between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Or,
    And,
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
    In,
    NotIn,
    Join,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Binary {
    /// As it is written.
    pub(super) const fn symbol(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
            Self::In => "in",
            Self::NotIn => "not in",
            Self::Join => "~",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }

    /// How tightly it binds: more is tighter.
    pub(super) const fn power(self) -> u8 {
        match self {
            Self::Or => 2,
            Self::And => 3,
            Self::Equal
            | Self::Unequal
            | Self::Less
            | Self::AtMost
            | Self::Greater
            | Self::AtLeast
            | Self::In
            | Self::NotIn => 5,
            Self::Join => 6,
            Self::Add | Self::Subtract => 7,
            Self::Multiply | Self::Divide | Self::Remainder => 8,
        }
    }
}

impl Expression {
    /// Why a secret or token in this expression cannot stay a reference: something reads it.
    pub(super) fn misuse_of_reference(&self) -> Option<String> {
        match self {
            Self::Reference(_) => None,
            Self::Choice { condition, then, otherwise } => {
                let read = condition.reference().map(opaque);
                let then = || then.misuse_of_reference();
                read.or_else(then).or_else(|| otherwise.misuse_of_reference())
            }
            Self::Filtered { input, filter, .. } => match &**input {
                Self::Reference(reference) => Some(format!(
                    "The filter \"{}\" cannot be applied to {}, whose value is known only when \
                     the request leaves.",
                    filter.name,
                    reference.written()
                )),
                _ => self.reference().map(opaque),
            },
            _ => self.reference().map(opaque),
        }
    }

    /// The first secret or token anywhere in it.
    fn reference(&self) -> Option<&Reference> {
        match self {
            Self::Reference(reference) => Some(reference),
            Self::Literal(_) | Self::Step(_) | Self::Root(_) => None,
            Self::List(items) => items.iter().find_map(Self::reference),
            Self::Path(base, segments) => base.reference().or_else(|| {
                segments.iter().find_map(|segment| match segment {
                    Segment::Computed(expression) => expression.reference(),
                    Segment::Key(_) | Segment::Index(_) => None,
                })
            }),
            Self::Filtered { input, arguments, .. } => {
                input.reference().or_else(|| arguments.iter().find_map(Self::reference))
            }
            Self::Not(inner) | Self::Negated(inner) => inner.reference(),
            Self::Binary(_, left, right) => left.reference().or_else(|| right.reference()),
            Self::Choice { condition, then, otherwise } => [condition, then, otherwise]
                .into_iter()
                .find_map(|expression| expression.reference()),
        }
    }
}

fn opaque(reference: &Reference) -> String {
    let written = reference.written();
    format!(
        "The value of {written} is known only when the request leaves, so nothing can be made of \
         it here. Write it alone or with text around it, as in `Bearer {{{{ {written} }}}}`."
    )
}
