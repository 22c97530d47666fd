//! Reads work items: one, a list in the query, a list in a body.

use base::Timestamp;
use serde_json::Value;

use super::render::{self, View, Wanted};
use crate::devops::call::{Answer, Answered, Call};
use crate::devops::problem::Problem;
use crate::devops::state::Organization;
use crate::devops::time;

/// How many items one call can read.
pub const MAX_ITEMS: usize = 200;

/// `GET …/_apis/wit/workItems/{id}` and `GET …/_apis/wit/workItems?ids=`.
pub fn get_or_list(call: &Call<'_>, organization: &Organization) -> Answered {
    call.project_if_named(organization)?;
    let as_of = call.query.get("asOf").map(moment).transpose()?;
    let fields = call.query.list("fields");
    let mut wanted = Wanted::read(fields.as_deref(), call.query.get("$expand"))?;
    if call.path.get("id").is_some() {
        wanted.links |= wanted.fields.is_none();
        return show(call, organization, id(call)?, as_of, &wanted).map(Answer::one);
    }
    let Some(ids) = call.query.list("ids") else {
        return Err(Problem::invalid("You must specify the ids of the work items to read."));
    };
    let ids = ids.iter().map(|text| read_id(text)).collect::<Result<Vec<u32>, _>>()?;
    check_count(&ids)?;
    let omit = omits(call.query.get("errorPolicy"))?;
    list(call, organization, &ids, omit, as_of, &wanted)
}

/// `POST …/_apis/wit/workItemsBatch`.
pub fn batch(call: &Call<'_>, organization: &Organization, body: &Value) -> Answered {
    call.project_if_named(organization)?;
    let ids = ids(body)?;
    let fields = body["fields"].as_array().map(|names| {
        names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect::<Vec<_>>()
    });
    let as_of = body["asOf"].as_str().map(moment).transpose()?;
    let wanted = Wanted::read(fields.as_deref(), word(&body["$expand"]).as_deref())?;
    let omit = omits(word(&body["errorPolicy"]).as_deref())?;
    list(call, organization, &ids, omit, as_of, &wanted)
}

/// The numbers of items that a body names.
pub fn ids(body: &Value) -> Result<Vec<u32>, Problem> {
    let Some(ids) = body["ids"].as_array() else {
        return Err(Problem::invalid("You must specify the ids of the work items."));
    };
    let ids = ids.iter().map(|id| {
        let number = id.as_u64().and_then(|id| u32::try_from(id).ok());
        number.ok_or_else(|| Problem::invalid(format!("'{id}' is not the id of a work item.")))
    });
    let ids: Vec<u32> = ids.collect::<Result<_, _>>()?;
    check_count(&ids)?;
    Ok(ids)
}

fn check_count(ids: &[u32]) -> Result<(), Problem> {
    if ids.len() <= MAX_ITEMS {
        return Ok(());
    }
    Err(Problem::tracking(
        "WorkItemPageSizeExceededException",
        format!(
            "VS403474: You requested {} work items which exceeds the limit of {MAX_ITEMS}",
            ids.len()
        ),
    ))
}

/// A word, or the number that official clients send for it.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whether items that cannot be read are left out instead of failing the call.
fn omits(policy: Option<&str>) -> Result<bool, Problem> {
    match policy.unwrap_or("fail").to_ascii_lowercase().as_str() {
        "fail" | "1" => Ok(false),
        "omit" | "2" => Ok(true),
        other => {
            let message = format!("The value '{other}' of the parameter errorPolicy is not valid.");
            Err(Problem::invalid(message))
        }
    }
}

/// In the order asked for; an item left out leaves null in its place, and counts.
fn list(
    call: &Call<'_>,
    organization: &Organization,
    ids: &[u32],
    omit: bool,
    as_of: Option<Timestamp>,
    wanted: &Wanted,
) -> Answered {
    let shown = ids.iter().map(|id| match show(call, organization, *id, as_of, wanted) {
        Err(_) if omit => Ok(Value::Null),
        shown => shown,
    });
    Ok(Answer::list(shown.collect::<Result<_, _>>()?))
}

fn show(
    call: &Call<'_>,
    organization: &Organization,
    id: u32,
    as_of: Option<Timestamp>,
    wanted: &Wanted,
) -> Result<Value, Problem> {
    let missing = || Problem::no_work_item(id);
    let item = organization.item(id).ok_or_else(missing)?;
    let view = match as_of {
        None => View::now(organization, item),
        Some(time) => View::at(organization, item, time).ok_or_else(missing)?,
    };
    Ok(render::item(call, organization, &view, wanted))
}

/// The item that the path names.
pub fn id(call: &Call<'_>) -> Result<u32, Problem> {
    read_id(call.path.get("id").unwrap_or_default())
}

fn read_id(text: &str) -> Result<u32, Problem> {
    text.trim()
        .parse()
        .map_err(|_| Problem::invalid(format!("'{text}' is not the id of a work item.")))
}

fn moment(text: &str) -> Result<Timestamp, Problem> {
    time::parse(text)
        .ok_or_else(|| Problem::invalid(format!("The value '{text}' of asOf is not a date.")))
}
