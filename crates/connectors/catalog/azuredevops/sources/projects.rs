//! The projects of the organization.

use std::time::Duration;

use base::Result;

use super::super::api::{self, Place};
use crate::action::Inputs;
use crate::context::{ActionContext, Call};
use crate::descriptor::Choice;
use crate::source::{Loaded, Source};

/// How many projects one call lists.
const PAGE: usize = 500;
/// The most calls.
const CALLS_MAX: usize = 20;

/// The source.
pub fn source() -> Source {
    Source {
        key: "projects",
        title: "Projects",
        needs: &[],
        uses: &["organization"],
        life: Duration::from_secs(300),
        load: |context, inputs| Box::pin(load(context, inputs)),
    }
}

async fn load(context: &ActionContext, inputs: &Inputs) -> Result<Loaded> {
    let place = Place::of(inputs);
    let mut projects: Vec<Choice> = Vec::new();
    for number in 0..CALLS_MAX {
        let call = Call::get("/_apis/projects")
            .query("$top", &PAGE.to_string())
            .query("$skip", &(number * PAGE).to_string());
        let answer = api::ask(context, place, call).await?;
        let found = api::list(&answer);
        let named = found.iter().filter_map(|project| project["name"].as_str());
        projects.extend(named.map(|name| Choice::new(name, name)));
        if found.len() < PAGE {
            break;
        }
    }
    projects.sort_by_key(|project| project.label.to_lowercase());
    Ok(Loaded::Options(projects))
}
