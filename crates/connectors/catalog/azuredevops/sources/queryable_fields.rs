//! The fields by which work items can be searched and ordered.

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
        key: "queryable_fields",
        title: "Fields",
        needs: &[],
        uses: &["organization", "project"],
        life: Duration::from_secs(24 * 3_600),
        load: |context, inputs| Box::pin(load(context, inputs)),
    }
}

async fn load(context: &ActionContext, inputs: &Inputs) -> Result<Loaded> {
    let place = Place::of(inputs);
    let fields = api::ask(context, place, Call::get(place.path("wit/fields"))).await?;
    let shown = |field: &Value| {
        let (name, reference) = (field["name"].as_str()?, field["referenceName"].as_str()?);
        let usable = field["isQueryable"] != false;
        usable.then(|| Choice::new(reference, name).subtitle(reference))
    };
    let mut fields: Vec<Choice> = api::list(&fields).iter().filter_map(shown).collect();
    fields.sort_by_key(|field| field.label.to_lowercase());
    Ok(Loaded::Options(fields))
}
