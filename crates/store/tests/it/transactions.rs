use base::ErrorKind;
use store::projects;
use store::testing::on_each_engine;

use crate::sample::Sample;

#[tokio::test]
async fn what_is_not_committed_never_was() {
    on_each_engine(async |store| {
        let project = Sample::new().project();
        let mut tx = store.begin().await.unwrap();
        projects::insert(&mut tx, &project).await.unwrap();
        drop(tx);
        let mut conn = store.read().await.unwrap();
        assert_eq!(projects::find(&mut conn, project.id).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_reader_sees_nothing_of_a_transaction_before_its_commit() {
    on_each_engine(async |store| {
        let project = Sample::new().project();
        let mut conn = store.read().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        projects::insert(&mut tx, &project).await.unwrap();
        assert_eq!(projects::find(&mut conn, project.id).await.unwrap(), None);
        tx.commit().await.unwrap();
        assert!(projects::find(&mut conn, project.id).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn many_writers_at_once_all_succeed() {
    on_each_engine(async |store| {
        let sample = Sample::new();
        let writers = (0..50).map(|_| {
            let (store, project) = (store.clone(), sample.project());
            tokio::spawn(async move {
                let mut tx = store.begin().await.unwrap();
                projects::insert(&mut tx, &project).await.unwrap();
                tx.commit().await.unwrap();
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        let mut conn = store.read().await.unwrap();
        let all = store::PageRequest { after: None, limit: 200 };
        assert_eq!(projects::list(&mut conn, &all).await.unwrap().items.len(), 50);
    })
    .await;
}

#[tokio::test]
async fn a_row_that_hangs_from_nothing_is_refused() {
    on_each_engine(async |store| {
        let sample = Sample::new();
        let orphan = sample.user(sample.project().id, "ann");
        let mut tx = store.begin().await.unwrap();
        let error = store::connected_users::ensure(&mut tx, &orphan).await.expect_err("no project");
        assert_eq!(error.kind(), ErrorKind::Internal);
    })
    .await;
}

#[tokio::test]
async fn a_closed_store_is_unavailable_and_says_so() {
    on_each_engine(async |store| {
        store.ping().await.unwrap();
        store.close().await;
        let error = store.ping().await.expect_err("it is closed");
        assert_eq!((error.kind(), error.code()), (ErrorKind::Unavailable, "database_unavailable"));
    })
    .await;
}
