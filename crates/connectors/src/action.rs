//! One typed operation of a connector: what it asks for, what it answers, whether it may be done
//! twice, and the function that does it.

mod page;

use std::future::Future;
use std::pin::Pin;

use base::{Error, Result};
use serde_json::{Map, Value, json};

use crate::context::ActionContext;
use crate::descriptor::{self, Field};

/// Inputs as an action reads them: checked, each of its own type.
pub type Inputs = Map<String, Value>;

/// What an action's functions answer.
pub type Answering<'c, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'c>>;

/// Does what the action is for.
pub type Run = for<'c> fn(&'c ActionContext, &'c Inputs) -> Answering<'c, Value>;

/// Looks for what an earlier try of the same effect has done, and answers what that try would have
/// answered.
pub type FindMark = for<'c> fn(&'c ActionContext, &'c Inputs) -> Answering<'c, Option<Value>>;

/// An operation.
#[derive(Clone, Debug)]
pub struct Action {
    /// Its name in workflows.
    pub key: &'static str,
    /// Its name for agents.
    pub tool_name: &'static str,
    /// What people read.
    pub title: &'static str,
    /// What it does, in sentences.
    pub description: &'static str,
    /// What it does to the provider's data.
    pub access: Access,
    /// What it asks for.
    pub inputs: Vec<Field>,
    /// An example of what it answers.
    pub output_sample: Value,
    /// Whether it may be done again after an unknown outcome.
    pub repeat: Repeat,
    /// How its answer leads to more, if it does.
    pub pages: Option<Pages>,
    /// What does it.
    pub run: Run,
}

/// What an operation does to the provider's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    Read,
    /// Adds or changes.
    Write,
    /// Takes away.
    Delete,
}

/// Whether an operation may be done again when it is not known how a try ended.
#[derive(Clone, Copy, Debug)]
pub enum Repeat {
    /// Twice has the effect of once.
    Safe,
    /// After this has looked for what the earlier try did, and found nothing.
    Checked(FindMark),
    /// It may take effect more than once.
    MayRepeat,
}

/// Where an operation that answers page by page has its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pages {
    /// The input that takes the cursor of the wanted page.
    pub cursor: &'static str,
    /// The member of the answer with the list.
    pub items: &'static str,
    /// The member of the answer with the cursor of the next page; null after the last.
    pub next: &'static str,
}

impl Repeat {
    /// Its name in the documentation and the API.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Checked(_) => "checked",
            Self::MayRepeat => "may_repeat",
        }
    }
}

impl Access {
    /// Its name in the documentation and the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Delete => "delete",
        }
    }
}

impl Action {
    /// Checks the inputs and does it.
    ///
    /// # Errors
    /// `invalid_inputs` with every fault in `meta.problems`; else what the provider refused, or
    /// why it could not be asked.
    pub async fn perform(&self, context: &ActionContext, inputs: &Value) -> Result<Value> {
        let inputs = self.read(inputs)?;
        (self.run)(context, &inputs).await
    }

    /// After an unknown outcome: what the earlier try has done, if that can be told. None means
    /// that the effect may be tried again.
    ///
    /// # Errors
    /// As [`Self::perform`].
    pub async fn find_mark(
        &self,
        context: &ActionContext,
        inputs: &Value,
    ) -> Result<Option<Value>> {
        let Repeat::Checked(find) = self.repeat else { return Ok(None) };
        let inputs = self.read(inputs)?;
        find(context, &inputs).await
    }

    /// As a function that agents can call.
    pub fn tool(&self) -> Value {
        json!({
            "type": "function",
            "function": {
                "name": self.tool_name,
                "description": self.description,
                "parameters": descriptor::json_schema(&self.inputs),
            },
        })
    }

    /// Its inputs as controls of a form.
    pub fn form(&self) -> Value {
        json!({
            "name": self.tool_name,
            "title": self.title,
            "inputs": descriptor::form(&self.inputs),
            "output": self.output_sample,
        })
    }

    fn read(&self, inputs: &Value) -> Result<Inputs> {
        descriptor::normalize(&self.inputs, inputs).map_err(|problems| {
            let one = |problem: &descriptor::Problem| match problem.path.strip_prefix('/') {
                Some(path) => format!("{path}: {}", problem.message),
                None => problem.message.clone(),
            };
            let lines: Vec<String> = problems.iter().map(one).collect();
            let message =
                format!("{} cannot be done with these inputs: {}.", self.title, lines.join("; "));
            let list: Vec<Value> = problems
                .iter()
                .map(|problem| json!({ "path": problem.path, "message": problem.message }))
                .collect();
            Error::invalid("invalid_inputs", message).with_meta(json!({ "problems": list }))
        })
    }
}
