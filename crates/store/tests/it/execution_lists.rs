use base::{ExecutionId, WorkflowVersionId};
use serde_json::json;
use store::execution_lists::{self, Filter};
use store::executions::{self, Execution, Status};
use store::testing::on_each_engine;
use store::workflow_versions::WorkflowVersion;
use store::{PageRequest, Transaction, connected_users, journal};

use crate::sample::World;

/// Executions of one workflow, in the order in which they began.
async fn executions_of(tx: &mut Transaction, world: &World, count: usize) -> Vec<Execution> {
    let (clock, random) = (&world.sample.clock, &world.sample.random);
    let workflow = world.sample.workflow(&world.integration, "sync");
    store::workflows::insert(tx, &workflow).await.unwrap();
    let version = WorkflowVersion {
        id: WorkflowVersionId::new(clock, random),
        project_id: world.project.id,
        workflow_id: workflow.id,
        number: 1,
        definition: json!({}),
        note: None,
        created_at: clock.now(),
    };
    store::workflow_versions::insert(tx, &version).await.unwrap();
    let make = |_| {
        clock.advance(std::time::Duration::from_secs(1));
        Execution {
            id: ExecutionId::new(clock, random),
            project_id: world.project.id,
            workflow_id: workflow.id,
            version_id: version.id,
            user_id: Some(world.user.id),
            credential_id: None,
            configuration_id: None,
            trigger_kind: "request".to_owned(),
            status: Status::Queued,
            is_test: false,
            due_at: None,
            owner: None,
            lease: 0,
            dedup_key: None,
            replay_of: None,
            created_at: clock.now(),
            finished_at: None,
        }
    };
    let made: Vec<Execution> = (0..count).map(make).collect();
    executions::insert(tx, &made.iter().collect::<Vec<_>>()).await.unwrap();
    made
}

#[tokio::test]
async fn executions_are_listed_by_integration_and_from_any_place() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let made = executions_of(&mut tx, &world, 3).await;
        let other = world.sample.integration(world.project.id, "jira");
        store::integrations::insert(&mut tx, &other).await.unwrap();
        let (id, page) = (world.project.id, PageRequest::default());
        let mut filter = Filter { integration_id: Some(world.integration.id), ..Filter::default() };
        let found = execution_lists::list(&mut tx, id, &filter, &page).await.unwrap().items;
        assert_eq!(found, [made[2].clone(), made[1].clone(), made[0].clone()]);
        filter.passed_over = 1;
        filter.user_id = Some(world.user.id);
        filter.workflow_id = Some(made[0].workflow_id);
        let found = execution_lists::list(&mut tx, id, &filter, &page).await.unwrap().items;
        assert_eq!(found, [made[1].clone(), made[0].clone()]);
        filter.oldest_first = true;
        let found = execution_lists::list(&mut tx, id, &filter, &page).await.unwrap().items;
        assert_eq!(found, [made[1].clone(), made[2].clone()]);
        assert_eq!(execution_lists::count(&mut tx, id, &filter).await.unwrap(), 3);
        filter.integration_id = Some(other.id);
        assert_eq!(execution_lists::count(&mut tx, id, &filter).await.unwrap(), 0);

        let known = connected_users::external_ids(&mut tx, id, &[world.user.id]).await.unwrap();
        assert_eq!(known.get(&world.user.id).map(String::as_str), Some("ann"));
        let found = connected_users::find_external(&mut tx, id, "ann").await.unwrap();
        assert_eq!(found.map(|user| user.id), Some(world.user.id));
    })
    .await;
}

#[tokio::test]
async fn steps_that_were_given_to_somebody_are_counted_once_however_often_they_were_tried() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let made = executions_of(&mut tx, &world, 2).await;
        // As the engine writes it: members in their order.
        let ordered = |step: &str, attempt: u32| {
            format!(
                "{{\"event\":\"step_started\",\"at\":1,\"step\":\"{step}\",\"attempt\":{attempt},\
                 \"input\":{{\"text\":\"\\\"attempt\\\":1,\\\"input\\\":\"}}}}"
            )
        };
        let row = format!("[{},{},{}]", ordered("a", 1), ordered("a", 2), ordered("b", 1));
        let first = [(made[0].id, row.as_str()), (made[1].id, "[]")];
        journal::begin(&mut tx, &first).await.unwrap();
        let counts = journal::count_begun(&mut tx, &[made[0].id, made[1].id]).await.unwrap();
        assert_eq!((counts[&made[0].id], counts[&made[1].id]), (2, 0));
    })
    .await;
}
