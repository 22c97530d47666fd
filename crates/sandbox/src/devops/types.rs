//! Work item types of a project: their fields, states and categories.

use serde_json::{Map, Value, json};

use super::call::{Answer, Answered, Call, encoded};
use super::catalog::fields::{self, Kind};
use super::catalog::{Category, ItemType, Rule, State};
use super::fields::url as field_url;
use super::identity;
use super::problem::Problem;
use super::state::{Organization, Project};
use crate::site::Site;
use http::StatusCode;

/// `GET …/{project}/_apis/wit/workItemTypes` and `…/workItemTypes/{type}`.
pub fn get_or_list(call: &Call<'_>, organization: &Organization) -> Answered {
    let project = call.project(organization)?;
    if call.path.get("type").is_some() {
        return Ok(Answer::one(body(call, project, item_type(call, project)?)));
    }
    let types = project.process().types.iter();
    Ok(Answer::list(types.map(|item_type| body(call, project, item_type)).collect()))
}

/// `GET …/workItemTypes/{type}/states`.
pub fn states(call: &Call<'_>, organization: &Organization) -> Answered {
    let item_type = item_type(call, call.project(organization)?)?;
    Ok(Answer::list(item_type.states.iter().map(state).collect()))
}

/// `GET …/workItemTypes/{type}/fields` and `…/fields/{field}`.
pub fn fields(call: &Call<'_>, organization: &Organization) -> Answered {
    let item_type = item_type(call, call.project(organization)?)?;
    let expand = Expand::read(call);
    let Some(name) = call.path.get("field") else {
        let all = item_type.all_rules();
        return Ok(Answer::list(
            all.map(|rule| field(call, organization, item_type, rule, expand)).collect(),
        ));
    };
    fields::find(name)
        .and_then(|found| item_type.rule(found.reference))
        .map(|rule| Answer::one(field(call, organization, item_type, rule, expand)))
        .ok_or_else(|| Problem::no_field(name).with_status(StatusCode::NOT_FOUND))
}

/// `GET …/{project}/_apis/wit/workItemTypeCategories` and `…/workItemTypeCategories/{category}`.
pub fn categories(call: &Call<'_>, organization: &Organization) -> Answered {
    let project = call.project(organization)?;
    let mut known = Category::ALL.into_iter().filter_map(|one| category(call, project, one));
    let Some(wanted) = call.path.get("category") else {
        return Ok(Answer::list(known.collect()));
    };
    let same = |value: &Value| value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(wanted));
    known
        .find(|one| same(&one["referenceName"]) || same(&one["name"]))
        .map(Answer::one)
        .ok_or_else(|| {
            Problem::tracking(
                "WorkItemTypeCategoryNotFoundException",
                format!(
                    "VS402324: Work item type category {wanted} does not exist in project {} or you do not have permission to access it.",
                    project.id
                ),
            )
            .with_status(StatusCode::NOT_FOUND)
        })
}

