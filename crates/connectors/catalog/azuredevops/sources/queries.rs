//! The saved queries of a project, those of the account and those that are shared.

use std::time::Duration;

use base::Result;
use serde_json::Value;

use super::super::api::{self, Place};
use crate::action::Inputs;
use crate::context::{ActionContext, Call};
use crate::descriptor::Choice;
use crate::source::{Loaded, Source};

/// The most folders that are opened.
const FOLDERS_MAX: usize = 50;

/// The source.
pub fn source() -> Source {
    Source {
        key: "queries",
        title: "Saved queries",
        needs: &["project"],
        uses: &["organization"],
        life: Duration::from_secs(300),
        load: |context, inputs| Box::pin(load(context, inputs)),
    }
}

async fn load(context: &ActionContext, inputs: &Inputs) -> Result<Loaded> {
    let place = Place::of(inputs);
    let mut found: Vec<Choice> = Vec::new();
    // One answer shows two levels; folders deeper than that are opened one by one.
    let mut closed = vec![String::new()];
    for _ in 0..FOLDERS_MAX {
        let Some(folder) = closed.pop() else { break };
        let path = place.path(&format!("wit/queries{folder}"));
        let answer = api::ask(context, place, Call::get(path).query("$depth", "2")).await?;
        match answer["value"].as_array() {
            Some(folders) => folders.iter().for_each(|one| gather(one, &mut found, &mut closed)),
            None => gather(&answer, &mut found, &mut closed),
        }
    }
    found.sort_by_key(|query| query.subtitle.clone());
    Ok(Loaded::Options(found))
}

/// Takes the queries of a folder, and notes the folders whose content is not shown.
fn gather(node: &Value, found: &mut Vec<Choice>, closed: &mut Vec<String>) {
    let text = |name: &str| node[name].as_str().unwrap_or_default();
    if node["isFolder"] != true {
        found.push(Choice::new(text("id"), text("name")).subtitle(text("path")));
        return;
    }
    match node["children"].as_array() {
        Some(children) => children.iter().for_each(|child| gather(child, found, closed)),
        None if node["hasChildren"] == true => closed.push(format!("/{}", text("id"))),
        None => {}
    }
}
