//! One call as the handlers see it: where it goes, who makes it, what it asks.

use base::{Random, Timestamp};
use http::{HeaderMap, Method, StatusCode, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use url::form_urlencoded;
use uuid::Uuid;

use super::hooks::settings::HookSettings;
use super::problem::Problem;
use super::state::{Organization, Project};
use super::version::Version;
use crate::access::Caller;
use crate::directory::Directory;
use crate::site::{Origin, Site};

/// What in a path segment stays as it is.
const SEGMENT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'$');

/// A call that has passed the gate.
pub struct Call<'a> {
    /// Who exists.
    pub directory: &'a Directory,
    /// Who calls.
    pub caller: &'a Caller,
    /// How they addressed the service.
    pub origin: &'a Origin,
    /// What the path names.
    pub path: Path,
    /// What the query asks.
    pub query: Query,
    /// The version of the API.
    pub version: Version,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The time of the call.
    pub now: Timestamp,
    /// The method.
    pub method: &'a Method,
    /// Where ids come from.
    pub random: &'a Random,
    /// How service hooks behave.
    pub hooks: HookSettings,
}

/// The parts of a path, decoded.
#[derive(Clone, Debug, Default)]
pub struct Path {
    /// The organization; empty where a host has none in its paths.
    pub organization: String,
    /// The values of the parameters in the route's template.
    pub parameters: Vec<(&'static str, String)>,
}

impl Path {
    /// The value of one parameter, when the path has it.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(one, _)| *one == name).map(|(_, value)| value.as_str())
    }
}

/// The query, decoded; names are compared without regard to case.
#[derive(Clone, Debug, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query.
    pub fn parse(query: &str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// The value of a parameter, unless it is empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(one, value)| one.eq_ignore_ascii_case(name) && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// Every parameter in its order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether a switch is on.
    pub fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// A number, if one is given.
    pub fn number(&self, name: &str) -> Result<Option<usize>, Problem> {
        let Some(text) = self.get(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| {
            Problem::invalid(format!("The value '{text}' of the parameter {name} is not valid."))
        })
    }

    /// A list separated by commas, if one is given.
    pub fn list(&self, name: &str) -> Option<Vec<String>> {
        let text = self.get(name)?;
        Some(text.split(',').map(|part| part.trim().to_owned()).collect())
    }
}

/// An answer with a JSON body.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body; `None` is an empty one.
    pub body: Option<Value>,
    /// Where to go on reading a list.
    pub continuation: Option<String>,
}

/// What a handler gives back.
pub type Answered = Result<Answer, Problem>;

impl Answer {
    /// One thing.
    pub fn one(body: Value) -> Self {
        Self { status: StatusCode::OK, body: Some(body), continuation: None }
    }

    /// A list, in the frame every list has.
    pub fn list(values: Vec<Value>) -> Self {
        Self::one(json!({ "count": values.len(), "value": values }))
    }

    /// Nothing.
    pub fn nothing() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: None, continuation: None }
    }
}

impl Call<'_> {
    /// Address of the organization on its main host, with no slash at the end.
    pub fn base(&self) -> String {
        self.base_on(Site::DevAzure)
    }

    /// Address of the organization on the host of one site, with no slash at the end.
    pub fn base_on(&self, site: Site) -> String {
        format!("{}/{}", self.origin.base_of(site), encoded(&self.path.organization))
    }

    /// The project that the path names.
    pub fn project<'o>(&self, organization: &'o Organization) -> Result<&'o Project, Problem> {
        let name = self.path.get("project").unwrap_or_default();
        organization.project(name).ok_or_else(|| Problem::no_project(name))
    }

    /// The project that the path names, if it names one.
    pub fn project_if_named<'o>(
        &self,
        organization: &'o Organization,
    ) -> Result<Option<&'o Project>, Problem> {
        self.path.get("project").map(|_| self.project(organization)).transpose()
    }

    /// What the caller's credential lets through: the account that writes.
    pub fn account(&self) -> Uuid {
        self.caller.person.object_id
    }

    /// The media type of the body, without its parameters, in lower case.
    pub fn content_type(&self) -> String {
        let value = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = value.unwrap_or_default().split(';').next().unwrap_or_default();
        essence.trim().to_ascii_lowercase()
    }
}

/// A path segment in an address.
pub fn encoded(segment: &str) -> String {
    utf8_percent_encode(segment, SEGMENT).to_string()
}
