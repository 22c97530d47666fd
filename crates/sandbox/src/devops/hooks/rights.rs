//! Who may view and make subscriptions.

use uuid::Uuid;

use super::settings::HookRight;
use super::state::Subscription;
use crate::devops::call::Call;
use crate::devops::problem::Problem;
use crate::devops::state::Organization;
use crate::devops::work_items::draft::require_administrator;

/// Refuses whoever may not do this with subscriptions of a project, or of all.
pub fn require(
    call: &Call<'_>,
    organization: &Organization,
    project: Option<Uuid>,
    permission: &str,
) -> Result<(), Problem> {
    match call.hooks.right {
        HookRight::Everyone => Ok(()),
        HookRight::Nobody => Err(Problem::forbidden(&call.caller.person.display_name, permission)),
        HookRight::Administrators => organization
            .projects
            .iter()
            .filter(|one| project.is_none_or(|project| one.id == project))
            .try_for_each(|one| require_administrator(call, one, permission)),
    }
}

/// The project that a subscription is about.
pub fn project_of(subscription: &Subscription) -> Option<Uuid> {
    let id = subscription.publisher_inputs.get("projectId")?;
    Uuid::try_parse(id).ok()
}
