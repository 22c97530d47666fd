//! What macros stand for.

use std::time::Duration;

use base::Timestamp;

use super::ast::Macro;
use super::bind::Context;
use super::dates;
use super::held::Held;
use super::refused;
use crate::devops::catalog::fields::{Field, Kind};
use crate::devops::problem::Problem;
use crate::devops::state::{Project, Revision, Team};

/// How far back what happened lately lies.
const RECENT: Duration = Duration::from_secs(30 * 86_400);
const DAY_SECS: i64 = 86_400;

/// What a macro stands for.
pub enum Meaning {
    /// One value or several.
    Values(Vec<Held>),
    /// Parts of a tree with all that is below them, in lower case.
    Trees(Vec<String>),
}

/// Works out a macro that is compared with a field.
pub fn resolve(context: &Context<'_>, one: &Macro, field: &Field) -> Result<Meaning, Problem> {
    let name = one.name.to_ascii_lowercase();
    let fits = |kinds: &[Kind]| {
        if kinds.contains(&field.kind) {
            return Ok(());
        }
        Err(refused(
            &format!("The macro cannot be compared with the field {}.", field.reference),
            &one.to_string(),
        ))
    };
    let value = |held| Ok(Meaning::Values(vec![held]));
    match name.as_str() {
        "me" => {
            fits(&[Kind::Identity])?;
            value(Held::person(&context.lens, context.lens.call.account()))
        }
        "project" => {
            fits(&[Kind::Text])?;
            let project = context.project.ok_or_else(|| {
                refused("The macro needs a project in the address of the query.", "@project")
            })?;
            value(Held::text(&project.name))
        }
        "today" | "startofday" | "startofweek" | "startofmonth" | "startofyear" => {
            fits(&[Kind::DateTime])?;
            value(Held::Moment(moment(one, &name, context.lens.call.now)?))
        }
        "currentiteration" => {
            fits(&[Kind::TreePath])?;
            let (project, _) = team(context, one)?;
            let path = iteration(project, one.offset, context.lens.call.now);
            Ok(Meaning::Values(path.into_iter().map(|path| Held::text(&path)).collect()))
        }
        "teamareas" => {
            fits(&[Kind::TreePath])?;
            let (project, _) = team(context, one)?;
            Ok(Meaning::Trees(vec![project.name.to_lowercase()]))
        }
        // Nobody follows or mentions anything in the sandbox.
        "follows" | "recentmentions" => {
            fits(&[Kind::Integer])?;
            Ok(Meaning::Values(Vec::new()))
        }
        "myrecentactivity" | "recentprojectactivity" => {
            fits(&[Kind::Integer])?;
            Ok(Meaning::Values(active(context, name == "myrecentactivity")))
        }
        _ => Err(refused("There is no such macro.", &one.to_string())),
    }
}

/// `@Today - 7`, `@StartOfMonth('+3d') - 1`: an offset counts in the macro's own unit.
fn moment(one: &Macro, name: &str, now: Timestamp) -> Result<Timestamp, Problem> {
    let (start, unit) = match name {
        "startofweek" => (dates::start_of_week(now), 'w'),
        "startofmonth" => (dates::start_of(now, false), 'M'),
        "startofyear" => (dates::start_of(now, true), 'y'),
        _ => (dates::start_of_day(now), 'd'),
    };
    let start = match &one.argument {
        None => start,
        Some(argument) => {
            let (count, own) = amount(argument)
                .ok_or_else(|| refused("This is not a span of time.", &one.to_string()))?;
            later(start, count, own.unwrap_or(unit))
        }
    };
    Ok(later(start, one.offset, unit))
}

/// `+3M`, `-1`, `12h`: a count, and its unit if it has one.
fn amount(text: &str) -> Option<(i64, Option<char>)> {
    let text = text.trim();
    let unit = text.chars().last().filter(|last| "yMwdhm".contains(*last));
    let number = unit.map_or(text, |_| &text[..text.len() - 1]);
    let count: i64 = number.trim_start_matches('+').parse().ok()?;
    (count.abs() < 100_000).then_some((count, unit))
}

fn later(moment: Timestamp, count: i64, unit: char) -> Timestamp {
    match unit {
        'y' => dates::add_months(moment, 12 * count),
        'M' => dates::add_months(moment, count),
        'w' => dates::add_secs(moment, 7 * DAY_SECS * count),
        'h' => dates::add_secs(moment, 3_600 * count),
        'm' => dates::add_secs(moment, 60 * count),
        _ => dates::add_secs(moment, DAY_SECS * count),
    }
}

/// The team a macro means: `('[Project]\Team')`, or that of the address.
fn team<'a>(context: &Context<'a>, one: &Macro) -> Result<(&'a Project, &'a Team), Problem> {
    let Some(argument) = &one.argument else {
        return context.project.zip(context.team).ok_or_else(|| {
            Problem::tracking(
                "WorkItemTrackingQueryException",
                format!(
                    "VS402612: The macro '@{}' is not supported without a team context.",
                    one.name
                ),
            )
        });
    };
    // The service's own pages add the id of the team.
    let name = argument.split(" <id:").next().unwrap_or(argument);
    let found = name.split_once('\\').and_then(|(place, team)| {
        let place = place.trim_start_matches('[').trim_end_matches(']');
        let project = context.lens.organization.project(place)?;
        Some((project, project.team(team)?))
    });
    found.ok_or_else(|| refused("The team does not exist.", &one.to_string()))
}

/// The iteration of a day, or some iterations after it; before the first there is none.
fn iteration(project: &Project, offset: i64, now: Timestamp) -> Option<String> {
    let (current, _) = project.iteration_of(now)?;
    let dated = project.dated_iterations();
    let index = dated.iter().position(|(path, _)| *path == current)?;
    let index = i64::try_from(index).ok()? + offset;
    dated.get(usize::try_from(index).ok()?).map(|(path, _)| path.clone())
}

/// Ids of what changed lately, by the caller or in the project.
fn active(context: &Context<'_>, mine: bool) -> Vec<Held> {
    let call = context.lens.call;
    let project = context.project.map(|project| project.name.as_str());
    let counts = |revision: &Revision| {
        let by_me = revision.by == call.account();
        let place = crate::devops::state::text(&revision.fields, "System.TeamProject");
        revision.at + RECENT >= call.now
            && if mine { by_me } else { project.is_none_or(|name| name == place) }
    };
    let items = context.lens.organization.items.values();
    let active = items.filter(|item| item.revisions.iter().any(counts));
    active.map(|item| Held::Number(f64::from(item.id))).collect()
}
