//! Tests of a draft: the whole of it, or up to one step, in the name of a person who tries it out.

use std::collections::BTreeSet;

use axum::Json as Reply;
use axum::extract::{Path, State};
use base::{
    ConfigurationId, ConnectedUserId, CredentialId, Error, ExecutionId, Result, WorkflowVersionId,
};
use engine::definition::{Definition, Graph, Problem};
use engine::journal::Event;
use engine::runner::Start;
use engine::steps::StepKind;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use store::workflow_versions::{self, WorkflowVersion};
use store::workflows::Workflow;
use utoipa::ToSchema;

use super::executions::ExecutionBody;
use super::workflows::find;
use crate::app::App;
use crate::auth::manager::ManagedProject;
use crate::failure::Answer;
use crate::http::body::Json;
use crate::workflows::around::check_with_functions;

/// What is tried out.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct WorkflowTest {
    /// In whose name.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub connected_user_id: Option<ConnectedUserId>,
    /// With which account.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub credential_id: Option<CredentialId>,
    /// With which settings; the account's default ones where none are named.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub configuration_id: Option<ConfigurationId>,
    /// What the trigger brings along.
    pub input: Value,
    /// The last step that is run; all of them where none is named.
    pub step: Option<String>,
    /// An earlier test: what its steps gave is taken from there, all but that of `step`.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub after: Option<ExecutionId>,
}

/// Tries the draft out. Lists are cut to 20 items, three pages are read, and nothing is tried again.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/workflows/{workflow_id}/test",
    tag = "workflows",
    params(("project_id" = String, Path), ("workflow_id" = String, Path)),
    request_body = WorkflowTest,
    responses((status = 201, body = ExecutionBody), (status = "4XX", body = super::openapi::Problem)))]
pub async fn test_workflow(
    ManagedProject(view): ManagedProject,
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    Json(test): Json<WorkflowTest>,
) -> Answer<(StatusCode, Reply<ExecutionBody>)> {
    let workflow = find(&app, &view, &id).await?;
    let checked = check_with_functions(&app, &view, &workflow.draft).await;
    let mut definition = checked.map_err(|problems| Problem::error(&problems))?;
    if let Some(step) = &test.step {
        end_after(&mut definition, step)?;
    }
    let history = match test.after {
        Some(after) => {
            let again = run_again(&definition, test.step.as_deref());
            history(&app, &workflow, after, &again).await?
        }
        None => Vec::new(),
    };
    let trigger_kind = definition.trigger.kind().to_owned();
    let start = Start {
        project_id: view.id(),
        workflow_id: workflow.id,
        version_id: store_version(&app, &workflow, json!(definition)).await?,
        user_id: test.connected_user_id,
        credential_id: test.credential_id,
        configuration_id: test.configuration_id,
        trigger_kind,
        input: test.input,
        dedup_key: None,
        is_test: true,
        replay_of: test.after,
        history,
    };
    let begun = app.runner().begin(start).await?;
    let begun =
        begun.ok_or_else(|| Error::internal("a test without a dedup key was a duplicate"))?;
    let (execution, _) = app.runner().history(view.id(), begun).await?;
    Ok((StatusCode::CREATED, Reply(execution.into())))
}

/// Takes away what comes after a step.
fn end_after(definition: &mut Definition, key: &str) -> Result<()> {
    let Some(last) = definition.steps.get_mut(key) else {
        let message = format!("The draft has no step \"{key}\".");
        return Err(Error::invalid("unknown_step", message));
    };
    last.next = None;
    if let StepKind::Conditional(conditional) = &mut last.kind {
        (conditional.when_true, conditional.when_false) = (None, None);
    }
    let mut reached = BTreeSet::new();
    let mut ahead: Vec<String> = definition.start.iter().cloned().collect();
    while let Some(key) = ahead.pop() {
        if let Some(step) = definition.steps.get(&key)
            && reached.insert(key)
        {
            ahead.extend(step.next.clone());
            match &step.kind {
                StepKind::Conditional(conditional) => {
                    ahead.extend(conditional.when_true.clone());
                    ahead.extend(conditional.when_false.clone());
                }
                StepKind::FanOut(fan_out) => ahead.push(fan_out.each.clone()),
                _ => {}
            }
        }
    }
    definition.steps.retain(|key, _| reached.contains(key));
    Ok(())
}

/// The step that is tried, and the fan outs in whose bodies it stands.
fn run_again(definition: &Definition, step: Option<&str>) -> BTreeSet<String> {
    let graph = Graph::of(definition, &mut Vec::new());
    let around = step.and_then(|step| graph.bodies.get(step)).cloned().unwrap_or_default();
    around.into_iter().chain(step.map(str::to_owned)).collect()
}

/// What the steps of an earlier test gave, without those that are run again.
async fn history(
    app: &App,
    workflow: &Workflow,
    after: ExecutionId,
    again: &BTreeSet<String>,
) -> Result<Vec<Event>> {
    let (execution, events) = app.runner().history(workflow.project_id, after).await?;
    if execution.workflow_id != workflow.id {
        let message = "\"after\" names an execution of another workflow.";
        return Err(Error::invalid("foreign_execution", message));
    }
    let is_kept = |event: &Event| match event {
        Event::StepFinished { step, .. }
        | Event::FanOutOpened { step, .. }
        | Event::ItemFinished { step, .. } => {
            let around = step.items.iter().map(|(fan_out, _)| fan_out);
            !around.chain([&step.step]).any(|key| again.contains(key))
        }
        _ => false,
    };
    Ok(events.into_iter().filter(is_kept).collect())
}

/// Stores what is tried out as a version that is none of the deployed ones: its number is below 0.
async fn store_version(
    app: &App,
    workflow: &Workflow,
    definition: Value,
) -> Result<WorkflowVersionId> {
    let mut tx = app.store().begin().await?;
    let number =
        workflow_versions::next_test_number(&mut tx, workflow.project_id, workflow.id).await?;
    let version = WorkflowVersion {
        id: WorkflowVersionId::new(app.clock(), app.random()),
        project_id: workflow.project_id,
        workflow_id: workflow.id,
        number,
        definition,
        note: None,
        created_at: app.clock().now(),
    };
    workflow_versions::insert(&mut tx, &version).await?;
    tx.commit().await?;
    Ok(version.id)
}