/// The type that the path names.
pub fn item_type(call: &Call<'_>, project: &Project) -> Result<&'static ItemType, Problem> {
    let name = call.path.get("type").unwrap_or_default();
    project.item_type(name).ok_or_else(|| Problem::no_type(name, project.id))
}

/// The address of a type.
pub fn url(call: &Call<'_>, project: &Project, item_type: &ItemType) -> String {
    let name = encoded(item_type.name);
    format!("{}/{}/_apis/wit/workItemTypes/{name}", call.base(), project.id)
}

fn body(call: &Call<'_>, project: &Project, item_type: &ItemType) -> Value {
    let icon = format!(
        "{}/_apis/wit/workItemIcons/{}?color={}&v=2",
        call.base_on(Site::DevAzure),
        item_type.icon,
        item_type.color
    );
    let instances: Vec<Value> =
        item_type.all_rules().map(|rule| instance(call, item_type, rule)).collect();
    let states: Vec<Value> = item_type.states.iter().map(state).collect();
    json!({
        "name": item_type.name,
        "referenceName": item_type.reference,
        "description": item_type.description,
        "color": item_type.color,
        "icon": { "id": item_type.icon, "url": icon },
        "isDisabled": false,
        "xmlForm": "",
        "fields": instances,
        "fieldInstances": instances,
        "transitions": transitions(item_type),
        "states": states,
        "url": url(call, project, item_type),
    })
}

/// From each state to those that may follow; from nothing to the first.
fn transitions(item_type: &ItemType) -> Value {
    let to = |name: &str| json!({ "to": name, "actions": null });
    let mut map = Map::new();
    map.insert(String::new(), item_type.states.iter().take(1).map(|one| to(one.name)).collect());
    for state in item_type.states {
        // Staying where it is is a transition too.
        let next = std::iter::once(&state.name).chain(state.next);
        map.insert(state.name.to_owned(), next.map(|name| to(name)).collect());
    }
    Value::Object(map)
}

fn state(state: &State) -> Value {
    json!({ "name": state.name, "color": state.color, "category": state.category.name() })
}

fn category(call: &Call<'_>, project: &Project, category: Category) -> Option<Value> {
    let types: Vec<Value> = project
        .process()
        .types
        .iter()
        .filter(|item_type| item_type.category == category)
        .map(|item_type| json!({ "name": item_type.name, "url": url(call, project, item_type) }))
        .collect();
    let (name, reference) = category.names();
    Some(json!({
        "name": name,
        "referenceName": reference,
        "defaultWorkItemType": types.first()?,
        "workItemTypes": types,
        "url": format!("{}/{}/_apis/wit/workItemTypeCategories/{reference}", call.base(), project.id),
    }))
}

/// What more a field of a type is to tell.
#[derive(Clone, Copy)]
struct Expand {
    allowed_values: bool,
    dependent_fields: bool,
}

impl Expand {
    /// Official clients send the number of the choice.
    fn read(call: &Call<'_>) -> Self {
        let asked = call.query.get("$expand").unwrap_or("none").to_ascii_lowercase();
        let all = ["all", "3"].contains(&asked.as_str());
        Self {
            allowed_values: all || ["allowedvalues", "1"].contains(&asked.as_str()),
            dependent_fields: all || ["dependentfields", "2"].contains(&asked.as_str()),
        }
    }
}

/// A field as the type itself lists it.
fn instance(call: &Call<'_>, item_type: &ItemType, rule: &Rule) -> Value {
    let name = fields::find(rule.field).map_or(rule.field, |field| field.name);
    json!({
        "defaultValue": default_value(item_type, rule),
        "alwaysRequired": rule.required,
        "referenceName": rule.field,
        "name": name,
        "url": field_url(call, rule.field),
    })
}

fn field(
    call: &Call<'_>,
    organization: &Organization,
    item_type: &ItemType,
    rule: &Rule,
    expand: Expand,
) -> Value {
    let mut body = instance(call, item_type, rule);
    if expand.allowed_values {
        body["allowedValues"] = Value::Array(allowed_values(call, organization, item_type, rule));
    }
    if expand.dependent_fields {
        let dependent: Vec<Value> = dependent(rule.field)
            .iter()
            .filter_map(|reference| fields::find(reference))
            .map(|field| {
                json!({
                    "referenceName": field.reference,
                    "name": field.name,
                    "url": field_url(call, field.reference),
                })
            })
            .collect();
        body["dependentFields"] = Value::Array(dependent);
    }
    body
}

fn default_value(item_type: &ItemType, rule: &Rule) -> Option<&'static str> {
    match rule.field {
        "System.State" => item_type.states.first().map(|state| state.name),
        _ => rule.default,
    }
}

/// The values of a choice: texts, and people for a field that holds one.
fn allowed_values(
    call: &Call<'_>,
    organization: &Organization,
    item_type: &ItemType,
    rule: &Rule,
) -> Vec<Value> {
    if rule.field == "System.State" {
        return item_type.states.iter().map(|state| json!(state.name)).collect();
    }
    if fields::find(rule.field).is_some_and(|field| field.kind == Kind::Identity) {
        let people = call.directory.people.iter();
        return people
            .filter(|person| person.may_use(&organization.name))
            .map(|person| identity::reference(call, organization, person.object_id))
            .collect();
    }
    rule.allowed.iter().map(|value| json!(value)).collect()
}

/// The fields that change when this one does.
fn dependent(field: &str) -> &'static [&'static str] {
    match field {
        "System.State" => &[
            "System.Reason",
            "Microsoft.VSTS.Common.StateChangeDate",
            "Microsoft.VSTS.Common.ActivatedDate",
            "Microsoft.VSTS.Common.ResolvedDate",
            "Microsoft.VSTS.Common.ClosedDate",
        ],
        "System.AreaPath" => &["System.AreaId"],
        "System.IterationPath" => &["System.IterationId"],
        _ => &[],
    }
}
