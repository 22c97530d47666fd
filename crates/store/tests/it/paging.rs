//! Pages of any size, over rows of any times, together are the whole list.

use base::{ProjectId, Random, Timestamp};
use store::page::Cursor;
use store::testing::on_each_engine;
use store::{Connection, PageRequest, projects};

use crate::sample::Sample;

const SEEDS: std::ops::Range<u64> = 0..24;
const ROWS_MAX: u64 = 40;
/// Few times for many rows, so that ties are common.
const TIMES: u64 = 6;

struct Choices(Random);

impl Choices {
    fn below(&self, limit: u64) -> u64 {
        u64::from_le_bytes(self.0.bytes()) % limit
    }
}

/// Adds projects, each made at one of a few times; answers their places in the list.
async fn add(
    conn: &mut Connection,
    sample: &Sample,
    choices: &Choices,
    rows: u64,
) -> Vec<(Timestamp, ProjectId)> {
    let mut added = Vec::new();
    for _ in 0..rows {
        let mut project = sample.project();
        project.created_at = Timestamp::from_secs(i64::try_from(choices.below(TIMES)).unwrap());
        projects::insert(conn, &project).await.unwrap();
        added.push((project.created_at, project.id));
    }
    added
}

/// Follows the pages to the end; `between` happens after each.
async fn follow(
    conn: &mut Connection,
    limit: u32,
    mut between: impl AsyncFnMut(&mut Connection),
) -> Vec<(Timestamp, ProjectId)> {
    let (mut found, mut page) = (Vec::new(), PageRequest { after: None, limit });
    loop {
        let next = projects::list(conn, &page).await.unwrap();
        assert!(next.items.len() <= usize::try_from(limit).unwrap());
        found.extend(next.items.iter().map(|project| (project.created_at, project.id)));
        let Some(cursor) = next.next else { return found };
        // As it goes round by way of a caller.
        let again: Cursor = cursor.to_string().parse().unwrap();
        assert_eq!(again, cursor);
        page.after = Some(again);
        between(conn).await;
    }
}

fn sorted(mut rows: Vec<(Timestamp, ProjectId)>) -> Vec<(Timestamp, ProjectId)> {
    rows.sort_by_key(|(time, id)| (*time, id.to_string()));
    rows
}

#[tokio::test]
async fn following_the_pages_finds_every_row_once_and_in_order() {
    on_each_engine(async |store| {
        for seed in SEEDS {
            let (sample, choices) = (Sample::seeded(seed), Choices(Random::seeded(seed)));
            let mut tx = store.begin().await.unwrap();
            let rows = choices.below(ROWS_MAX);
            let all = sorted(add(&mut tx, &sample, &choices, rows).await);
            let limit = u32::try_from(1 + choices.below(10)).unwrap();
            let found = follow(&mut tx, limit, async |_| ()).await;
            assert_eq!(found, all, "seed {seed}, pages of {limit}");
            // The transaction is undone: each seed has the table for itself.
        }
    })
    .await;
}

#[tokio::test]
async fn rows_that_come_and_go_meanwhile_neither_repeat_nor_hide_others() {
    on_each_engine(async |store| {
        for seed in SEEDS {
            let (sample, choices) = (Sample::seeded(seed), Choices(Random::seeded(seed)));
            let mut tx = store.begin().await.unwrap();
            let all = sorted(add(&mut tx, &sample, &choices, ROWS_MAX).await);
            let gone = all[usize::try_from(choices.below(ROWS_MAX)).unwrap()].1;
            let mut later = Vec::new();
            let found = follow(&mut tx, 3, async |conn| {
                later.extend(add(conn, &sample, &choices, 1).await);
                projects::delete(conn, gone).await.unwrap();
            })
            .await;
            let mut once = found.clone();
            once.dedup();
            assert_eq!(once, sorted(found.clone()), "seed {seed}");
            let stayed = all.iter().filter(|(_, id)| *id != gone);
            assert!(stayed.into_iter().all(|row| found.contains(row)), "seed {seed}");
        }
    })
    .await;
}
