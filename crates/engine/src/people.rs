//! For whom a workflow runs: those for whose configuration it is on, whose account is valid, who are
//! not shut out, and whom its permissions let in.

use base::{ConfigurationId, ProjectId, Result, WorkflowId};
use serde_json::{Map, Value, json};
use store::Connection;
use store::enablements::{self, ENABLEMENTS_READ_MAX, Runnable};

use crate::condition::Condition;
use crate::definition::{PortalSettings, Problem};
use crate::expression::{Context, Root, Scope};

/// Whom a workflow lets in: a condition over the user's metadata, or everybody.
#[derive(Clone, Debug, Default)]
pub struct Permissions(Option<Condition>);

impl Permissions {
    /// Reads the permissions of a workflow.
    ///
    /// # Errors
    /// Every fault with its path inside the condition.
    pub fn of(portal: &PortalSettings) -> Result<Self, Vec<Problem>> {
        let scope = Scope { user: true, ..Scope::default() };
        let read = portal.permissions.as_ref();
        read.map(|condition| Condition::compile(condition, &scope)).transpose().map(Self)
    }

    /// Whether a user is let in. A condition that cannot be evaluated lets nobody in.
    pub fn admit(&self, external_id: &str, metadata: &Map<String, Value>) -> bool {
        let Some(condition) = &self.0 else { return true };
        let user = json!({ "id": external_id, "metadata": metadata });
        let find = |root: Root<'_>| matches!(root, Root::User).then_some(&user);
        condition.holds(&Context::new(&find)).unwrap_or(false)
    }
}

/// Some of those for whom a workflow runs.
#[derive(Debug)]
pub struct Runners {
    /// They.
    pub runners: Vec<Runnable>,
    /// Where to read on; none when these were the last.
    pub after: Option<ConfigurationId>,
}

/// For whom a live workflow runs: first those after none, then those after where the answer before
/// ended. An answer may be empty and yet not the last.
pub async fn who_runs(
    conn: &mut Connection,
    project_id: ProjectId,
    workflow_id: WorkflowId,
    permissions: &Permissions,
    after: Option<ConfigurationId>,
) -> Result<Runners> {
    let found =
        enablements::list_runnable_of_workflow(conn, project_id, workflow_id, after).await?;
    let is_full = i64::try_from(found.len()).is_ok_and(|rows| rows >= ENABLEMENTS_READ_MAX);
    let after = found.last().filter(|_| is_full).map(|last| last.enablement.configuration_id);
    let admitted = |one: &Runnable| permissions.admit(&one.user_external_id, &one.user_metadata);
    Ok(Runners { runners: found.into_iter().filter(admitted).collect(), after })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permissions(condition: Value) -> Result<Permissions, Vec<Problem>> {
        let portal = PortalSettings { permissions: Some(condition), ..PortalSettings::default() };
        Permissions::of(&portal)
    }

    fn comparison(left: &str, right: &str) -> Value {
        json!({ "left": left, "operator": "string_exactly_matches", "right": right })
    }

    #[test]
    fn a_user_is_let_in_when_one_group_holds_whole() {
        let rule = json!({ "any": [
            { "all": [
                comparison("{{ user.metadata.plan }}", "pro"),
                comparison("{{ user.metadata.country }}", "CH"),
            ] },
            { "all": [comparison("{{ user.id }}", "ann")] },
        ] });
        let rule = permissions(rule).expect("it is sound");
        let admit =
            |id: &str, metadata: Value| rule.admit(id, metadata.as_object().expect("an object"));
        assert!(admit("bea", json!({ "plan": "pro", "country": "CH" })));
        assert!(!admit("bea", json!({ "plan": "pro" })));
        assert!(admit("ann", json!({})));
        assert!(Permissions::default().admit("bea", &Map::new()));
    }

    #[test]
    fn permissions_know_the_user_alone() {
        let rule = json!({ "any": [{ "all": [comparison("{{ trigger.a }}", "b")] }] });
        let problems = permissions(rule).expect_err("there is no trigger");
        assert_eq!(problems[0].path, "any[0].all[0].left");
    }
}
