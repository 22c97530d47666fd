//! The organizations every sandbox starts with: projects of every process, with half a year of
//! work in them.

mod history;
mod outline;
mod queries;

use std::collections::BTreeMap;
use std::time::Duration;

use base::{Random, Timestamp};
use uuid::Uuid;

use self::outline::{OUTLINES, Outline};
use super::hooks::state::Hooks;
use super::state::{Node, Organization, Project, Team, derived_id};
use crate::directory::Directory;

/// The seed of everything random in the sample data.
const SEED: u64 = 2024;
const DAY: Duration = Duration::from_secs(86_400);
/// How long a sprint is, and how many there are; the last but one is the current one.
const SPRINT: Duration = Duration::from_secs(14 * 86_400);
const SPRINTS: u32 = 6;

/// Every organization, as it was just before `now`.
pub fn organizations(directory: &Directory, now: Timestamp) -> Vec<Organization> {
    let now = Timestamp::from_secs(now.as_secs());
    let random = Random::seeded(SEED);
    directory
        .organizations
        .iter()
        .map(|one| {
            let outlines: Vec<&Outline> =
                OUTLINES.iter().filter(|outline| outline.organization == one.name).collect();
            let people: Vec<Uuid> = directory
                .people
                .iter()
                .filter(|person| person.may_use(&one.name))
                .map(|person| person.object_id)
                .collect();
            let mut organization = Organization {
                name: one.name.clone(),
                id: one.id,
                tenant: one.tenant_id,
                projects: Vec::new(),
                items: BTreeMap::new(),
                attachments: BTreeMap::new(),
                last_item: 0,
                last_resource_link: 0,
                watermark: 0,
                last_comment: 0,
                hooks: Hooks::default(),
                happenings: Vec::new(),
            };
            let mut numbers = 0..;
            for outline in &outlines {
                let project = project(&one.name, outline, &people, &mut numbers, now);
                organization.projects.push(project);
            }
            history::write(&mut organization, &outlines, &people, &random, now);
            organization.happenings.clear();
            organization
        })
        .collect()
}

fn project(
    organization: &str,
    outline: &Outline,
    people: &[Uuid],
    numbers: &mut impl Iterator<Item = u32>,
    now: Timestamp,
) -> Project {
    let name = outline.project;
    let key = format!("{organization} {name}");
    let mut node = |kind: &str, name: &str, dates, children| Node {
        id: numbers.next().unwrap_or_default() + 1,
        identifier: derived_id(&format!("{kind} {key} {name}")),
        name: name.to_owned(),
        dates,
        children,
    };
    let areas = outline.areas.iter().map(|area| node("area", area, None, Vec::new())).collect();
    let mut areas = node("area", name, None, areas);
    // Days begin at midnight.
    let today = Timestamp::from_secs(now.as_secs() - now.as_secs().rem_euclid(86_400));
    let first = today - SPRINT * (SPRINTS - 2) - DAY * 5;
    let sprints = (0..SPRINTS).map(|index| {
        let start = first + SPRINT * index;
        let dates = Some((start, start + SPRINT - DAY));
        node("iteration", &format!("Sprint {}", index + 1), dates, Vec::new())
    });
    let sprints = sprints.collect();
    let iterations = node("iteration", name, None, sprints);
    // One area has another below it; it comes last, so that the numbers of the rest stay.
    if let Some(first) = areas.children.first_mut() {
        first.children.push(node("area", "Accessibility", None, Vec::new()));
    }
    let team = |team: String, description: &str| Team {
        id: derived_id(&format!("team {key} {team}")),
        name: team,
        description: description.to_owned(),
        // The last to join the company looks after the rest.
        members: people.to_vec(),
        administrators: 1,
    };
    Project {
        id: derived_id(&format!("project {key}")),
        name: name.to_owned(),
        description: outline.description.to_owned(),
        process: outline.process.to_owned(),
        revision: 11,
        updated: now - DAY * 30,
        teams: vec![
            team(format!("{name} Team"), "The default project team."),
            team(outline.second_team.to_owned(), "Looks after what is live."),
        ],
        areas,
        iterations,
        shared_queries: queries::shared(&key, people, now - DAY * 60),
        own_queries: BTreeMap::new(),
    }
}
