//! Load at a fixed pace: each request is released at its moment, and its time counts from then, so
//! a server that falls behind cannot hide it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use base::{Clock, Timestamp};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

/// Connections that share the pace.
const CONNECTIONS: usize = 64;
/// The largest answer with its headers.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// Latencies in ascending order, in microseconds.
pub struct Latencies(Vec<u64>);

impl Latencies {
    /// The latency that this share of the requests stayed below, in milliseconds.
    pub fn quantile_ms(&self, share: f64) -> f64 {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a count of requests"
        )]
        let index = (self.0.len() as f64 * share) as usize;
        let micros = self.0.get(index.min(self.0.len().saturating_sub(1))).copied().unwrap_or(0);
        Duration::from_micros(micros).as_secs_f64() * 1_000.0
    }
}

/// Sends `per_second` requests for `seconds`.
pub async fn load(
    port: u16,
    path: &str,
    token: &str,
    per_second: u64,
    seconds: u64,
) -> Result<Latencies> {
    let request: Arc<[u8]> = format!(
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\r\n"
    )
    .into_bytes()
    .into();
    let clock = Clock::system();
    let (mut lines, mut tasks) = (Vec::new(), Vec::new());
    for _ in 0..CONNECTIONS {
        let (line, released) = mpsc::unbounded_channel();
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        lines.push(line);
        tasks.push(tokio::spawn(serve(clock.clone(), stream, Arc::clone(&request), released)));
    }
    release(&clock, lines, per_second, per_second * seconds).await;
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    latencies.sort_unstable();
    Ok(Latencies(latencies))
}

/// Releases requests to the connections in turn, each at its moment.
async fn release(
    clock: &Clock,
    lines: Vec<mpsc::UnboundedSender<Timestamp>>,
    per_second: u64,
    total: u64,
) {
    let began = clock.now();
    for (number, line) in (0..total).zip(lines.iter().cycle()) {
        let due = began + Duration::from_micros(number * 1_000_000 / per_second);
        if due > clock.now() {
            clock.sleep_until(due).await;
        }
        // A connection that broke has ended its task with the error.
        let _ = line.send(clock.now());
    }
}

/// Sends what is released on one connection, one after the other; answers how long each took from
/// its release, waiting in line included.
async fn serve(
    clock: Clock,
    mut stream: TcpStream,
    request: Arc<[u8]>,
    mut released: mpsc::UnboundedReceiver<Timestamp>,
) -> Result<Vec<u64>> {
    let mut seen = Vec::new();
    while let Some(at) = released.recv().await {
        exchange(&mut stream, &request).await?;
        seen.push(u64::try_from(clock.now().since(at).as_micros())?);
    }
    Ok(seen)
}

/// Sends one request and reads its answer.
async fn exchange(stream: &mut TcpStream, request: &[u8]) -> Result<()> {
    stream.write_all(request).await?;
    let mut answer = [0; ANSWER_BYTES_MAX];
    let mut read = 0;
    loop {
        let count = stream.read(&mut answer[read..]).await?;
        if count == 0 {
            bail!("the server closed the connection");
        }
        read += count;
        if let Some(end) = answer_end(&answer[..read])?
            && read >= end
        {
            return Ok(());
        }
    }
}

/// Where the answer ends, once its headers are there.
fn answer_end(bytes: &[u8]) -> Result<Option<usize>> {
    let Some(headers) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&bytes[..headers])?.to_ascii_lowercase();
    if !text.starts_with("http/1.1 200") {
        bail!("the answer was no success: {text}");
    }
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
    let Some(length) = length else { bail!("the answer has no length: {text}") };
    Ok(Some(headers + 4 + length.trim().parse::<usize>()?))
}
