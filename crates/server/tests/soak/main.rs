//! Nothing is left behind, however clients and the provider behave: no memory, no socket, no task.
//! `GANGWAY_SOAK_SECONDS` says for how long; ten minutes (600) tell more than the usual five seconds.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

#[path = "../it/actors.rs"]
#[expect(dead_code, reason = "the soak needs a part of it")]
mod actors;
#[path = "../it/app.rs"]
#[expect(dead_code, reason = "the soak needs a part of it")]
mod app;
#[path = "../it/browser.rs"]
#[expect(dead_code, reason = "the soak needs a part of it")]
mod browser;
#[path = "../it/reply.rs"]
#[expect(dead_code, reason = "the soak needs a part of it")]
mod reply;

mod clients;
mod relay;

use std::sync::Arc;
use std::time::Duration;

use base::Clock;
use clients::Clients;
use server::http::serve::{self, Limits, Listeners};
use store::Engine;
use tokio::sync::watch;
use tokio::task::JoinSet;

use app::TestApp;

const SECONDS: u64 = 5;
/// How many clients are there at once.
const CLIENTS: u64 = 16;
/// What may differ without being a leak: idle connections to the provider and what serves them.
const SLACK: usize = 80;
const RSS_SLACK_BYTES: usize = 48 * 1024 * 1024;

/// What a process holds. Tasks are those of the test's own runtime; a connection that a serving
/// thread left behind shows by its file.
#[derive(Clone, Copy, Debug)]
struct Holdings {
    tasks: usize,
    files: usize,
    rss_bytes: usize,
}

impl Holdings {
    fn now() -> Self {
        let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
        let pages: usize = pages.split(' ').nth(1).unwrap().parse().unwrap();
        Self {
            tasks: tokio::runtime::Handle::current().metrics().num_alive_tasks(),
            files: std::fs::read_dir("/proc/self/fd").unwrap().count(),
            rss_bytes: pages * 4096,
        }
    }

    fn exceeds(self, before: Self) -> bool {
        self.tasks > before.tasks + SLACK
            || self.files > before.files + SLACK
            || self.rss_bytes > before.rss_bytes + RSS_SLACK_BYTES
    }
}

/// Lets clients come and go for a while of real time, and the test clock go with it.
async fn visits(test: &TestApp, clients: &Arc<Clients>, time: Duration) -> u64 {
    let (clock, mut number) = (Clock::system(), 0);
    let end = clock.now() + time;
    let mut here = JoinSet::new();
    while clock.now() < end {
        while here.len() < usize::try_from(CLIENTS).unwrap() {
            let clients = Arc::clone(clients);
            here.spawn(async move { clients.come(number).await });
            number += 1;
        }
        let _ = here.join_next().await;
        if number.is_multiple_of(100) {
            test.clock.advance(Duration::from_millis(100));
            test.app.connect().write_notes(false).await.unwrap();
        }
    }
    while !here.is_empty() {
        test.clock.advance(Duration::from_secs(1));
        let _ = clock.timeout(Duration::from_millis(20), here.join_next()).await;
    }
    number
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_client_and_no_provider_leaves_anything_behind() {
    let seconds = std::env::var("GANGWAY_SOAK_SECONDS").ok().and_then(|text| text.parse().ok());
    let seconds: u64 = seconds.unwrap_or(SECONDS);
    let test = TestApp::start_with(Engine::Sqlite, |config| {
        for address in config.profile_addresses.values_mut() {
            address.socket = relay::start(address.socket);
        }
        config.outbound.connect_timeout = Duration::from_secs(3_600);
    })
    .await;
    // Connecting has to get through the same stretch of network.
    let pat = test.sandbox.world().directory.person("ann").unwrap().pat("acme").unwrap().to_owned();
    let ann = test.end_user("ann");
    while !ann.types_token("acme", &pat).await.status.is_success() {}

    let listeners = Listeners::bind(&["127.0.0.1:0".parse().unwrap()]).await.unwrap();
    let server = listeners.addresses()[0];
    let (stop, stopped) = watch::channel(false);
    let limits = Limits::of(&test.app.config().server);
    let serving = tokio::spawn(serve::serve(listeners, test.router.clone(), limits, stopped));
    let proxy = format!("/projects/{}/sdk/proxy/azuredevops", test.project_id);
    let clients = Arc::new(Clients { server, proxy, token: ann.token.clone() });

    visits(&test, &clients, Duration::from_secs(seconds.div_ceil(5))).await;
    let before = Holdings::now();
    let visitors = visits(&test, &clients, Duration::from_secs(seconds)).await;
    let clock = Clock::system();
    let deadline = clock.now() + Duration::from_secs(20);
    let mut after = Holdings::now();
    while after.exceeds(before) && clock.now() < deadline {
        test.clock.advance(Duration::from_secs(1));
        clock.sleep_until(clock.now() + Duration::from_millis(50)).await;
        after = Holdings::now();
    }
    let held = format!("after {visitors} clients: {before:?}, then {after:?}");
    println!("{held}");
    assert!(!after.exceeds(before), "{held}");
    assert!(visitors > 100, "{visitors} clients came");
    stop.send_replace(true);
    serving.await.unwrap().unwrap();
}
