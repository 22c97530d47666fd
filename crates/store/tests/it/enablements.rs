use store::configurations::Configuration;
use store::enablements::{Account, list_runnable_of_account};
use store::testing::on_each_engine;
use store::workflows::Workflow;
use store::{
    Transaction, configurations, connected_users, credentials, enablements, integrations, workflows,
};

use crate::sample::World;

async fn configuration(world: &World, tx: &mut Transaction) -> Configuration {
    let credential = world.credential(tx).await;
    let configuration = world.sample.configuration(&credential);
    configurations::insert(tx, &configuration).await.unwrap();
    configuration
}

async fn workflow(world: &World, tx: &mut Transaction, key: &str) -> Workflow {
    let workflow = world.sample.workflow(&world.integration, key);
    workflows::insert(tx, &workflow).await.unwrap();
    workflow
}

#[tokio::test]
async fn a_workflow_is_switched_on_once_and_off_once() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let configuration = configuration(&world, &mut tx).await;
        let workflow = workflow(&world, &mut tx, "sync").await;
        let first = world.sample.enablement(&workflow, &world.user, &configuration);
        let second = world.sample.enablement(&workflow, &world.user, &configuration);
        assert!(enablements::insert(&mut tx, &first).await.unwrap());
        assert!(!enablements::insert(&mut tx, &second).await.unwrap());
        let (id, key) = (world.project.id, (workflow.id, configuration.id));
        let found = enablements::find(&mut tx, id, key.0, key.1).await.unwrap();
        assert_eq!(found, Some(first.clone()), "it stays as it was");
        let of_user = enablements::list_of_user(&mut tx, id, world.user.id).await.unwrap();
        assert_eq!(of_user, [first]);
        assert!(enablements::delete(&mut tx, id, key.0, key.1).await.unwrap());
        assert!(!enablements::delete(&mut tx, id, key.0, key.1).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn the_configurations_of_a_workflow_are_read_on_after_the_last_one() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let workflow = workflow(&world, &mut tx, "sync").await;
        let mut expected = Vec::new();
        for _ in 0..4 {
            let configuration = configuration(&world, &mut tx).await;
            let enablement = world.sample.enablement(&workflow, &world.user, &configuration);
            enablements::insert(&mut tx, &enablement).await.unwrap();
            expected.push(enablement);
        }
        expected.sort_by_key(|enablement| enablement.configuration_id.to_string());
        let (id, after) = (world.project.id, expected[1].configuration_id);
        let all = enablements::list_of_workflow(&mut tx, id, workflow.id, None).await.unwrap();
        assert_eq!(all, expected);
        let rest = enablements::list_of_workflow(&mut tx, id, workflow.id, Some(after)).await;
        assert_eq!(rest.unwrap(), expected[2..]);
    })
    .await;
}

#[tokio::test]
async fn what_runs_for_an_account_is_read_on_after_the_last_one() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let workflow = workflow(&world, &mut tx, "sync").await;
        let credential = world.credential(&mut tx).await;
        let mut expected = Vec::new();
        for _ in 0..4 {
            let configuration = world.sample.configuration(&credential);
            configurations::insert(&mut tx, &configuration).await.unwrap();
            let enablement = world.sample.enablement(&workflow, &world.user, &configuration);
            enablements::insert(&mut tx, &enablement).await.unwrap();
            expected.push(enablement.configuration_id.to_string());
        }
        expected.sort();
        let provider_id = credential.provider_id.clone().unwrap();
        for account in [Account::Credential(credential.id), Account::ProviderId(provider_id)] {
            let (id, after) = (world.project.id, expected[1].parse().unwrap());
            for (after, rest) in [(None, &expected[..]), (Some(after), &expected[2..])] {
                let found = list_runnable_of_account(&mut tx, id, workflow.id, &account, after);
                let found = found.await.unwrap();
                let ids: Vec<String> =
                    found.iter().map(|one| one.enablement.configuration_id.to_string()).collect();
                assert_eq!(ids, rest);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_enablement_goes_with_its_workflow_and_with_its_account() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let (id, user) = (world.project.id, world.user.id);
        let configuration = configuration(&world, &mut tx).await;
        for key in ["one", "two"] {
            let workflow = workflow(&world, &mut tx, key).await;
            let enablement = world.sample.enablement(&workflow, &world.user, &configuration);
            enablements::insert(&mut tx, &enablement).await.unwrap();
        }
        let on = enablements::list_of_user(&mut tx, id, user).await.unwrap();
        workflows::delete(&mut tx, id, on[0].workflow_id).await.unwrap();
        let left = enablements::list_of_user(&mut tx, id, user).await.unwrap();
        assert_eq!(left, on[1..]);
        credentials::delete(&mut tx, id, configuration.credential_id).await.unwrap();
        assert_eq!(enablements::list_of_user(&mut tx, id, user).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn another_project_neither_finds_nor_switches_off_an_enablement() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let configuration = configuration(&world, &mut tx).await;
        let workflow = workflow(&world, &mut tx, "sync").await;
        let enablement = world.sample.enablement(&workflow, &world.user, &configuration);
        enablements::insert(&mut tx, &enablement).await.unwrap();
        let (stranger, key) = (world.stranger.id, (workflow.id, configuration.id));
        assert_eq!(enablements::find(&mut tx, stranger, key.0, key.1).await.unwrap(), None);
        assert!(!enablements::delete(&mut tx, stranger, key.0, key.1).await.unwrap());
        let listed = enablements::list_of_workflow(&mut tx, stranger, key.0, None).await.unwrap();
        assert_eq!(listed, []);
    })
    .await;
}

#[tokio::test]
async fn what_is_on_runs_while_account_integration_and_user_are_in_order() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let mut world = World::stored(&mut tx).await;
        let (id, user_id) = (world.project.id, world.user.id);
        let mut credential = world.credential(&mut tx).await;
        let configuration = world.sample.configuration(&credential);
        configurations::insert(&mut tx, &configuration).await.unwrap();
        let workflow = workflow(&world, &mut tx, "sync").await;
        let enablement = world.sample.enablement(&workflow, &world.user, &configuration);
        enablements::insert(&mut tx, &enablement).await.unwrap();
        let runnable = async |tx: &mut Transaction| {
            let of_user = enablements::list_runnable_of_user(tx, id, user_id).await.unwrap();
            let of_workflow =
                enablements::list_runnable_of_workflow(tx, id, workflow.id, None).await.unwrap();
            assert_eq!(of_user, of_workflow);
            of_user
        };
        let found = runnable(&mut tx).await;
        assert_eq!(found[0].enablement, enablement);
        assert_eq!(found[0].user_external_id, world.user.external_id);
        assert_eq!(found[0].user_metadata, world.user.metadata);

        credential.status = credentials::Status::Invalid;
        credentials::update(&mut tx, &credential).await.unwrap();
        assert_eq!(runnable(&mut tx).await, []);
        credential.status = credentials::Status::Valid;
        credentials::update(&mut tx, &credential).await.unwrap();
        world.integration.is_active = false;
        integrations::update(&mut tx, &world.integration).await.unwrap();
        assert_eq!(runnable(&mut tx).await, []);
        world.integration.is_active = true;
        integrations::update(&mut tx, &world.integration).await.unwrap();
        assert_eq!(runnable(&mut tx).await.len(), 1);
        world.user.disabled_at = Some(enablement.enabled_at);
        connected_users::update(&mut tx, &world.user).await.unwrap();
        assert_eq!(runnable(&mut tx).await, []);
    })
    .await;
}
