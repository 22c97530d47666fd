//! The one table of what Azure DevOps serves: discovery answers from it and calls are routed by
//! it, so that the two cannot disagree.

use super::call::{Answered, Call};
use super::state::Organization;
use super::version::Offered;
use super::{
    DevOps, accounts, discovery, fields, processes, profile, projects, recycle_bin, teams, types,
    work_items,
};
use crate::site::Site;
use serde_json::Value;

/// Where in the address space a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `dev.azure.com/{organization}`.
    Main,
    /// `vssps.dev.azure.com/{organization}`.
    Identity,
    /// `app.vssps.visualstudio.com`, with no organization.
    Global,
}

impl Place {
    /// Whether calls to `site` end here; `named` tells whether the path names an organization.
    pub fn is_at(self, site: Site, named: bool) -> bool {
        match (self, site) {
            (Self::Main, Site::DevAzure)
            | (Self::Identity, Site::Vssps)
            | (Self::Global, Site::AppVssps) => true,
            (place, Site::Any) => (place != Self::Global) == named,
            _ => false,
        }
    }
}

/// One resource: what clients find by its id, and the methods it takes.
#[derive(Debug)]
pub struct Location {
    /// The id clients know it by.
    pub id: &'static str,
    /// Its area.
    pub area: &'static str,
    /// Its name.
    pub resource: &'static str,
    /// Its path after the organization. `{resource}` is its name, `{*x}` takes any number of
    /// segments, parameters at the end and before `_apis` may be missing.
    pub template: &'static str,
    /// The versions there are.
    pub offered: Offered,
    /// Where it is served.
    pub places: &'static [Place],
    /// The methods it takes.
    pub operations: &'static [Operation],
}

/// One method of a resource.
#[derive(Debug)]
pub struct Operation {
    /// The method.
    pub method: &'static str,
    /// Scopes of which a delegated token needs one.
    pub scopes: &'static [&'static str],
    /// What a call costs, in thousandths of a throughput unit.
    pub cost_milli: u64,
    /// What answers.
    pub handler: Handler,
}

