use store::app_registrations;
use store::testing::on_each_engine;

use crate::sample::World;

#[tokio::test]
async fn the_newest_registration_is_the_current_one_and_a_replaced_one_stays() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let (id, integration) = (world.project.id, world.integration.id);
        let current = async |tx: &mut store::Transaction| {
            app_registrations::find_current(tx, id, integration).await.unwrap()
        };
        assert_eq!(current(&mut tx).await, None);

        let mut old = world.sample.registration(&world.integration);
        app_registrations::insert(&mut tx, &old).await.unwrap();
        assert_eq!(current(&mut tx).await, Some(old.clone()));

        let now = world.sample.clock.now();
        app_registrations::replace_current(&mut tx, id, integration, now).await.unwrap();
        assert_eq!(current(&mut tx).await, None);
        let new = world.sample.registration(&world.integration);
        app_registrations::insert(&mut tx, &new).await.unwrap();
        assert_eq!(current(&mut tx).await, Some(new));
        old.replaced_at = Some(now);
        assert_eq!(app_registrations::find(&mut tx, id, old.id).await.unwrap(), Some(old));
    })
    .await;
}

#[tokio::test]
async fn a_new_secret_replaces_the_old_one() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let registration = world.sample.registration(&world.integration);
        app_registrations::insert(&mut tx, &registration).await.unwrap();
        let (id, stranger) = (world.project.id, world.stranger.id);
        let update = app_registrations::update_secret;
        assert!(update(&mut tx, id, registration.id, &[9; 40]).await.unwrap());
        assert!(!update(&mut tx, stranger, registration.id, &[0; 40]).await.unwrap());
        let found = app_registrations::find(&mut tx, id, registration.id).await.unwrap().unwrap();
        assert_eq!(found.client_secret, [9; 40]);
    })
    .await;
}

#[tokio::test]
async fn a_replaced_registration_is_deleted_when_no_credential_uses_it_any_more() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let (id, integration) = (world.project.id, world.integration.id);
        let old = world.sample.registration(&world.integration);
        app_registrations::insert(&mut tx, &old).await.unwrap();
        let mut credential = world.sample.credential(&world.user, &world.integration);
        credential.app_registration_id = Some(old.id);
        store::credentials::insert(&mut tx, &credential).await.unwrap();
        let delete = app_registrations::delete_unused;

        assert_eq!(delete(&mut tx, id, integration).await.unwrap(), 0, "it is current");
        let now = world.sample.clock.now();
        app_registrations::replace_current(&mut tx, id, integration, now).await.unwrap();
        assert_eq!(delete(&mut tx, id, integration).await.unwrap(), 0, "it is used");
        assert!(store::credentials::delete(&mut tx, id, credential.id).await.unwrap());
        assert_eq!(delete(&mut tx, world.stranger.id, integration).await.unwrap(), 0);
        assert_eq!(delete(&mut tx, id, integration).await.unwrap(), 1);
        assert_eq!(app_registrations::find(&mut tx, id, old.id).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn another_project_finds_no_registration() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let registration = world.sample.registration(&world.integration);
        app_registrations::insert(&mut tx, &registration).await.unwrap();
        let (stranger, integration) = (world.stranger.id, world.integration.id);
        let found = app_registrations::find(&mut tx, stranger, registration.id).await.unwrap();
        assert_eq!(found, None);
        let now = world.sample.clock.now();
        app_registrations::replace_current(&mut tx, stranger, integration, now).await.unwrap();
        let found = app_registrations::find_current(&mut tx, stranger, integration).await.unwrap();
        assert_eq!(found, None);
        let id = world.project.id;
        let found = app_registrations::find_current(&mut tx, id, integration).await.unwrap();
        assert_eq!(found, Some(registration));
    })
    .await;
}
