//! The recycle bin: deleted work items, until they are restored or destroyed.

use http::StatusCode;
use serde_json::{Value, json};

use super::call::{Answer, Answered, Call};
use super::problem::Problem;
use super::state::{Kind, Organization, WorkItem, text};
use super::work_items::commit::{self, Writer};
use super::work_items::delete::{self, project_of};
use super::work_items::draft::require_administrator;
use super::work_items::get;

/// `GET …/_apis/wit/recyclebin`, `…/recyclebin?ids=` and `…/recyclebin/{id}`.
pub fn get_or_list(call: &Call<'_>, organization: &Organization) -> Answered {
    let project = call.project_if_named(organization)?;
    if call.path.get("id").is_some() {
        let id = deleted(organization, get::id(call)?)?.id;
        return Ok(Answer::one(delete::in_full(call, organization, id)?));
    }
    let ids = call.query.list("ids");
    let shown = organization
        .items
        .values()
        .filter(|item| item.deleted.is_some())
        .filter(|item| {
            let name = text(&item.current().fields, "System.TeamProject");
            project.is_none_or(|project| project.name == name)
        })
        .filter(|item| ids.as_ref().is_none_or(|ids| ids.contains(&item.id.to_string())))
        .map(|item| match &ids {
            Some(_) => delete::reference(call, organization, item.id),
            None => Ok(json!({
                "id": item.id,
                "url": format!("{}/_apis/wit/recyclebin/{}", call.base(), item.id),
            })),
        });
    Ok(Answer::list(shown.collect::<Result<_, _>>()?))
}

/// `PATCH …/_apis/wit/recyclebin/{id}` with `{"isDeleted": false}`.
pub fn restore(call: &Call<'_>, organization: &mut Organization, body: &Value) -> Answered {
    let id = deleted(organization, get::id(call)?)?.id;
    if body["isDeleted"].as_bool() != Some(false) {
        return Err(Problem::invalid("The body must be {\"isDeleted\": false}."));
    }
    let before = delete::in_full(call, organization, id)?;
    if let Some(item) = organization.items.get_mut(&id) {
        item.deleted = None;
    }
    let writer = Writer { account: call.account(), now: call.now };
    commit::revise(organization, id, writer, Kind::Restored, |fields| {
        fields.remove("System.IsDeleted");
    });
    Ok(Answer::one(before))
}

/// `DELETE …/_apis/wit/recyclebin/{id}`: for good.
pub fn destroy(call: &Call<'_>, organization: &mut Organization) -> Answered {
    let item = deleted(organization, get::id(call)?)?;
    let id = item.id;
    require_administrator(call, project_of(organization, item)?, "Permanently delete work items")?;
    delete::destroy(organization, id);
    Ok(Answer::nothing())
}

fn deleted(organization: &Organization, id: u32) -> Result<&WorkItem, Problem> {
    organization
        .items
        .get(&id)
        .filter(|item| item.deleted.is_some())
        .ok_or_else(|| Problem::no_work_item(id).with_status(StatusCode::NOT_FOUND))
}
