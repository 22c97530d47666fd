//! The change feed: every revision of every item in the order in which they were made.
//!
//! A reader keeps the token of the last batch and comes back with it for what is new; the token
//! names the last revision read by its watermark, so it stays good for ever.

use base::Timestamp;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::call::{Answer, Answered, Call};
use super::catalog::fields::{self, Field, Kind};
use super::identity;
use super::problem::Problem;
use super::state::{Organization, Revision, WorkItem, text};
use super::work_items::links;
use super::work_items::render::{self, View};
use super::work_items::tags;
use super::{tag_list, time};

/// How many revisions a batch has when nobody says, and at most.
pub const MAX_PAGE: usize = 1_000;

/// What a reader wants of which revisions.
#[derive(Debug, Default)]
struct Filter {
    fields: Option<Vec<&'static Field>>,
    types: Option<Vec<String>>,
    include_deleted: bool,
    latest_only: bool,
    discussion_only: bool,
    identity_objects: bool,
    tag_objects: bool,
    long_texts: bool,
    after: u32,
    since: Option<Timestamp>,
    page: usize,
}

/// `GET …/_apis/wit/reporting/workItemRevisions`.
pub fn read(call: &Call<'_>, organization: &Organization) -> Answered {
    let mut filter = Filter::of_query(call)?;
    filter.fields = call.query.list("fields").map(|names| known(&names)).transpose()?;
    filter.types = call.query.list("types");
    filter.include_deleted = call.query.is_true("includeDeleted");
    filter.latest_only = call.query.is_true("includeLatestOnly");
    filter.identity_objects = call.query.is_true("includeIdentityRef");
    filter.tag_objects = call.query.is_true("includeTagRef");
    batch(call, organization, &filter)
}

/// `POST …/_apis/wit/reporting/workItemRevisions`, with the filter in the body.
pub fn ask(call: &Call<'_>, organization: &Organization, body: &Value) -> Answered {
    let mut filter = Filter::of_query(call)?;
    let list = |name: &str| -> Option<Vec<String>> {
        let list = body[name].as_array()?;
        Some(list.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect())
    };
    let switch = |name: &str| body[name].as_bool().unwrap_or(false);
    filter.fields = list("fields").map(|names| known(&names)).transpose()?;
    filter.types = list("types");
    filter.include_deleted = switch("includeDeleted");
    filter.latest_only = switch("includeLatestOnly");
    filter.identity_objects = switch("includeIdentityRef");
    filter.tag_objects = switch("includeTagRef");
    batch(call, organization, &filter)
}

fn known(names: &[String]) -> Result<Vec<&'static Field>, Problem> {
    names.iter().map(|name| fields::find(name).ok_or_else(|| Problem::no_field(name))).collect()
}

impl Filter {
    /// What the query says, whatever the method.
    fn of_query(call: &Call<'_>) -> Result<Self, Problem> {
        let token = call.query.get("continuationToken").or_else(|| call.query.get("watermark"));
        let start = call.query.get("startDateTime");
        if token.is_some() && start.is_some() {
            return Err(Problem::invalid(
                "The parameters continuationToken and startDateTime cannot be used together.",
            ));
        }
        let long_texts = match call.query.get("$expand").unwrap_or("none") {
            word if word.eq_ignore_ascii_case("none") || word == "0" => false,
            word if word.eq_ignore_ascii_case("fields") || word == "1" => true,
            other => return Err(not_valid(other, "$expand")),
        };
        let page = call.query.number("$maxPageSize")?.unwrap_or(MAX_PAGE);
        if page == 0 {
            return Err(not_valid("0", "$maxPageSize"));
        }
        Ok(Self {
            after: token.map(watermark).transpose()?.unwrap_or(0),
            since: start
                .map(|text| time::parse(text).ok_or_else(|| not_valid(text, "startDateTime")))
                .transpose()?,
            discussion_only: call.query.is_true("includeDiscussionChangesOnly"),
            long_texts,
            page: page.min(MAX_PAGE),
            ..Self::default()
        })
    }

    fn takes(&self, item: &WorkItem, revision: &Revision) -> bool {
        let of_type = |types: &Vec<String>| {
            let own = text(&revision.fields, "System.WorkItemType");
            types.iter().any(|one| one.eq_ignore_ascii_case(own))
        };
        let deleted = item.deleted.is_some() || revision.fields.contains_key("System.IsDeleted");
        revision.watermark > self.after
            && self.since.is_none_or(|since| revision.at >= since)
            && (self.include_deleted || !deleted)
            && (!self.latest_only || revision.rev == item.current().rev)
            && (!self.discussion_only || revision.comment.is_some())
            && self.types.as_ref().is_none_or(of_type)
    }
}

