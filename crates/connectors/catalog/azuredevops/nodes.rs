//! The trees of areas and iterations.

use base::Result;
use serde_json::Value;

use super::api::{self, Place};
use crate::action::Inputs;
use crate::context::{ActionContext, Call};
use crate::descriptor::Choice;
use crate::source::{Loaded, RECORDS_MAX};

/// How many levels are read; the service has no more.
const DEPTH_MAX: usize = 14;

/// Every node of a tree, `areas` or `iterations`, by the path that fields hold.
pub async fn load(context: &ActionContext, inputs: &Inputs, tree: &str) -> Result<Loaded> {
    let place = Place::of(inputs);
    let path = place.path(&format!("wit/classificationnodes/{tree}"));
    let call = Call::get(path).query("$depth", &DEPTH_MAX.to_string());
    let root = api::ask(context, place, call).await?;
    let mut paths = Vec::new();
    gather(&root, "", 0, &mut paths);
    Ok(Loaded::Options(paths))
}

/// The service's own paths have a level more than those of fields, so they are put together anew.
fn gather(node: &Value, above: &str, depth: usize, paths: &mut Vec<Choice>) {
    let Some(name) = node["name"].as_str().filter(|_| paths.len() < RECORDS_MAX) else { return };
    let path = if above.is_empty() { name.to_owned() } else { format!("{above}\\{name}") };
    let dates = ["startDate", "finishDate"].map(|date| node["attributes"][date].as_str());
    let mut choice = Choice::new(path.clone(), path.clone());
    if let [Some(start), Some(finish)] = dates {
        let day = |moment: &str| moment.get(..10).unwrap_or(moment).to_owned();
        choice = choice.subtitle(format!("{} to {}", day(start), day(finish)));
    }
    paths.push(choice);
    if depth < DEPTH_MAX {
        for child in node["children"].as_array().into_iter().flatten() {
            gather(child, &path, depth + 1, paths);
        }
    }
}
