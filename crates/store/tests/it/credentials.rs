use serde_json::json;
use store::credentials::{self, Status};
use store::testing::on_each_engine;
use store::{PageRequest, configurations};

use crate::sample::{World, code_of, object};

#[tokio::test]
async fn a_credential_reads_back_as_it_was_stored() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let id = world.project.id;
        let registration = world.sample.registration(&world.integration);
        store::app_registrations::insert(&mut tx, &registration).await.unwrap();
        let full = world.credential(&mut tx).await;
        let found = credentials::find(&mut tx, id, full.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(&full));

        // Every column that may be null goes from a value to null or back.
        let mut changed = full.clone();
        changed.app_registration_id = Some(registration.id);
        changed.external_id = Some("work".to_owned());
        changed.status = Status::Invalid;
        changed.status_reason = Some(json!({"code": "invalid_grant", "message": "“no”"}));
        changed.provider_id = None;
        changed.provider_data = object(json!({}));
        changed.secrets = Vec::new();
        changed.expires_at = None;
        changed.refresh_failure_count = i64::MAX;
        changed.suspect_since = Some(changed.created_at);
        for next in [changed, full] {
            assert!(credentials::update(&mut tx, &next).await.unwrap());
            assert_eq!(credentials::find(&mut tx, id, next.id).await.unwrap(), Some(next));
        }
    })
    .await;
}

#[tokio::test]
async fn an_external_id_is_unique_for_a_user_and_integration() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let mut first = world.sample.credential(&world.user, &world.integration);
        first.external_id = Some("work".to_owned());
        credentials::insert(&mut tx, &first).await.unwrap();
        let mut second = world.credential(&mut tx).await;
        tx.commit().await.unwrap();

        second.external_id = Some("work".to_owned());
        let code =
            code_of(&store, async |tx| credentials::update(tx, &second).await.map(drop)).await;
        assert_eq!(code, "external_id_taken");
        second.id = base::CredentialId::new(&world.sample.clock, &world.sample.random);
        let code = code_of(&store, async |tx| credentials::insert(tx, &second).await).await;
        assert_eq!(code, "external_id_taken");
    })
    .await;
}

#[tokio::test]
async fn a_users_credentials_are_listed_oldest_first_and_a_projects_page_by_page() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let (a, b) = (world.credential(&mut tx).await, world.credential(&mut tx).await);
        let bob = world.sample.user(world.project.id, "bob");
        store::connected_users::ensure(&mut tx, &bob).await.unwrap();
        let c = world.sample.credential(&bob, &world.integration);
        credentials::insert(&mut tx, &c).await.unwrap();

        let id = world.project.id;
        let anns = credentials::list_of_user(&mut tx, id, world.user.id).await.unwrap();
        assert_eq!(anns, [a.clone(), b.clone()]);
        let request = PageRequest { after: None, limit: 2 };
        let first = credentials::list(&mut tx, id, &request).await.unwrap();
        assert_eq!(first.items, [a, b]);
        let request = PageRequest { after: first.next, limit: 2 };
        assert_eq!(credentials::list(&mut tx, id, &request).await.unwrap().items, [c]);
    })
    .await;
}

#[tokio::test]
async fn another_project_neither_finds_nor_changes_a_credential() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let mut credential = world.credential(&mut tx).await;
        let (stranger, id) = (world.stranger.id, credential.id);
        assert_eq!(credentials::find(&mut tx, stranger, id).await.unwrap(), None);
        let listed = credentials::list_of_user(&mut tx, stranger, world.user.id).await.unwrap();
        assert_eq!(listed, []);
        let page = credentials::list(&mut tx, stranger, &PageRequest::default()).await.unwrap();
        assert_eq!(page.items, []);
        assert!(!credentials::delete(&mut tx, stranger, id).await.unwrap());
        credential.project_id = stranger;
        assert!(!credentials::update(&mut tx, &credential).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn its_configurations_go_with_a_credential() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let (id, credential) = (world.project.id, world.credential(&mut tx).await);
        let configuration = world.sample.configuration(&credential);
        configurations::insert(&mut tx, &configuration).await.unwrap();
        assert!(credentials::delete(&mut tx, id, credential.id).await.unwrap());
        assert!(!credentials::delete(&mut tx, id, credential.id).await.unwrap());
        assert_eq!(configurations::list(&mut tx, id, credential.id).await.unwrap(), []);
    })
    .await;
}
