//! A stretch of network between Gangway and the provider on which everything goes wrong in turn.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Listens, and leads connections to `provider`, each with a trouble of its own.
pub fn start(provider: SocketAddr) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let listener = TcpListener::from_std(listener).unwrap();
    tokio::spawn(async move {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        while let Ok((near, _)) = listener.accept().await {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                // Whatever ends a connection here is part of the trouble.
                let _ = lead(near, provider, number).await;
            });
        }
    });
    address
}

async fn lead(mut near: TcpStream, provider: SocketAddr, number: u64) -> std::io::Result<()> {
    let mut far = TcpStream::connect(provider).await?;
    match number % 4 {
        // As it should be.
        0 | 1 => tokio::io::copy_bidirectional(&mut near, &mut far).await.map(drop),
        // The answer breaks off in its middle.
        2 => {
            let (mut from_near, mut to_near) = near.split();
            let (from_far, mut to_far) = far.split();
            let mut cut = from_far.take(6_000 + number % 5_000);
            tokio::select! {
                sent = tokio::io::copy(&mut from_near, &mut to_far) => sent.map(drop),
                answered = tokio::io::copy(&mut cut, &mut to_near) => answered.map(drop),
            }
        }
        // The answer comes in crumbs.
        _ => {
            let (mut from_near, mut to_near) = near.split();
            let (mut from_far, mut to_far) = far.split();
            let crumbs = async {
                let mut crumb = [0; 61];
                loop {
                    let length = from_far.read(&mut crumb).await?;
                    if length == 0 {
                        return Ok(());
                    }
                    to_near.write_all(&crumb[..length]).await?;
                    tokio::task::yield_now().await;
                }
            };
            tokio::select! {
                sent = tokio::io::copy(&mut from_near, &mut to_far) => sent.map(drop),
                answered = crumbs => answered,
            }
        }
    }
}
