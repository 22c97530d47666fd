//! `kill -9` at random moments, again and again. `make crash` does it a thousand times.

use std::time::Duration;

use base::{Clock, Random};
use store::Engine;
use store::testing::engines;

use crate::load::Load;
use crate::yard::Yard;

/// How many times a server dies, unless `GANGWAY_CRASH_CYCLES` says otherwise.
const CYCLES_DEFAULT: usize = 20;
/// How long a server lives at most between two deaths.
const LIFE_MS_MAX: u64 = 600;

async fn dies_again_and_again(engine: Engine, nodes: usize) {
    let cycles = std::env::var("GANGWAY_CRASH_CYCLES").ok();
    let cycles = cycles.map_or(CYCLES_DEFAULT, |text| text.parse().unwrap());
    let (clock, random) = (Clock::system(), Random::system());
    let yard = Yard::on(engine).await;
    let load = Load::begin(&yard, 4, Duration::from_millis(100));
    let mut servers = Vec::new();
    for place in 0..nodes {
        let server = yard.made.start().await;
        load.server(place, Some(server.port));
        servers.push(server);
    }
    let mut deaths = Vec::with_capacity(cycles);
    for cycle in 0..cycles {
        let life = u64::from_le_bytes(random.bytes()) % LIFE_MS_MAX;
        clock.sleep_until(clock.now() + Duration::from_millis(life)).await;
        let place = cycle % nodes;
        servers.remove(0).dies();
        deaths.push(clock.now());
        load.server(place, None);
        let server = yard.made.start().await;
        load.server(place, Some(server.port));
        servers.push(server);
        if cycle % 100 == 99 {
            eprintln!("{engine:?}: {} cycles", cycle + 1);
        }
    }
    let ledger = load.end().await;
    assert!(ledger.acknowledged.len() > cycles, "too few to prove anything: {ledger:?}");
    yard.closes_the_books(&ledger, &deaths).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_process_on_sqlite_that_is_killed_again_and_again_loses_and_doubles_nothing() {
    if engines().contains(&Engine::Sqlite) {
        dies_again_and_again(Engine::Sqlite, 1).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_on_postgresql_that_are_killed_in_turn_lose_and_double_nothing() {
    if engines().contains(&Engine::Postgres) {
        dies_again_and_again(Engine::Postgres, 2).await;
    }
}
