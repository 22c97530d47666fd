//! Workflows that are live and run in a test.

use base::{ConnectedUserId, ExecutionId, WorkflowId, WorkflowVersionId};
use engine::runner::Start;
use serde_json::{Value, json};
use store::workflow_versions::WorkflowVersion;
use store::workflows::Workflow;

use crate::app::TestApp;

/// A workflow that is live.
#[derive(Clone, Copy)]
pub struct Live {
    pub workflow_id: WorkflowId,
    pub version_id: WorkflowVersionId,
}

impl TestApp {
    /// Makes a workflow of the project's integration live.
    pub async fn deploys(&self, definition: Value) -> Live {
        let (clock, random, now) = (&self.clock, self.app.random(), self.clock.now());
        let key = definition["key"].as_str().expect("a key").to_owned();
        let live = Live {
            workflow_id: WorkflowId::new(clock, random),
            version_id: WorkflowVersionId::new(clock, random),
        };
        let workflow = Workflow {
            id: live.workflow_id,
            project_id: self.project_id,
            integration_id: Some(self.integration_id.parse().expect("an id")),
            name: format!("The workflow {key}"),
            key,
            draft: definition.clone(),
            draft_number: 1,
            live_version_id: Some(live.version_id),
            created_at: now,
            updated_at: now,
        };
        let version = WorkflowVersion {
            id: live.version_id,
            project_id: self.project_id,
            workflow_id: live.workflow_id,
            number: 1,
            definition,
            note: None,
            created_at: now,
        };
        let mut tx = self.app.store().begin().await.expect("a transaction");
        store::workflows::insert(&mut tx, &workflow).await.expect("a workflow");
        store::workflow_versions::insert(&mut tx, &version).await.expect("a version");
        tx.commit().await.expect("a commit");
        live
    }

    /// One that waits, chooses and answers.
    pub async fn deploys_patience(&self) -> Live {
        self.deploys(json!({
            "key": "patience", "name": "Patience", "trigger": {"kind": "request"}, "start": "wait",
            "steps": {
                "wait": {"kind": "delay", "amount": "{{ trigger.minutes }}", "next": "choose"},
                "choose": {"kind": "conditional", "condition": {"any": [{"all": [
                    {"left": "{{ trigger.minutes }}", "operator": "number_greater_than", "right": 1}
                ]}]}, "when_true": "tell"},
                "tell": {"kind": "response", "body": {"waited": "{{ trigger.minutes }}"}},
            },
        }))
        .await
    }

    /// One whose only step fails.
    pub async fn deploys_failure(&self) -> Live {
        self.deploys(json!({
            "key": "failure", "name": "Failure", "trigger": {"kind": "scheduler",
                "cron": "0 0 9 * * *"}, "start": "wait",
            "steps": { "wait": {"kind": "delay", "amount": "never"} },
        }))
        .await
    }

    pub fn starts(&self, live: Live, input: Value) -> Start {
        Start {
            project_id: self.project_id,
            workflow_id: live.workflow_id,
            version_id: live.version_id,
            user_id: None,
            credential_id: None,
            configuration_id: None,
            trigger_kind: "request".to_owned(),
            input,
            dedup_key: None,
            is_test: false,
            replay_of: None,
            history: Vec::new(),
        }
    }

    /// Begins an execution and runs what is due.
    pub async fn runs(&self, live: Live, input: Value) -> ExecutionId {
        self.runs_as(None, live, input).await
    }

    /// The same in somebody's name.
    pub async fn runs_as(
        &self,
        user_id: Option<ConnectedUserId>,
        live: Live,
        input: Value,
    ) -> ExecutionId {
        let start = Start { user_id, ..self.starts(live, input) };
        let begun = self.app.runner().begin(start).await.expect("it starts");
        self.settles().await;
        begun.expect("it is no duplicate")
    }

    /// Runs what is due until nothing is, without moving the clock.
    pub async fn settles(&self) {
        let runner = self.app.runner();
        loop {
            runner.idle().await;
            if runner.claim().await.expect("claims") == 0 && runner.running() == 0 {
                return;
            }
        }
    }

    /// Runs what is due for as long as a call waits for it, as the worker does.
    pub async fn runs_meanwhile<T>(&self, call: impl Future<Output = T>) -> T {
        let works = async {
            loop {
                self.settles().await;
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            answer = call => answer,
            () = works => unreachable!("the worker does not end"),
        }
    }
}
