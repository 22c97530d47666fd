//! What an expression may name, depending on where it stands.

use std::collections::BTreeSet;

/// Which roots exist for a template. The default knows none but settings and secrets of any name.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Keys of the steps that always ran before this one.
    pub steps: BTreeSet<String>,
    /// User settings.
    pub settings: Names,
    /// Environment secrets.
    pub secrets: Names,
    /// Whether there is a trigger's output: not in the trigger's own fields.
    pub trigger: bool,
    /// Whether there is a connected user.
    pub user: bool,
    /// Whether there is a connected account.
    pub account: bool,
    /// Whether this is inside a fan out, which gives `item` and `index`.
    pub fan_out: bool,
    /// Whether this is a pagination field, which gives `self`.
    pub pagination: bool,
}

/// Which names a root has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Names {
    /// Any: what does not exist is null, or refused when the step runs.
    #[default]
    Any,
    /// These alone.
    Known(BTreeSet<String>),
}

/// What a template's value is for. Secrets and tokens may stand in requests alone, because there
/// they can stay references until the request leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Address, header, query, body or authorization of a request.
    Request,
    /// Inputs of an integration's action.
    Action,
    /// Parameters of a function.
    Function,
    /// Operands of a condition.
    Condition,
    /// Anything else: a fan out's list, a delay, a response.
    Output,
}

impl Place {
    /// For sentences: "a secret cannot be used in …".
    pub(super) const fn phrase(self) -> &'static str {
        match self {
            Self::Request => "a request",
            Self::Action => "the inputs of an action",
            Self::Function => "the parameters of a function",
            Self::Condition => "a condition",
            Self::Output => "this field",
        }
    }
}
