//! The tags that the items of a project carry.

use std::time::Duration;

use base::Result;
use serde_json::Value;

use super::super::api::{self, Place};
use crate::action::Inputs;
use crate::context::{ActionContext, Call};
use crate::descriptor::Choice;
use crate::source::{Loaded, Source};

/// The source.
pub fn source() -> Source {
    Source {
        key: "tags",
        title: "Tags",
        needs: &["project"],
        uses: &["organization"],
        life: Duration::from_secs(300),
        load: |context, inputs| Box::pin(load(context, inputs)),
    }
}

async fn load(context: &ActionContext, inputs: &Inputs) -> Result<Loaded> {
    let place = Place::of(inputs);
    let tags = api::ask(context, place, Call::get(place.path("wit/tags"))).await?;
    let names = api::list(&tags).iter().filter_map(|tag: &Value| tag["name"].as_str());
    Ok(Loaded::Options(names.map(|name| Choice::new(name, name)).collect()))
}
