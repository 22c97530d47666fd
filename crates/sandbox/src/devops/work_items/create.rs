//! Creates a work item.

use serde_json::{Value, json};

use super::commit::{self, Plan, Writer};
use super::draft::Draft;
use super::patch;
use super::render::{self, View, Wanted};
use crate::devops::call::{Answer, Answered, Call};
use crate::devops::problem::Problem;
use crate::devops::state::{Organization, Revision};
use crate::devops::types;

/// `POST …/{project}/_apis/wit/workItems/${type}`.
pub fn create(call: &Call<'_>, organization: &mut Organization, body: &Value) -> Answered {
    let steps = patch::parse(body)?;
    let project = call.project(organization)?;
    let item_type = types::item_type(call, project)?;
    let mut draft = Draft::new(call, organization, project, item_type);
    if call.query.is_true("bypassRules") {
        draft.bypass_rules(project)?;
    }
    draft.apply(&steps)?;
    let plan = draft.finish()?;
    answer(call, organization, plan)
}

/// Commits the plan, unless the caller only wants to know what would come of it, and shows the
/// item.
pub fn answer(call: &Call<'_>, organization: &mut Organization, plan: Plan) -> Answered {
    let mut wanted = Wanted::read(None, call.query.get("$expand"))?;
    // Whoever writes an item is shown all of it.
    (wanted.links, wanted.relations) = (true, true);
    if call.query.is_true("validateOnly") {
        return Ok(Answer::one(preview(call, organization, &plan, &wanted)));
    }
    let writer = Writer { account: call.account(), now: call.now };
    let id = commit::commit(organization, plan, writer)?;
    let item = organization.item(id).ok_or_else(|| Problem::no_work_item(id))?;
    Ok(Answer::one(render::item(call, organization, &View::now(organization, item), &wanted)))
}

/// The item as it would be, under the revision it has; a new one has the number -1.
fn preview(call: &Call<'_>, organization: &Organization, plan: &Plan, wanted: &Wanted) -> Value {
    let item = plan.id.and_then(|id| organization.item(id));
    let revision = Revision {
        rev: item.map_or(1, |item| item.current().rev),
        watermark: item.map_or(0, |item| item.current().watermark),
        at: item.map_or(call.now, |item| item.current().at),
        by: call.account(),
        fields: plan.fields.clone(),
        markdown: plan.markdown.clone(),
        comment: None,
    };
    let view = View {
        id: item.map_or(-1, |item| i64::from(item.id)),
        item,
        revision: &revision,
        relations: plan.relations.clone(),
        revised: crate::devops::state::FOREVER.to_owned(),
        comments: item.map_or(0, |item| View::now(organization, item).comments),
    };
    let mut body = render::item(call, organization, &view, wanted);
    if item.is_none() {
        body["rev"] = json!(-1);
    }
    body
}
