use std::time::Duration;

use base::{ExecutionId, FileId, WorkflowId, WorkflowVersionId};
use store::Transaction;
use store::executions::{self, Execution, Status};
use store::files::{self, File};
use store::testing::on_each_engine;
use store::workflow_versions::{self, WorkflowVersion};
use store::workflows::{self, Workflow};

use crate::sample::World;

/// An ended execution of a workflow of the world's project.
async fn execution(tx: &mut Transaction, world: &World) -> Execution {
    let (clock, random, project_id) = (&world.sample.clock, &world.sample.random, world.project.id);
    let now = clock.now();
    let workflow = Workflow {
        id: WorkflowId::new(clock, random),
        project_id,
        integration_id: None,
        key: "a".to_owned(),
        name: "A".to_owned(),
        draft: serde_json::json!({}),
        draft_number: 1,
        live_version_id: None,
        created_at: now,
        updated_at: now,
    };
    workflows::insert(tx, &workflow).await.unwrap();
    let version = WorkflowVersion {
        id: WorkflowVersionId::new(clock, random),
        project_id,
        workflow_id: workflow.id,
        number: 1,
        definition: serde_json::json!({}),
        note: None,
        created_at: now,
    };
    workflow_versions::insert(tx, &version).await.unwrap();
    let execution = Execution {
        id: ExecutionId::new(clock, random),
        project_id,
        workflow_id: workflow.id,
        version_id: version.id,
        user_id: None,
        credential_id: None,
        configuration_id: None,
        trigger_kind: "request".to_owned(),
        status: Status::Succeeded,
        is_test: false,
        due_at: None,
        owner: None,
        lease: 0,
        dedup_key: None,
        replay_of: None,
        created_at: now,
        finished_at: Some(now),
    };
    executions::insert(tx, &[&execution]).await.unwrap();
    execution
}

#[tokio::test]
async fn a_file_is_found_when_it_is_whole_and_goes_with_its_execution() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let execution = execution(&mut tx, &world).await;
        let (clock, random) = (&world.sample.clock, &world.sample.random);
        let (project, stranger) = (world.project.id, world.stranger.id);
        let file = File {
            id: FileId::new(clock, random),
            project_id: project,
            execution_id: execution.id,
            name: "a.bin".to_owned(),
            mime_type: "application/octet-stream".to_owned(),
            size: 5,
            sha256: "00".to_owned(),
            created_at: clock.now(),
        };
        files::begin(&mut tx, &file).await.unwrap();
        for (number, bytes) in [(0, vec![0, 1, 255]), (1, vec![7])] {
            files::add_chunk(&mut tx, file.id, number, &bytes).await.unwrap();
        }
        assert_eq!(files::find(&mut tx, project, file.id).await.unwrap(), None);
        files::finish(&mut tx, &file).await.unwrap();
        assert_eq!(files::find(&mut tx, project, file.id).await.unwrap().as_ref(), Some(&file));
        assert_eq!(files::find(&mut tx, stranger, file.id).await.unwrap(), None);
        let chunk = files::chunk(&mut tx, project, file.id, 0).await.unwrap();
        assert_eq!(chunk, Some(vec![0, 1, 255]));
        assert_eq!(files::chunk(&mut tx, stranger, file.id, 0).await.unwrap(), None);
        assert!(!files::delete(&mut tx, stranger, file.id).await.unwrap());
        let later = clock.now() + Duration::from_secs(1);
        assert_eq!(executions::delete_before(&mut tx, later, 10).await.unwrap(), 1);
        assert_eq!(files::find(&mut tx, project, file.id).await.unwrap(), None);
        assert_eq!(files::chunk(&mut tx, project, file.id, 0).await.unwrap(), None);
    })
    .await;
}
