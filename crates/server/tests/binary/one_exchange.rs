//! Ten thousand callers whose access token has ended, and one exchange at the provider.

use std::collections::BTreeMap;
use std::time::Duration;

use base::Clock;
use bytes::Bytes;
use futures_util::future::join_all;
use http::{Request, header};
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use sandbox::faults::Fault;
use tokio::net::TcpStream;

use crate::pair::{Installation, Server, on_postgres, until};

const CALLERS: usize = 10_000;
/// How many of them share a connection: a place less than a server gives one.
const CALLERS_OF_CONNECTION: usize = 250;
const DELAY_MS: u64 = 1_000;

type Sender = http2::SendRequest<Empty<Bytes>>;

async fn connection(server: &Server) -> Sender {
    let stream = TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
    let (sender, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

async fn status_of(
    sent: impl Future<Output = hyper::Result<http::Response<hyper::body::Incoming>>>,
) -> u16 {
    let answer = sent.await.unwrap();
    let status = answer.status().as_u16();
    answer.into_body().collect().await.unwrap();
    status
}

/// Ten thousand callers, spread over the servers, while the provider keeps its answer back until
/// the servers have all of them in hand; how many got which status.
async fn all_call(made: &Installation, servers: &[&Server]) -> BTreeMap<u16, usize> {
    made.orders(Fault { delay_ms: DELAY_MS, ..Fault::default() });
    let mut connections = Vec::new();
    for number in 0..CALLERS / CALLERS_OF_CONNECTION {
        connections.push(connection(servers[number % servers.len()]).await);
    }
    let request = |path: &str| {
        Request::get(format!("http://localhost{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", made.token))
            .body(Empty::new())
            .unwrap()
    };
    let path = made.call();
    let calls = |sender: &mut Sender| -> Vec<_> {
        (0..CALLERS_OF_CONNECTION).map(|_| sender.send_request(request(&path))).collect()
    };
    let callers: Vec<_> = connections.iter_mut().flat_map(calls).map(status_of).collect();
    let callers = tokio::spawn(join_all(callers));
    // What is asked last on a connection is heard last.
    let last = connections.iter_mut().map(|sender| sender.send_request(request("/healthz")));
    let last = join_all(last.collect::<Vec<_>>().into_iter().map(status_of)).await;
    assert!(last.iter().all(|status| *status == 200), "{last:?}");
    made.exchange_begins().await;
    made.clock.advance(Duration::from_millis(DELAY_MS));
    let mut counted = BTreeMap::new();
    for status in callers.await.unwrap() {
        *counted.entry(status).or_default() += 1;
    }
    counted
}

#[tokio::test]
async fn ten_thousand_callers_in_a_process_that_knows_nothing_yet_cause_one_exchange() {
    on_postgres(async |made| {
        made.expires().await;
        let server = made.start().await;
        assert_eq!(all_call(&made, &[&server]).await, BTreeMap::from([(200, CALLERS)]));
        assert_eq!(made.token_requests(), 1);
    })
    .await;
}

#[tokio::test]
async fn ten_thousand_callers_in_two_processes_that_know_nothing_yet_cause_one_exchange() {
    on_postgres(async |made| {
        made.expires().await;
        let servers = [&made.start().await, &made.start().await];
        assert_eq!(all_call(&made, &servers).await, BTreeMap::from([(200, CALLERS)]));
        assert_eq!(made.token_requests(), 1);
    })
    .await;
}

/// The token that both servers hold in memory ends while they run.
async fn grows_old_in(made: &Installation, servers: &[&Server]) {
    made.sandbox.world().set_entra(|settings| settings.access_token_seconds = Some(4));
    made.expires().await;
    for server in servers {
        assert_eq!(server.calls(made).await.0, 200);
    }
    made.sandbox.world().set_entra(|settings| settings.access_token_seconds = None);
    let end = made.credential().await.expires_at.unwrap();
    until("the token ends", async || (Clock::system().now() > end).then_some(())).await;
}

#[tokio::test]
async fn ten_thousand_callers_in_two_processes_on_a_token_that_both_hold_cause_one_exchange() {
    on_postgres(async |made| {
        let servers = [&made.start().await, &made.start().await];
        grows_old_in(&made, &servers).await;
        // It has ended for the provider too.
        made.clock.advance(Duration::from_secs(5));
        assert_eq!(all_call(&made, &servers).await, BTreeMap::from([(200, CALLERS)]));
        assert_eq!(made.token_requests(), 1);
        for server in servers {
            assert_eq!(server.calls(&made).await.0, 200);
        }
    })
    .await;
}
