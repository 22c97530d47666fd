//! The people of a project: the members of its teams, which any account may read that may read
//! projects.

use std::collections::BTreeMap;
use std::time::Duration;

use base::Result;

use super::super::api::{self, Place};
use crate::action::Inputs;
use crate::context::{ActionContext, Call, encode};
use crate::descriptor::Choice;
use crate::source::{Loaded, Source};

/// The most teams whose members are read.
const TEAMS_MAX: usize = 50;
/// The most members of a team that are read.
const MEMBERS_MAX: usize = 500;

/// The source.
pub fn source() -> Source {
    Source {
        key: "people",
        title: "People",
        needs: &[],
        uses: &["organization", "project"],
        life: Duration::from_secs(600),
        load: |context, inputs| Box::pin(load(context, inputs)),
    }
}

async fn load(context: &ActionContext, inputs: &Inputs) -> Result<Loaded> {
    let place = Place::of(inputs);
    let path = match place.project {
        Some(project) => format!("/_apis/projects/{}/teams", encode(project)),
        None => "/_apis/teams".to_owned(),
    };
    let version = if place.project.is_some() { api::VERSION } else { "7.1-preview.3" };
    let call = Call::get(path).query("$top", &TEAMS_MAX.to_string());
    let teams = api::ask_version(context, place, call, version).await?;
    let mut people: BTreeMap<String, Choice> = BTreeMap::new();
    for team in api::list(&teams) {
        let (Some(project), Some(id)) = (team["projectId"].as_str(), team["id"].as_str()) else {
            continue;
        };
        let path = format!("/_apis/projects/{project}/teams/{id}/members");
        let call = Call::get(path).query("$top", &MEMBERS_MAX.to_string());
        let members = api::ask(context, place, call).await?;
        for member in api::list(&members) {
            let person = &member["identity"];
            if let (Some(name), Some(address), false) = (
                person["displayName"].as_str(),
                person["uniqueName"].as_str(),
                person["isContainer"] == true,
            ) {
                let choice = Choice::new(address, name).subtitle(address);
                people.insert(format!("{} {address}", name.to_lowercase()), choice);
            }
        }
    }
    Ok(Loaded::Options(people.into_values().collect()))
}
