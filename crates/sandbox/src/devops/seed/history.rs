//! Half a year of work: items are created, assigned, moved from state to state and talked about,
//! in the order in which it happened.

use std::time::Duration;

use base::{Random, Timestamp};
use serde_json::json;
use uuid::Uuid;

use super::outline::{COMMENTS, Outline, TAGS, TASKS};
use super::{DAY, SPRINTS};
use crate::devops::catalog::fields::{self, Kind};
use crate::devops::catalog::{ItemType, StateCategory};
use crate::devops::state::{Fields, Organization, Project, Relation, Target, text};
use crate::devops::work_items::commit::{self, Plan, Writer};
use crate::devops::work_items::relation_types::PARENT;
use crate::devops::work_items::{links, state_change};

/// How long ago the first item was made, and the last.
const FIRST: Duration = Duration::from_secs(180 * 86_400);
const LAST: Duration = Duration::from_secs(4 * 86_400);

/// An item to be.
struct Idea {
    project: usize,
    item_type: &'static ItemType,
    title: String,
    /// The place of its parent in the list.
    parent: Option<usize>,
}

/// Something that happens to an item.
enum Event {
    Created,
    Moved(&'static str),
    Said(&'static str),
}

/// Writes the history of an organization.
pub fn write(
    organization: &mut Organization,
    outlines: &[&Outline],
    people: &[Uuid],
    random: &Random,
    now: Timestamp,
) {
    let ideas = ideas(&organization.projects, outlines);
    let mut events = Vec::new();
    let step = (FIRST - LAST).as_secs() / ideas.len().max(1) as u64;
    for (index, idea) in ideas.iter().enumerate() {
        let born = now - FIRST + Duration::from_secs(step * index as u64);
        events.push((born, index, Event::Created));
        events.extend(life(idea, random, born, now).map(|(at, event)| (at, index, event)));
    }
    events.sort_by_key(|(at, ..)| *at);

    let mut numbers = vec![0; ideas.len()];
    for (at, index, event) in events {
        let account = pick(random, people);
        let writer = Writer { account, now: at };
        let idea = &ideas[index];
        let plan = match event {
            Event::Created => {
                let parent = idea.parent.map(|parent| numbers[parent]);
                create(&organization.projects[idea.project], idea, parent, people, random, writer)
            }
            Event::Moved(state) => move_to(organization, numbers[index], idea, state, writer),
            Event::Said(words) => say(organization, numbers[index], words),
        };
        // The sample data breaks no limit; the tests count what is there.
        if let Ok(id) = commit::commit(organization, plan, writer) {
            numbers[index] = id;
        }
    }
}

/// Everything to be made, parents before their children.
fn ideas(projects: &[Project], outlines: &[&Outline]) -> Vec<Idea> {
    let mut ideas: Vec<Idea> = Vec::new();
    for (project, outline) in outlines.iter().enumerate() {
        let process = projects[project].process();
        let mut add = |level: &str, title: String, parent: Option<usize>| {
            let item_type = process.item_type(level)?;
            ideas.push(Idea { project, item_type, title, parent });
            Some(ideas.len() - 1)
        };
        let leaves = outline.levels.len();
        for (epic, features) in outline.epics {
            let epic = add(outline.levels[0], (*epic).to_owned(), None);
            for (feature, stories) in *features {
                let above = if feature.is_empty() {
                    epic
                } else {
                    add(outline.levels[1], (*feature).to_owned(), epic)
                };
                for (index, story) in stories.iter().enumerate() {
                    let parent = add(outline.levels[leaves - 2], (*story).to_owned(), above);
                    for task in 0..2 {
                        let verb = TASKS[(index + task) % TASKS.len()];
                        add(outline.levels[leaves - 1], format!("{verb}: {story}"), parent);
                    }
                }
            }
        }
        for bug in outline.bugs {
            add("Bug", (*bug).to_owned(), None);
        }
    }
    ideas
}

/// What happens to an item after it was made: it goes some way through its states.
fn life(
    idea: &Idea,
    random: &Random,
    born: Timestamp,
    now: Timestamp,
) -> impl Iterator<Item = (Timestamp, Event)> {
    let way: Vec<&'static str> = idea
        .item_type
        .states
        .iter()
        .skip(1)
        .filter(|state| state.category != StateCategory::Removed)
        .map(|state| state.name)
        .collect();
    // Epics and features are seldom done, and the rest half of the time.
    let seldom = idea.parent.is_none() || idea.item_type.name == "Feature";
    let reached = random.below(way.len() as u64 + if seldom { 1 } else { 2 }) as usize;
    let mut events = Vec::new();
    let mut at = born;
    for state in way.into_iter().take(reached) {
        at = at + DAY / 2 + Duration::from_secs(random.below(6 * 86_400));
        events.push((at, Event::Moved(state)));
    }
    if random.below(3) == 0 {
        let at = at + Duration::from_secs(600 + random.below(86_400));
        events.push((at, Event::Said(COMMENTS[random.below(COMMENTS.len() as u64) as usize])));
    }
    events.into_iter().filter(move |(at, _)| *at + Duration::from_secs(3_600) < now)
}

fn create(
    project: &Project,
    idea: &Idea,
    parent: Option<u32>,
    people: &[Uuid],
    random: &Random,
    writer: Writer,
) -> Plan {
    let mut fields = Fields::new();
    let mut set = |field: &str, value| fields.insert(field.to_owned(), value);
    set("System.TeamProject", json!(project.name));
    set("System.WorkItemType", json!(idea.item_type.name));
    set("System.Title", json!(idea.title));
    set("System.AreaPath", json!(area(project, random)));
    set("System.IterationPath", json!(iteration(project, random)));
    let story = "<div>What it is about: ";
    set("System.Description", json!(format!("{story}{}.</div>", idea.title.to_lowercase())));
    if random.below(5) > 0 {
        set("System.AssignedTo", json!(pick(random, people)));
    }
    if random.below(4) == 0 {
        set("System.Tags", json!(TAGS[random.below(TAGS.len() as u64) as usize]));
    }
    if let Some(first) = idea.item_type.states.first() {
        set("System.State", json!(first.name));
        set("System.Reason", json!(first.reason));
    }
    set("Microsoft.VSTS.Common.StateChangeDate", json!(writer.now.to_rfc3339()));
    for rule in idea.item_type.all_rules() {
        if let Some(value) = sample(rule.field, rule.default, rule.allowed, rule.required, random) {
            set(rule.field, value);
        }
    }
    let relations = parent.map(|parent| Relation {
        rel: PARENT.to_owned(),
        target: Target::Item(parent),
        since: writer.now,
        comment: None,
        resource: None,
        name: None,
    });
    Plan {
        id: None,
        fields,
        fields_changed: true,
        is_import: false,
        markdown: Vec::new(),
        relations_before: Vec::new(),
        relations: relations.into_iter().collect(),
    }
}

/// A value for a field with a list or with numbers.
fn sample(
    field: &str,
    default: Option<&str>,
    allowed: &[&str],
    required: bool,
    random: &Random,
) -> Option<serde_json::Value> {
    let kind = fields::find(field)?.kind;
    if !allowed.is_empty() {
        let chosen = allowed[random.below(allowed.len() as u64) as usize];
        let value = if random.below(2) == 0 { default.unwrap_or(chosen) } else { chosen };
        let wanted = required || random.below(2) == 0;
        return wanted.then(|| match kind {
            Kind::Integer => json!(value.parse::<i64>().unwrap_or_default()),
            _ => json!(value),
        });
    }
    match field {
        "Microsoft.VSTS.Scheduling.StoryPoints" | "Microsoft.VSTS.Scheduling.Effort" => {
            Some(json!([1, 2, 3, 5, 8, 13][random.below(6) as usize]))
        }
        "Microsoft.VSTS.Scheduling.RemainingWork" => Some(json!(1 + random.below(16))),
        "Microsoft.VSTS.TCM.ReproSteps" => {
            Some(json!("<ol><li>Open the page.</li><li>Look closely.</li></ol>"))
        }
        _ => None,
    }
}

fn move_to(organization: &Organization, id: u32, idea: &Idea, state: &str, writer: Writer) -> Plan {
    let mut plan = unchanged(organization, id);
    let old = idea.item_type.state(text(&plan.fields, "System.State"));
    if let Some(new) = idea.item_type.state(state) {
        plan.fields.insert("System.State".to_owned(), json!(new.name));
        plan.fields.insert("System.Reason".to_owned(), json!(new.reason));
        state_change::stamp(&mut plan.fields, old, new, writer);
    }
    plan
}

fn say(organization: &Organization, id: u32, words: &str) -> Plan {
    let mut plan = unchanged(organization, id);
    plan.fields.insert("System.History".to_owned(), json!(words));
    plan
}

/// A plan for an item that leaves all as it is.
fn unchanged(organization: &Organization, id: u32) -> Plan {
    let item = organization.item(id);
    let relations =
        item.map(|item| links::visible(organization, &item.relations)).unwrap_or_default();
    let mut fields = item.map(|item| item.current().fields.clone()).unwrap_or_default();
    fields.remove("System.History");
    Plan {
        id: Some(id),
        fields,
        fields_changed: true,
        is_import: false,
        markdown: Vec::new(),
        relations_before: relations.clone(),
        relations,
    }
}

fn pick(random: &Random, people: &[Uuid]) -> Uuid {
    people.get(random.below(people.len() as u64) as usize).copied().unwrap_or_default()
}

fn area(project: &Project, random: &Random) -> String {
    let at = random.below(project.areas.children.len() as u64) as usize;
    let area = project.areas.children.get(at).map(|node| node.name.as_str());
    format!("{}\\{}", project.name, area.unwrap_or_default())
}

/// One of the sprints so far, or the backlog.
fn iteration(project: &Project, random: &Random) -> String {
    match random.below(u64::from(SPRINTS)) {
        0 => project.name.clone(),
        sprint => format!("{}\\Sprint {sprint}", project.name),
    }
}
