//! The kinds of steps, a file each. A kind says what stands in the document; what it does follows
//! from that: some are decided from the journal alone, the others are effects.

pub mod action;
pub mod conditional;
pub mod delay;
pub mod fan_out;
pub mod function;
pub mod integration_request;
pub mod request;
pub mod response;

use serde::{Deserialize, Serialize};

/// What a step does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum StepKind {
    /// One of the connector's actions.
    Action(action::Action),
    /// Any call to the connector's API.
    IntegrationRequest(integration_request::IntegrationRequest),
    /// Any call to somebody else.
    Request(request::Request),
    /// JavaScript.
    Function(function::Function),
    /// One of two ways.
    Conditional(conditional::Conditional),
    /// The same for every item of a list.
    FanOut(fan_out::FanOut),
    /// A pause.
    Delay(delay::Delay),
    /// The answer to the request that started it.
    Response(response::Response),
}

impl StepKind {
    /// Its name in the document.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Action(_) => "action",
            Self::IntegrationRequest(_) => "integration_request",
            Self::Request(_) => "request",
            Self::Function(_) => "function",
            Self::Conditional(_) => "conditional",
            Self::FanOut(_) => "fan_out",
            Self::Delay(_) => "delay",
            Self::Response(_) => "response",
        }
    }

    /// Whether performing it could be noticed by anybody. A function is performed by a process, but
    /// that reaches nothing: doing it once more is as good as having done it.
    pub const fn touches_outside(&self) -> bool {
        matches!(self, Self::Action(_) | Self::IntegrationRequest(_) | Self::Request(_))
    }
}
