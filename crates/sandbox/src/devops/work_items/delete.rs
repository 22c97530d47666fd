//! Puts a work item into the recycle bin, or away for good.

use serde_json::{Value, json};

use super::commit::{self, Writer};
use super::draft::require_administrator;
use super::get;
use super::render::{self, View, Wanted};
use crate::devops::call::{Answer, Answered, Call};
use crate::devops::catalog::Category;
use crate::devops::identity;
use crate::devops::problem::Problem;
use crate::devops::state::{Deletion, Kind, Organization, Project, Target, WorkItem, text};

/// `DELETE …/_apis/wit/workItems/{id}`, with `destroy=true` for good.
pub fn delete(call: &Call<'_>, organization: &mut Organization) -> Answered {
    let id = get::id(call)?;
    call.project_if_named(organization)?;
    remove(call, organization, id, call.query.is_true("destroy")).map(Answer::one)
}

/// `POST …/_apis/wit/workItemsDelete` with `{ids, destroy}`: each item has a status of its own.
pub fn delete_several(call: &Call<'_>, organization: &mut Organization, body: &Value) -> Answered {
    call.project_if_named(organization)?;
    let ids = get::ids(body)?;
    let destroy = body["destroy"].as_bool().unwrap_or(false);
    let results = ids.into_iter().map(|id| {
        remove(call, organization, id, destroy).unwrap_or_else(|problem| {
            let code = problem.status.as_u16();
            json!({ "id": id, "code": code, "message": problem.message })
        })
    });
    let results: Vec<Value> = results.collect();
    if body["skipNotifications"].as_bool().unwrap_or(false) {
        organization.happenings.clear();
    }
    Ok(Answer::one(json!({ "results": results })))
}

fn remove(
    call: &Call<'_>,
    organization: &mut Organization,
    id: u32,
    for_good: bool,
) -> Result<Value, Problem> {
    let item = organization.item(id).ok_or_else(|| Problem::no_work_item(id))?;
    let project = project_of(organization, item)?;
    let is_test = project
        .item_type(item.type_name())
        .is_some_and(|item_type| item_type.category == Category::TestCase);
    if is_test {
        return Err(Problem::tracking(
            "TestWorkItemDeleteNotSupportedException",
            format!(
                "VS402373: You cannot delete test work item {id} here: use the APIs of test management."
            ),
        ));
    }
    if for_good {
        require_administrator(call, project, "Permanently delete work items")?;
        let body = reference(call, organization, id)?;
        destroy(organization, id);
        return Ok(body);
    }
    let writer = Writer { account: call.account(), now: call.now };
    commit::revise(organization, id, writer, Kind::Deleted, |fields| {
        fields.insert("System.IsDeleted".to_owned(), json!(true));
    });
    if let Some(item) = organization.items.get_mut(&id) {
        item.deleted = Some(Deletion { at: call.now, by: call.account() });
    }
    in_full(call, organization, id)
}

/// Removes an item and every link to it.
pub fn destroy(organization: &mut Organization, id: u32) {
    organization.items.remove(&id);
    for item in organization.items.values_mut() {
        item.relations.retain(|relation| relation.target != Target::Item(id));
    }
}

/// The project an item is in.
pub fn project_of<'o>(
    organization: &'o Organization,
    item: &WorkItem,
) -> Result<&'o Project, Problem> {
    let fields = &item.current().fields;
    organization.project_of(fields).ok_or_else(|| Problem::no_work_item(item.id))
}

/// A deleted item with what it was.
pub fn in_full(call: &Call<'_>, organization: &Organization, id: u32) -> Result<Value, Problem> {
    let mut body = reference(call, organization, id)?;
    if let Some(item) = organization.items.get(&id) {
        let view = View::now(organization, item);
        body["resource"] = render::item(call, organization, &view, &Wanted::default());
    }
    Ok(body)
}

/// A deleted item in short.
pub fn reference(call: &Call<'_>, organization: &Organization, id: u32) -> Result<Value, Problem> {
    let item = organization.items.get(&id).ok_or_else(|| Problem::no_work_item(id))?;
    let fields = &item.current().fields;
    let deletion = item.deleted.clone().unwrap_or(Deletion { at: call.now, by: call.account() });
    Ok(json!({
        "id": id,
        "type": item.type_name(),
        "name": text(fields, "System.Title"),
        "project": text(fields, "System.TeamProject"),
        "deletedDate": deletion.at.to_rfc3339(),
        "deletedBy": identity::in_words(call.directory, deletion.by),
        "code": 200,
        "url": format!("{}/_apis/wit/recyclebin/{id}", call.base()),
    }))
}
