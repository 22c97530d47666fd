use std::time::Duration;

use store::changes::{self, CHANGES_READ_MAX, Change, Kind};
use store::testing::on_each_engine;

use crate::sample::Sample;

const KINDS: [Kind; 5] =
    [Kind::Project, Kind::SigningKeys, Kind::ApiTokens, Kind::ConnectedUser, Kind::Credential];

#[tokio::test]
async fn a_reader_hears_of_every_change_once_in_the_order_of_the_commits() {
    on_each_engine(async |store| {
        let sample = Sample::new();
        let (project, now) = (sample.project(), sample.clock.now());
        let mut conn = store.read().await.unwrap();
        let start = changes::latest(&mut conn).await.unwrap();
        for (index, kind) in KINDS.into_iter().enumerate() {
            let mut tx = store.begin().await.unwrap();
            changes::note(&mut tx, project.id, kind, index, now).await.unwrap();
            tx.commit().await.unwrap();
        }
        let heard = changes::after(&mut conn, start).await.unwrap();
        let expected: Vec<_> = (1..)
            .zip(KINDS)
            .map(|(step, kind)| Change {
                number: start + step,
                project_id: project.id,
                kind: Some(kind),
                subject: (step - 1).to_string(),
            })
            .collect();
        assert_eq!(heard, expected);
        assert_eq!(changes::after(&mut conn, start + 3).await.unwrap(), expected[3..]);
        assert_eq!(changes::latest(&mut conn).await.unwrap(), start + 5);
    })
    .await;
}

#[tokio::test]
async fn a_change_that_is_undone_leaves_no_gap() {
    on_each_engine(async |store| {
        let sample = Sample::new();
        let (project, now) = (sample.project(), sample.clock.now());
        let mut numbers = Vec::new();
        for commit in [false, true] {
            let mut tx = store.begin().await.unwrap();
            changes::note(&mut tx, project.id, Kind::Project, "x", now).await.unwrap();
            numbers.push(changes::latest(&mut tx).await.unwrap());
            if commit {
                tx.commit().await.unwrap();
            }
        }
        assert_eq!(numbers[0], numbers[1]);
    })
    .await;
}

#[tokio::test]
async fn writers_at_once_get_numbers_without_gap_or_double() {
    on_each_engine(async |store| {
        let sample = Sample::new();
        let (project, now) = (sample.project().id, sample.clock.now());
        let writers = (0..20).map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut tx = store.begin().await.unwrap();
                changes::note(&mut tx, project, Kind::Project, writer, now).await.unwrap();
                tx.commit().await.unwrap();
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        let mut conn = store.read().await.unwrap();
        let heard = changes::after(&mut conn, 0).await.unwrap();
        let numbers: Vec<_> = heard.iter().map(|change| change.number).collect();
        assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn one_poll_reads_a_bounded_number_and_the_next_goes_on_there() {
    on_each_engine(async |store| {
        let sample = Sample::new();
        let (project, now) = (sample.project().id, sample.clock.now());
        let mut tx = store.begin().await.unwrap();
        for _ in 0..=CHANGES_READ_MAX {
            changes::note(&mut tx, project, Kind::Project, "x", now).await.unwrap();
        }
        let first = changes::after(&mut tx, 0).await.unwrap();
        assert_eq!(first.len() as i64, CHANGES_READ_MAX);
        let rest = changes::after(&mut tx, CHANGES_READ_MAX).await.unwrap();
        assert_eq!(rest.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn old_changes_are_deleted_and_their_numbers_never_come_again() {
    on_each_engine(async |store| {
        let sample = Sample::new();
        let (project, now) = (sample.project().id, sample.clock.now());
        let mut tx = store.begin().await.unwrap();
        changes::note(&mut tx, project, Kind::Project, "old", now).await.unwrap();
        let later = now + Duration::from_secs(1);
        assert_eq!(changes::delete_before(&mut tx, later).await.unwrap(), 1);
        changes::note(&mut tx, project, Kind::Project, "new", later).await.unwrap();
        let heard = changes::after(&mut tx, 0).await.unwrap();
        assert_eq!((heard.len(), heard[0].number), (1, 2));
        assert_eq!(changes::delete_before(&mut tx, later).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn what_holds_the_log_sees_all_that_others_did_while_they_held_it() {
    on_each_engine(async |store| {
        let project = Sample::new().project();
        let mut first = store.begin().await.unwrap();
        changes::hold(&mut first).await.unwrap();
        let second = tokio::spawn({
            let store = store.clone();
            async move {
                let mut tx = store.begin().await.unwrap();
                changes::hold(&mut tx).await.unwrap();
                store::projects::find(&mut tx, project.id).await.unwrap().is_some()
            }
        });
        store.ping().await.unwrap();
        store::projects::insert(&mut first, &project).await.unwrap();
        first.commit().await.unwrap();
        assert!(second.await.unwrap());
    })
    .await;
}
