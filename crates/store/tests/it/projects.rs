use store::testing::on_each_engine;
use store::{PageRequest, projects};

use crate::sample::{Sample, World};

#[tokio::test]
async fn a_project_reads_back_as_it_was_stored() {
    on_each_engine(async |store| {
        let mut project = Sample::new().project();
        let mut tx = store.begin().await.unwrap();
        projects::insert(&mut tx, &project).await.unwrap();
        project.name = "Fabrikam".to_owned();
        project.allowed_origins = vec![];
        project.updated_at = base::Timestamp(i64::MAX);
        assert!(projects::update(&mut tx, &project).await.unwrap());
        tx.commit().await.unwrap();

        let mut conn = store.read().await.unwrap();
        assert_eq!(projects::find(&mut conn, project.id).await.unwrap(), Some(project));
    })
    .await;
}

#[tokio::test]
async fn a_project_that_is_not_there_is_not_found_updated_or_deleted() {
    on_each_engine(async |store| {
        let nobody = Sample::new().project();
        let mut tx = store.begin().await.unwrap();
        assert_eq!(projects::find(&mut tx, nobody.id).await.unwrap(), None);
        assert!(!projects::update(&mut tx, &nobody).await.unwrap());
        assert!(!projects::delete(&mut tx, nobody.id).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn following_the_pages_gives_every_project_once_in_order() {
    on_each_engine(async |store| {
        let sample = Sample::new();
        let mut all: Vec<_> = (0..7).map(|_| sample.project()).collect();
        // Two of the same moment are told apart by their ids.
        all[3].created_at = all[4].created_at;
        let mut tx = store.begin().await.unwrap();
        for project in all.iter().rev() {
            projects::insert(&mut tx, project).await.unwrap();
        }
        for limit in [1, 2, 3, 7, 8] {
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let page = projects::list(&mut tx, &PageRequest { after, limit }).await.unwrap();
                assert!(page.items.len() <= limit as usize);
                found.extend(page.items);
                // The place goes to a caller and comes back as text.
                after = page.next.map(|next| next.to_string().parse().unwrap());
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(found, all, "in pages of {limit}");
        }
    })
    .await;
}

#[tokio::test]
async fn data_keys_are_listed_once_each_and_replaced_only_where_nobody_else_did() {
    on_each_engine(async |store| {
        let sample = Sample::new();
        let mut all: Vec<_> = (0..5).map(|_| sample.project()).collect();
        all.sort_by_key(|project| project.id.to_string());
        let mut tx = store.begin().await.unwrap();
        for project in all.iter().rev() {
            projects::insert(&mut tx, project).await.unwrap();
        }
        let id = all[1].id;
        let read = std::mem::replace(&mut all[1].data_key, vec![0, 254, 255]);
        let wrapped = &all[1].data_key;
        assert!(projects::replace_data_key(&mut tx, id, &read, wrapped).await.unwrap());
        assert!(!projects::replace_data_key(&mut tx, id, &read, wrapped).await.unwrap());
        let (mut found, mut after) = (Vec::new(), None);
        while let Some((last, _)) = {
            let next = projects::list_data_keys(&mut tx, after, 2).await.unwrap();
            let last = next.last().cloned();
            found.extend(next);
            last
        } {
            after = Some(last);
        }
        let wanted: Vec<_> = all.into_iter().map(|one| (one.id, one.data_key)).collect();
        assert_eq!(found, wanted);
    })
    .await;
}

#[test]
fn a_place_that_no_page_gave_is_refused() {
    let id = "0198c2a0-0000-7000-8000-000000000000";
    assert!(format!("12.{id}").parse::<store::page::Cursor>().is_ok());
    for text in ["", ".", "12", "12.", "x.y", "12.\0", &format!("12.{id}x"), &format!("1e3.{id}")] {
        let error = text.parse::<store::page::Cursor>().expect_err(text);
        assert_eq!(error.code(), "invalid_cursor");
    }
}

#[tokio::test]
async fn everything_of_a_project_goes_with_it() {
    on_each_engine(async |store| {
        let mut tx = store.begin().await.unwrap();
        let world = World::stored(&mut tx).await;
        let sample = &world.sample;
        let registration = sample.registration(&world.integration);
        store::app_registrations::insert(&mut tx, &registration).await.unwrap();
        let mut credential = sample.credential(&world.user, &world.integration);
        credential.app_registration_id = Some(registration.id);
        store::credentials::insert(&mut tx, &credential).await.unwrap();
        let configuration = sample.configuration(&credential);
        store::configurations::insert(&mut tx, &configuration).await.unwrap();
        let (key, token) = (sample.key(world.project.id), sample.token(Some(world.project.id)));
        store::signing_keys::insert(&mut tx, &key).await.unwrap();
        store::api_tokens::insert(&mut tx, &token).await.unwrap();
        let nonce = sample.nonce(&world.user, &world.integration);
        store::oauth_nonces::insert(&mut tx, &nonce).await.unwrap();
        let attempt = sample.attempt(&world.user, &world.integration);
        store::oauth_attempts::insert(&mut tx, &attempt).await.unwrap();

        assert!(projects::delete(&mut tx, world.project.id).await.unwrap());
        tx.commit().await.unwrap();

        let (mut conn, id) = (store.read().await.unwrap(), world.project.id);
        let conn = &mut *conn;
        assert_eq!(store::integrations::list(conn, id).await.unwrap(), []);
        let found = store::app_registrations::find(conn, id, registration.id).await.unwrap();
        assert_eq!(found, None);
        assert_eq!(store::credentials::find(conn, id, credential.id).await.unwrap(), None);
        assert_eq!(store::configurations::list(conn, id, credential.id).await.unwrap(), []);
        assert_eq!(store::signing_keys::list(conn, id).await.unwrap(), []);
        assert_eq!(store::api_tokens::find_active(conn, &token.hash).await.unwrap(), None);
        assert_eq!(store::oauth_nonces::find(conn, &nonce.hash).await.unwrap(), None);
        let found = store::oauth_attempts::find_by_state(conn, &attempt.state_hash).await.unwrap();
        assert_eq!(found, None);
        assert!(projects::find(conn, world.stranger.id).await.unwrap().is_some());
    })
    .await;
}
