//! The states of a work item type, with what each means.

use std::time::Duration;

use base::Result;
use serde_json::Value;

use super::super::api::{self, Place};
use crate::action::Inputs;
use crate::context::{ActionContext, Call, encode};
use crate::descriptor::Choice;
use crate::input;
use crate::source::{Loaded, Source};

/// The source.
pub fn source() -> Source {
    Source {
        key: "states",
        title: "States",
        needs: &["project", "type"],
        uses: &["organization"],
        life: Duration::from_secs(3_600),
        load: |context, inputs| Box::pin(load(context, inputs)),
    }
}

async fn load(context: &ActionContext, inputs: &Inputs) -> Result<Loaded> {
    let place = Place::of(inputs);
    let kind = input::text(inputs, "type").unwrap_or_default();
    let path = place.path(&format!("wit/workitemtypes/{}/states", encode(kind)));
    let states = api::ask(context, place, Call::get(path)).await?;
    let shown = |state: &Value| {
        let name = state["name"].as_str()?;
        Some(Choice::new(name, name).subtitle(state["category"].as_str().unwrap_or_default()))
    };
    Ok(Loaded::Options(api::list(&states).iter().filter_map(shown).collect()))
}