/// What answers a call.
#[derive(Clone, Copy, Debug)]
pub enum Handler {
    /// Reads the state of all organizations.
    Global(fn(&Call<'_>, &DevOps) -> Answered),
    /// Reads the state of the organization.
    Read(fn(&Call<'_>, &Organization) -> Answered),
    /// Reads the state of the organization as a JSON body says.
    Ask(fn(&Call<'_>, &Organization, &Value) -> Answered),
    /// Changes the state of the organization as a JSON body says.
    Write(fn(&Call<'_>, &mut Organization, &Value) -> Answered),
    /// Changes the state of the organization as a list of patch operations says.
    Patch(fn(&Call<'_>, &mut Organization, &Value) -> Answered),
    /// Changes the state of the organization; there is no body.
    Remove(fn(&Call<'_>, &mut Organization) -> Answered),
    /// Takes a file.
    Upload,
    /// Takes one piece of a file.
    Append,
    /// Sends a file.
    Download,
}

const WORK: &[&str] = &["vso.work"];
const WORK_WRITE: &[&str] = &["vso.work_write"];
const PROJECT: &[&str] = &["vso.profile", "vso.project"];
const PROJECT_ONLY: &[&str] = &["vso.project"];
const PROFILE: &[&str] = &["vso.profile"];
const ANY_SCOPE: &[&str] = &[];

const MAIN: &[Place] = &[Place::Main];
const EVERY_HOST: &[Place] = &[Place::Main, Place::Identity];

/// What most reads cost, by what the live service charges for a list of projects.
const READ_COST: u64 = 4;
const WRITE_COST: u64 = 40;
const TYPE_FIELDS_COST: u64 = 1_120;

const fn released(resource_version: u32) -> Offered {
    Offered { resource_version, released: true }
}

const fn preview(resource_version: u32) -> Offered {
    Offered { resource_version, released: false }
}

const fn get(scopes: &'static [&'static str], handler: Handler) -> Operation {
    Operation { method: "GET", scopes, cost_milli: READ_COST, handler }
}

const fn write(method: &'static str, handler: Handler) -> Operation {
    Operation { method, scopes: WORK_WRITE, cost_milli: WRITE_COST, handler }
}

const fn wit(
    id: &'static str,
    resource: &'static str,
    template: &'static str,
    resource_version: u32,
    operations: &'static [Operation],
) -> Location {
    let offered = released(resource_version);
    Location { id, area: "wit", resource, template, offered, places: MAIN, operations }
}

const fn core(
    id: &'static str,
    resource: &'static str,
    template: &'static str,
    offered: Offered,
    operations: &'static [Operation],
) -> Location {
    Location { id, area: "core", resource, template, offered, places: MAIN, operations }
}

/// Everything that is served.
pub static LOCATIONS: &[Location] = &[
    Location {
        id: "e81700f7-3be2-46de-8624-2eb35882fcaa",
        area: "Location",
        resource: "ResourceAreas",
        template: "_apis/{resource}/{areaId}",
        offered: preview(1),
        places: EVERY_HOST,
        operations: &[get(ANY_SCOPE, Handler::Read(discovery::resource_areas))],
    },
    Location {
        id: "00d9565f-ed9c-4a06-9a50-00e7896ccab4",
        area: "Location",
        resource: "ConnectionData",
        template: "_apis/{resource}",
        offered: preview(1),
        places: EVERY_HOST,
        operations: &[get(ANY_SCOPE, Handler::Read(discovery::connection_data))],
    },
    Location {
        id: "f83735dc-483f-4238-a291-d45f6080a9af",
        area: "Profile",
        resource: "Profiles",
        template: "_apis/profile/{resource}/{id}",
        offered: released(3),
        places: &[Place::Global, Place::Identity],
        operations: &[get(PROFILE, Handler::Global(profile::get))],
    },
    Location {
        id: "229a6a53-b428-4ffb-a835-e8f36b5b4b1e",
        area: "Account",
        resource: "Accounts",
        template: "_apis/{resource}",
        offered: released(1),
        places: &[Place::Global],
        operations: &[get(PROFILE, Handler::Global(accounts::list))],
    },
    core(
        "603fe2ac-9723-48b9-88ad-09305aa6c6e1",
        "projects",
        "_apis/{resource}/{*projectId}",
        released(4),
        &[get(PROJECT, Handler::Read(projects::get_or_list))],
    ),
    core(
        "d30a3dd1-f8ba-442a-b86a-bd0c0c383e59",
        "teams",
        "_apis/projects/{projectId}/{resource}/{*teamId}",
        released(3),
        &[get(PROJECT, Handler::Read(teams::get_or_list))],
    ),
    core(
        "294c494c-2600-4d7e-b76c-3dd50c3c95be",
        "members",
        "_apis/projects/{projectId}/teams/{teamId}/{resource}",
        released(2),
        &[get(PROJECT, Handler::Read(teams::members))],
    ),
    core(
        "7a4d9ee9-3433-4347-b47a-7a80f1cf307e",
        "teams",
        "_apis/{resource}",
        preview(3),
        &[get(PROJECT_ONLY, Handler::Read(teams::list_all))],
    ),
    core(
        "93878975-88c5-4e6a-8abb-7ddd77a8a7d8",
        "processes",
        "_apis/process/{resource}/{processId}",
        released(1),
        &[get(WORK, Handler::Read(processes::get_or_list))],
    ),
    wit(
        "62d3d110-0047-428c-ad3c-4fe872c91c74",
        "workItems",
        "{project}/_apis/wit/{resource}/${type}",
        3,
        &[
            get(WORK, Handler::Read(work_items::template::get)),
            write("POST", Handler::Patch(work_items::create::create)),
        ],
    ),
    wit(
        "72c7ddf8-2cdc-4f60-90cd-ab71c14a399b",
        "workItems",
        "{project}/_apis/wit/{resource}/{id}",
        3,
        &[
            get(WORK, Handler::Read(work_items::get::get_or_list)),
            write("PATCH", Handler::Patch(work_items::update::update)),
            write("DELETE", Handler::Remove(work_items::delete::delete)),
        ],
    ),
    wit(
        "908509b6-4248-4475-a1cd-829139ba419f",
        "workItemsBatch",
        "{project}/_apis/wit/{resource}",
        1,
        &[Operation {
            method: "POST",
            scopes: WORK,
            cost_milli: READ_COST,
            handler: Handler::Ask(work_items::get::batch),
        }],
    ),
    wit(
        "8bc57545-27e5-420d-b709-f6e3ebcc1fc1",
        "workItemsDelete",
        "{project}/_apis/wit/{resource}",
        1,
        &[write("POST", Handler::Write(work_items::delete::delete_several))],
    ),
    wit(
        "a00c85a5-80fa-4565-99c3-bcd2181434bb",
        "revisions",
        "{project}/_apis/wit/workItems/{id}/{resource}/{revisionNumber}",
        3,
        &[get(WORK, Handler::Read(work_items::history::revisions))],
    ),
    wit(
        "6570bf97-d02c-4a91-8d93-3abe9895b1a9",
        "updates",
        "{project}/_apis/wit/workItems/{id}/{resource}/{updateNumber}",
        3,
        &[get(WORK, Handler::Read(work_items::history::updates))],
    ),
    wit(
        "b70d8d39-926c-465e-b927-b1bf0e5ca0e0",
        "recyclebin",
        "{project}/_apis/wit/{resource}/{id}",
        2,
        &[
            get(WORK, Handler::Read(recycle_bin::get_or_list)),
            write("PATCH", Handler::Write(recycle_bin::restore)),
            write("DELETE", Handler::Remove(recycle_bin::destroy)),
        ],
    ),
    wit(
        "e07b5fa4-1499-494d-a496-64b860fd64ff",
        "attachments",
        "{project}/_apis/wit/{resource}/{id}",
        3,
        &[
            get(WORK, Handler::Download),
            write("POST", Handler::Upload),
            write("PUT", Handler::Append),
        ],
    ),
    wit(
        "7c8d7a76-4a09-43e8-b5df-bd792f4ac6aa",
        "workItemTypes",
        "{project}/_apis/wit/{resource}/{type}",
        2,
        &[get(WORK, Handler::Read(types::get_or_list))],
    ),
    wit(
        "bd293ce5-3d25-4192-8e67-e8092e879efb",
        "fields",
        "{project}/_apis/wit/workItemTypes/{type}/{resource}/{field}",
        3,
        &[Operation {
            method: "GET",
            scopes: WORK,
            cost_milli: TYPE_FIELDS_COST,
            handler: Handler::Read(types::fields),
        }],
    ),
    wit(
        "7c9d7a76-4a09-43e8-b5df-bd792f4ac6aa",
        "states",
        "{project}/_apis/wit/workItemTypes/{type}/{resource}",
        1,
        &[get(WORK, Handler::Read(types::states))],
    ),
    wit(
        "9b9f5734-36c8-415e-ba67-f83b45c31408",
        "workItemTypeCategories",
        "{project}/_apis/wit/{resource}/{category}",
        2,
        &[get(WORK, Handler::Read(types::categories))],
    ),
    wit(
        "b51fd764-e5c2-4b9b-aaf7-3395cf4bdd94",
        "fields",
        "{project}/_apis/wit/{resource}/{fieldNameOrRefName}",
        2,
        &[get(WORK, Handler::Read(fields::get_or_list))],
    ),
    wit(
        "f5d33bc9-5b49-4a3c-a9bd-f3cd46dd2165",
        "workItemRelationTypes",
        "_apis/wit/{resource}/{relation}",
        2,
        &[get(WORK, Handler::Read(work_items::relation_types::get_or_list))],
    ),
];

/// The location whose template fits best, with the parameters of the path.
pub fn find(
    segments: &[String],
    site: Site,
    named: bool,
) -> Option<(&'static Location, Vec<(&'static str, String)>)> {
    LOCATIONS
        .iter()
        .filter(|location| location.places.iter().any(|place| place.is_at(site, named)))
        .filter_map(|location| {
            let (literals, parameters) = location.fit(segments)?;
            Some((literals, location, parameters))
        })
        .max_by_key(|(literals, ..)| *literals)
        .map(|(_, location, parameters)| (location, parameters))
}

type Fit = (usize, Vec<(&'static str, String)>);

impl Location {
    /// How many words of the template the path repeats, and its parameters; `None` when the path
    /// is another.
    fn fit(&self, segments: &[String]) -> Option<Fit> {
        let apis = segments.iter().position(|one| one.eq_ignore_ascii_case("_apis"))?;
        let (before, after) = self.template.split_once("_apis/")?;
        let mut parameters = Vec::new();
        let mut names = before.split('/').filter_map(parameter);
        for value in &segments[..apis] {
            parameters.push((names.next()?, value.clone()));
        }
        let mut literals = 0;
        let mut rest = segments[apis + 1..].iter();
        for part in after.split('/') {
            if let Some(name) = parameter(part).and_then(|name| name.strip_prefix('*')) {
                let tail: Vec<&str> = rest.by_ref().map(String::as_str).collect();
                if !tail.is_empty() {
                    parameters.push((name, tail.join("/")));
                }
            } else if let Some(name) = part.strip_prefix('$').and_then(parameter) {
                parameters.push((name, rest.next()?.strip_prefix('$')?.to_owned()));
                literals += 1;
            } else if let Some(name) = parameter(part).filter(|name| *name != "resource") {
                parameters.extend(rest.next().map(|value| (name, value.clone())));
            } else {
                let literal = if part == "{resource}" { self.resource } else { part };
                if !rest.next()?.eq_ignore_ascii_case(literal) {
                    return None;
                }
                literals += 1;
            }
        }
        rest.next().is_none().then_some((literals, parameters))
    }
}

fn parameter(part: &'static str) -> Option<&'static str> {
    part.strip_prefix('{')?.strip_suffix('}')
}
