use serde_json::json;
use store::configurations::{self, Awaiting};
use store::testing::on_each_engine;

use crate::sample::{World, code_of, object};

#[tokio::test]
async fn a_configuration_reads_back_as_it_was_stored() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let credential = world.credential(&mut tx).await;
        let mut configuration = world.sample.configuration(&credential);
        configuration.external_id = Some("board".to_owned());
        configurations::insert(&mut tx, &configuration).await.unwrap();
        configuration.shared_settings = object(json!({"a": {"b": [1.5, true, null]}}));
        configuration.workflow_settings = object(json!({"w": {"enabled": true}}));
        configuration.metadata = object(json!({"team": "🦊"}));
        configuration.updated_at = base::Timestamp(-1);
        assert!(configurations::update(&mut tx, &configuration).await.unwrap());
        let listed = configurations::list(&mut tx, world.project.id, credential.id).await.unwrap();
        assert_eq!(listed, [configuration]);
    })
    .await;
}

#[tokio::test]
async fn the_default_configuration_stays_as_long_as_its_credential() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let (id, credential) = (world.project.id, world.credential(&mut tx).await);
        let mut default = world.sample.configuration(&credential);
        default.is_default = true;
        let extra = world.sample.configuration(&credential);
        configurations::insert(&mut tx, &default).await.unwrap();
        configurations::insert(&mut tx, &extra).await.unwrap();
        assert!(!configurations::delete(&mut tx, id, default.id).await.unwrap());
        assert!(configurations::delete(&mut tx, id, extra.id).await.unwrap());
        let listed = configurations::list(&mut tx, id, credential.id).await.unwrap();
        assert_eq!(listed, [default]);
    })
    .await;
}

#[tokio::test]
async fn an_external_id_is_unique_for_a_credential() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let (one, two) = (world.credential(&mut tx).await, world.credential(&mut tx).await);
        let named = |credential| {
            let mut configuration = world.sample.configuration(credential);
            configuration.external_id = Some("board".to_owned());
            configuration
        };
        configurations::insert(&mut tx, &named(&one)).await.unwrap();
        configurations::insert(&mut tx, &named(&two)).await.unwrap();
        tx.commit().await.unwrap();
        let clash = named(&one);
        let code = code_of(&store, async |tx| configurations::insert(tx, &clash).await).await;
        assert_eq!(code, "configuration_exists");
    })
    .await;
}

#[tokio::test]
async fn configurations_that_await_something_are_read_on_after_the_last_one() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let mut expected = Vec::new();
        for age in [3, 2, 2, 2, 1] {
            let credential = world.credential(&mut tx).await;
            let mut default = world.sample.configuration(&credential);
            default.is_default = true;
            default.created_at = base::Timestamp(-age);
            configurations::insert(&mut tx, &default).await.unwrap();
            expected.push((default.created_at, default.id.to_string()));
        }
        expected.sort();
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let time = base::Timestamp(0);
            let page = configurations::list_awaiting(&mut tx, time, after.as_ref(), 2).await;
            let page = page.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(*last);
            seen.extend(page.iter().map(|one| (one.created_at, one.id.to_string())));
        }
        assert_eq!(seen, expected);
    })
    .await;
}

#[tokio::test]
async fn another_project_neither_finds_nor_changes_a_configuration() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let credential = world.credential(&mut tx).await;
        let mut configuration = world.sample.configuration(&credential);
        configurations::insert(&mut tx, &configuration).await.unwrap();
        let stranger = world.stranger.id;
        assert_eq!(configurations::list(&mut tx, stranger, credential.id).await.unwrap(), []);
        assert!(!configurations::delete(&mut tx, stranger, configuration.id).await.unwrap());
        configuration.project_id = stranger;
        assert!(!configurations::update(&mut tx, &configuration).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_new_accounts_configuration_awaits_what_is_on_by_itself_until_one_caller_takes_it() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let (id, credential) = (world.project.id, world.credential(&mut tx).await);
        let mut default = world.sample.configuration(&credential);
        default.is_default = true;
        let extra = world.sample.configuration(&credential);
        configurations::insert(&mut tx, &default).await.unwrap();
        configurations::insert(&mut tx, &extra).await.unwrap();
        let awaiting = Awaiting {
            project_id: id,
            credential_id: credential.id,
            id: default.id,
            created_at: default.created_at,
        };
        let later = extra.created_at;
        let listed = configurations::list_awaiting(&mut tx, later, None, 10).await.unwrap();
        assert_eq!(listed, [awaiting]);
        let found = configurations::find_awaiting(&mut tx, id, credential.id).await.unwrap();
        assert_eq!(found, Some(default.id));
        assert!(configurations::take_awaiting(&mut tx, id, default.id).await.unwrap());
        assert!(!configurations::take_awaiting(&mut tx, id, default.id).await.unwrap());
        assert_eq!(configurations::list_awaiting(&mut tx, later, None, 10).await.unwrap(), []);
    })
    .await;
}
