//! Servers that are asked to stop under load, and nodes that are held up for longer than their lease.

use std::time::Duration;

use base::Clock;
use engine::runner::NODE_LEASE;
use store::testing::engines;
use store::{Engine, claims};

use crate::load::Load;
use crate::pair::until;
use crate::yard::Yard;

/// How long stopping may take.
const STOP_MAX: Duration = Duration::from_secs(10);
/// How many acknowledged triggers make a load.
const TRIGGERS_MIN: usize = 40;

async fn is_loaded(load: &Load) {
    let enough = async || (load.ledger().acknowledged.len() >= TRIGGERS_MIN).then_some(());
    until("there is a load", enough).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_asked_to_stop_under_load_ends_within_ten_seconds_and_loses_nothing() {
    for engine in engines() {
        let clock = Clock::system();
        let yard = Yard::on(engine).await;
        let load = Load::begin(&yard, 8, Duration::from_millis(5));
        let mut server = yard.made.start().await;
        load.server(0, Some(server.port));
        is_loaded(&load).await;
        let began = clock.now();
        server.signal("TERM");
        let well = until("it ends", async || server.ended()).await;
        assert!(well, "it ends well");
        let took = clock.now().since(began);
        assert!(took < STOP_MAX, "{took:?}");
        let ledger = load.end().await;
        let _server = yard.made.start().await;
        let books = yard.closes_the_books(&ledger, &[]).await;
        assert_eq!(books.repeated, 0, "in good order, every outcome is written down");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_node_had_that_is_held_up_past_its_lease_another_ends_and_it_writes_nothing_more() {
    if !engines().contains(&Engine::Postgres) {
        return;
    }
    let yard = Yard::on(Engine::Postgres).await;
    let load = Load::begin(&yard, 8, Duration::from_millis(5));
    let held_up = yard.made.start().await;
    load.server(0, Some(held_up.port));
    is_loaded(&load).await;
    held_up.signal("STOP");
    let stopped = Clock::system().now();
    load.server(0, None);
    let running = async || {
        let mut conn = yard.made.store.read().await.unwrap();
        claims::running(&mut conn, yard.made.project_id).await.unwrap()
    };
    let had = running().await;
    assert!(had > 0, "it was held up in the middle of something");
    let other = yard.made.start().await;
    let clock = Clock::system();
    let deadline = clock.now() + NODE_LEASE * 4;
    // To their end: what it takes in the moment before it notices that it was forgotten is taken over
    // too, and would be called a third time.
    until("the other takes over and ends", async || {
        assert!(clock.now() < deadline, "the lease has passed and nobody took over");
        let mut conn = yard.made.store.read().await.unwrap();
        let due = claims::next_due(&mut conn, yard.made.project_id).await.unwrap();
        (due.is_none() && running().await == 0).then_some(())
    })
    .await;
    held_up.signal("CONT");
    until("it answers again", async || held_up.get("/readyz", "").await).await;
    load.server(0, Some(held_up.port));
    load.server(1, Some(other.port));
    let before = load.ledger().acknowledged.len();
    let further = async || (load.ledger().acknowledged.len() > before + TRIGGERS_MIN).then_some(());
    until("both take more", further).await;
    let ledger = load.end().await;
    yard.closes_the_books(&ledger, &[stopped]).await;
}
