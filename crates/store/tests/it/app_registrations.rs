use std::time::Duration;

use store::app_registrations::{self, Proof};
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
async fn a_new_secret_replaces_the_old_one_and_its_successor() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let registration = world.sample.registration(&world.integration);
        app_registrations::insert(&mut tx, &registration).await.unwrap();
        let (id, stranger) = (world.project.id, world.stranger.id);
        let expires_at = Some(registration.created_at);
        let next = Proof { sealed: vec![9; 40], expires_at, thumbprint: Some("print".to_owned()) };
        let set = app_registrations::set_successor;
        assert!(set(&mut tx, id, registration.id, Some(&next)).await.unwrap());
        assert!(!set(&mut tx, stranger, registration.id, None).await.unwrap());
        let found = app_registrations::find(&mut tx, id, registration.id).await.unwrap().unwrap();
        assert_eq!(found.successor.as_ref(), Some(&next));
        assert_eq!(found.proof, registration.proof);

        let replace = app_registrations::replace_proof;
        assert!(replace(&mut tx, id, registration.id, &next).await.unwrap());
        assert!(!replace(&mut tx, stranger, registration.id, &found.proof).await.unwrap());
        let found = app_registrations::find(&mut tx, id, registration.id).await.unwrap().unwrap();
        assert_eq!((found.proof, found.successor), (next, None));
    })
    .await;
}

#[tokio::test]
async fn the_end_of_a_secret_is_announced_once_for_each_number_of_days() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let mut registration = world.sample.registration(&world.integration);
        let end = registration.created_at + Duration::from_secs(60);
        registration.proof.expires_at = Some(end);
        app_registrations::insert(&mut tx, &registration).await.unwrap();
        let expiring = app_registrations::list_expiring;
        let none = expiring(&mut tx, registration.created_at, 30, 9).await.unwrap();
        assert_eq!(none, []);
        assert_eq!(expiring(&mut tx, end, 30, 9).await.unwrap(), [registration.clone()]);
        let announce = app_registrations::announce;
        assert!(announce(&mut tx, &registration, 30).await.unwrap());
        assert!(!announce(&mut tx, &registration, 30).await.unwrap());
        assert_eq!(expiring(&mut tx, end, 30, 9).await.unwrap(), []);
        assert_eq!(expiring(&mut tx, end, 14, 9).await.unwrap().len(), 1);
        assert!(announce(&mut tx, &registration, 14).await.unwrap());
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
