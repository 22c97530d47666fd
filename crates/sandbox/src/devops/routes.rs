//! How a path is found in the one table of what Azure DevOps serves: discovery answers from it
//! and calls are routed by it, so that the two cannot disagree.

use super::DevOps;
use super::call::{Answered, Call};
use super::state::Organization;
use super::version::Offered;
use crate::site::Site;
use serde_json::Value;

mod rows;
mod table;

pub use table::LOCATIONS;

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
