//! The forms that rows of the table of routes have.

use serde_json::Value;

use super::{Handler, Location, Operation, Place};
use crate::devops::call::{Answered, Call};
use crate::devops::state::Organization;
use crate::devops::version::Offered;

pub(super) const WORK: &[&str] = &["vso.work"];
pub(super) const WORK_WRITE: &[&str] = &["vso.work_write"];
pub(super) const HOOKS: &[&str] = &["vso.hooks"];
pub(super) const HOOKS_WRITE: &[&str] = &["vso.hooks_write"];
pub(super) const PROJECT: &[&str] = &["vso.profile", "vso.project"];
pub(super) const PROJECT_ONLY: &[&str] = &["vso.project"];
pub(super) const PROFILE: &[&str] = &["vso.profile"];
pub(super) const ANY_SCOPE: &[&str] = &[];

pub(super) const MAIN: &[Place] = &[Place::Main];
pub(super) const EVERY_HOST: &[Place] = &[Place::Main, Place::Identity];

/// What most reads cost, by what the live service charges for a list of projects.
pub(super) const READ_COST: u64 = 4;
pub(super) const WRITE_COST: u64 = 40;
pub(super) const TYPE_FIELDS_COST: u64 = 1_120;

pub(super) const fn released(resource_version: u32) -> Offered {
    Offered { resource_version, released: true }
}

pub(super) const fn preview(resource_version: u32) -> Offered {
    Offered { resource_version, released: false }
}

pub(super) const fn get(scopes: &'static [&'static str], handler: Handler) -> Operation {
    Operation { method: "GET", scopes, cost_milli: READ_COST, handler }
}

/// A POST that changes nothing.
pub(super) const fn ask(answer: fn(&Call<'_>, &Organization, &Value) -> Answered) -> Operation {
    Operation { method: "POST", scopes: WORK, cost_milli: READ_COST, handler: Handler::Ask(answer) }
}

pub(super) const fn write(method: &'static str, handler: Handler) -> Operation {
    Operation { method, scopes: WORK_WRITE, cost_milli: WRITE_COST, handler }
}

pub(super) const fn wit(
    id: &'static str,
    resource: &'static str,
    template: &'static str,
    resource_version: u32,
    operations: &'static [Operation],
) -> Location {
    let offered = released(resource_version);
    Location { id, area: "wit", resource, template, offered, places: MAIN, operations }
}

pub(super) const fn work(
    id: &'static str,
    resource: &'static str,
    template: &'static str,
    operations: &'static [Operation],
) -> Location {
    Location {
        id,
        area: "work",
        resource,
        template,
        offered: released(1),
        places: MAIN,
        operations,
    }
}

pub(super) const fn hook(
    id: &'static str,
    resource: &'static str,
    template: &'static str,
    operations: &'static [Operation],
) -> Location {
    Location {
        id,
        area: "hooks",
        resource,
        template,
        offered: released(1),
        places: MAIN,
        operations,
    }
}

pub(super) const fn hooks_get(answer: fn(&Call<'_>, &Organization) -> Answered) -> Operation {
    get(HOOKS, Handler::Read(answer))
}

pub(super) const fn hooks_ask(
    answer: fn(&Call<'_>, &Organization, &Value) -> Answered,
) -> Operation {
    Operation { scopes: HOOKS, ..ask(answer) }
}

pub(super) const fn hooks_write(method: &'static str, handler: Handler) -> Operation {
    Operation { scopes: HOOKS_WRITE, ..write(method, handler) }
}

pub(super) const fn core(
    id: &'static str,
    resource: &'static str,
    template: &'static str,
    offered: Offered,
    operations: &'static [Operation],
) -> Location {
    Location { id, area: "core", resource, template, offered, places: MAIN, operations }
}
