//! The work item types of a project, without those that the service hides.

use std::time::Duration;

use base::Result;
use serde_json::Value;

use super::super::api::{self, Place};
use crate::action::Inputs;
use crate::context::{ActionContext, Call};
use crate::descriptor::Choice;
use crate::source::{Loaded, Source};

/// The category of types that people do not make by themselves.
const HIDDEN: &str = "Microsoft.HiddenCategory";

/// The source.
pub fn source() -> Source {
    Source {
        key: "work_item_types",
        title: "Work item types",
        needs: &["project"],
        uses: &["organization"],
        life: Duration::from_secs(3_600),
        load: |context, inputs| Box::pin(load(context, inputs)),
    }
}

async fn load(context: &ActionContext, inputs: &Inputs) -> Result<Loaded> {
    let place = Place::of(inputs);
    let types = api::ask(context, place, Call::get(place.path("wit/workitemtypes"))).await?;
    let path = place.path("wit/workitemtypecategories");
    let categories = api::ask(context, place, Call::get(path)).await?;
    let hidden = api::list(&categories).iter().find(|one| one["referenceName"] == HIDDEN);
    let is_hidden = |name: &str| {
        let types = hidden.and_then(|category| category["workItemTypes"].as_array());
        types.is_some_and(|types| types.iter().any(|one| one["name"] == name))
    };
    let shown = |one: &Value| {
        let name = one["name"].as_str()?;
        let usable = one["isDisabled"] != true && !is_hidden(name);
        usable.then(|| Choice::new(name, name))
    };
    Ok(Loaded::Options(api::list(&types).iter().filter_map(shown).collect()))
}
