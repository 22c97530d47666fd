use serde_json::json;
use store::integrations;
use store::testing::on_each_engine;

use crate::sample::{World, code_of, object};

#[tokio::test]
async fn an_integration_reads_back_as_it_was_stored() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let id = world.project.id;
        let mut integration = world.integration;
        let found = integrations::find(&mut tx, id, integration.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(&integration));

        integration.is_active = false;
        integration.scopes = vec![];
        integration.settings = object(json!({"tenant": "contoso"}));
        assert!(integrations::update(&mut tx, &integration).await.unwrap());
        assert_eq!(integrations::list(&mut tx, id).await.unwrap(), [integration]);
    })
    .await;
}

#[tokio::test]
async fn a_project_has_one_integration_of_a_kind_and_another_project_its_own() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let others = world.sample.integration(world.stranger.id, "azuredevops");
        integrations::insert(&mut tx, &others).await.unwrap();
        tx.commit().await.unwrap();

        let second = world.sample.integration(world.project.id, "azuredevops");
        let code = code_of(&store, async |tx| integrations::insert(tx, &second).await).await;
        assert_eq!(code, "integration_exists");
    })
    .await;
}

#[tokio::test]
async fn another_project_neither_finds_nor_changes_an_integration() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let (stranger, mut integration) = (world.stranger.id, world.integration);
        assert_eq!(integrations::find(&mut tx, stranger, integration.id).await.unwrap(), None);
        assert_eq!(integrations::list(&mut tx, stranger).await.unwrap(), []);
        assert!(!integrations::delete(&mut tx, stranger, integration.id).await.unwrap());
        integration.project_id = stranger;
        assert!(!integrations::update(&mut tx, &integration).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn its_app_registrations_and_credentials_go_with_an_integration() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let id = world.project.id;
        let registration = world.sample.registration(&world.integration);
        store::app_registrations::insert(&mut tx, &registration).await.unwrap();
        let mut credential = world.sample.credential(&world.user, &world.integration);
        credential.app_registration_id = Some(registration.id);
        store::credentials::insert(&mut tx, &credential).await.unwrap();

        assert!(integrations::delete(&mut tx, id, world.integration.id).await.unwrap());
        tx.commit().await.unwrap();
        let mut conn = store.read().await.unwrap();
        assert_eq!(store::credentials::find(&mut conn, id, credential.id).await.unwrap(), None);
        let found = store::app_registrations::find(&mut conn, id, registration.id).await.unwrap();
        assert_eq!(found, None);
    })
    .await;
}
