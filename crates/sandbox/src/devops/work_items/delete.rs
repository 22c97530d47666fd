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
use crate::devops::state::{Deletion, Organization, Project, Target, WorkItem, text};

/// `DELETE …/_apis/wit/workItems/{id}`, with `destroy=true` for good.
pub fn delete(call: &Call<'_>, organization: &mut Organization) -> Answered {
    let id = get::id(call)?;
    call.project_if_named(organization)?;
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
    if call.query.is_true("destroy") {
        require_administrator(call, project, "Permanently delete work items")?;
        let body = reference(call, organization, id)?;
        destroy(organization, id);
        return Ok(Answer::one(body));
    }
    let writer = Writer { account: call.account(), now: call.now };
    commit::revise(organization, id, writer, |fields| {
        fields.insert("System.IsDeleted".to_owned(), json!(true));
    });
    if let Some(item) = organization.items.get_mut(&id) {
        item.deleted = Some(Deletion { at: call.now, by: call.account() });
    }
    Ok(Answer::one(in_full(call, organization, id)?))
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
