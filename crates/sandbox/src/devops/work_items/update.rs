//! Changes a work item.

use serde_json::Value;

use super::create;
use super::draft::Draft;
use super::get;
use super::patch;
use crate::devops::call::{Answered, Call};
use crate::devops::problem::Problem;
use crate::devops::state::Organization;

/// `PATCH …/_apis/wit/workItems/{id}`.
pub fn update(call: &Call<'_>, organization: &mut Organization, body: &Value) -> Answered {
    let id = get::id(call)?;
    let steps = patch::parse(body)?;
    call.project_if_named(organization)?;
    let item = organization.item(id).ok_or_else(|| Problem::no_work_item(id))?;
    let mut draft = Draft::of(call, organization, item);
    if call.query.is_true("bypassRules") {
        let project = organization.project_of(draft.fields());
        draft.bypass_rules(project.ok_or_else(|| Problem::no_work_item(id))?)?;
    }
    draft.apply(&steps)?;
    let plan = draft.finish()?;
    create::answer(call, organization, plan)
}