fn not_valid(text: &str, parameter: &str) -> Problem {
    Problem::invalid(format!("The value '{text}' of the parameter {parameter} is not valid."))
}

/// `813;350;1`: the watermark, the item and the revision that was read last. A bare watermark, as
/// old clients have it, will do.
fn watermark(token: &str) -> Result<u32, Problem> {
    let first = token.split(';').next().unwrap_or_default();
    first.trim().parse().map_err(|_| not_valid(token, "continuationToken"))
}

fn batch(call: &Call<'_>, organization: &Organization, filter: &Filter) -> Answered {
    let project = call.project_if_named(organization)?.map(|project| project.name.as_str());
    let in_project = |revision: &Revision| {
        project.is_none_or(|name| text(&revision.fields, "System.TeamProject") == name)
    };
    let mut found: Vec<(&WorkItem, &Revision)> = organization
        .items
        .values()
        .flat_map(|item| item.revisions.iter().map(move |revision| (item, revision)))
        .filter(|(item, revision)| in_project(revision) && filter.takes(item, revision))
        .collect();
    found.sort_unstable_by_key(|(_, revision)| revision.watermark);
    let is_last = found.len() <= filter.page;
    found.truncate(filter.page);
    let token = match found.last() {
        Some((item, revision)) => {
            Some(format!("{};{};{}", revision.watermark, item.id, revision.rev))
        }
        // Nothing is new: the reader comes back with what it came with.
        None => call.query.get("continuationToken").map(str::to_owned),
    };
    let token = token.unwrap_or_else(|| format!("{};0;0", filter.after));
    let values: Vec<Value> = found
        .into_iter()
        .map(|(item, revision)| body(call, organization, filter, item, revision))
        .collect();
    Ok(Answer::one(json!({
        "values": values,
        "nextLink": next_link(call, &token),
        "continuationToken": token,
        "isLastBatch": is_last,
    })))
}

/// The same question, from where this answer ends.
fn next_link(call: &Call<'_>, token: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in call.query.pairs() {
        let replaced = ["continuationToken", "watermark", "startDateTime"];
        if !replaced.iter().any(|one| one.eq_ignore_ascii_case(name)) {
            query.append_pair(name, value);
        }
    }
    let query = query.append_pair("continuationToken", token).finish();
    let place = call.path.get("project").map(super::call::encoded).unwrap_or_default();
    let place = if place.is_empty() { place } else { format!("/{place}") };
    format!("{}{place}/_apis/wit/reporting/workItemRevisions?{query}", call.base())
}

fn body(
    call: &Call<'_>,
    organization: &Organization,
    filter: &Filter,
    item: &WorkItem,
    revision: &Revision,
) -> Value {
    let relations = links::at(item, revision.at);
    let view = View::of_revision(item, revision, relations);
    let shown = |name: &str| match &filter.fields {
        Some(fields) => fields.iter().any(|field| field.reference == name),
        None => filter.long_texts || is_reported(name),
    };
    let fields: Map<String, Value> = view
        .all_fields(organization)
        .iter()
        .filter(|(name, _)| shown(name))
        .map(|(name, value)| (name.clone(), shape(call, organization, filter, name, value)))
        .collect();
    let mut body = json!({ "id": item.id, "rev": revision.rev, "fields": fields });
    if let Some(mark) = revision.comment {
        body["commentVersionRef"] = render::comment_version(call, item, mark);
    }
    body
}

/// Long texts are left out unless asked for; tags are not long.
fn is_reported(name: &str) -> bool {
    name == "System.Tags" || fields::find(name).is_none_or(|field| !field.kind.is_long())
}

fn shape(
    call: &Call<'_>,
    organization: &Organization,
    filter: &Filter,
    name: &str,
    value: &Value,
) -> Value {
    if name == "System.Tags" && filter.tag_objects {
        let tags = tags::split(value.as_str().unwrap_or_default());
        return tags.into_iter().map(|tag| tag_list::reference(call, organization, tag)).collect();
    }
    let is_identity = fields::find(name).is_some_and(|field| field.kind == Kind::Identity);
    let account = value.as_str().filter(|_| is_identity).and_then(|text| text.parse().ok());
    match account {
        None => value.clone(),
        Some(account) if filter.identity_objects => {
            identity::reference(call, organization, account)
        }
        Some(account) => json!(identity::in_words(call.directory, account)),
    }
}
