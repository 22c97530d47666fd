//! Sends a request and gives up when nothing moves: while the body goes out, before the answer
//! begins, and while its body comes in.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use base::{Clock, Error, ErrorKind, Result, Timestamp};
use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper_util::client::legacy;

use super::body::{Body, BodyError};
use super::network::Pool;
use crate::config::OutboundConfig;

/// The code of the error when a connection ended before the answer began.
pub(crate) const BROKE_OFF: &str = "provider_broke_off";

/// Sends; the clock for the first byte of the answer starts anew with each part of the body sent.
pub(crate) async fn send(
    pool: &Pool,
    request: Request<Body>,
    limits: &OutboundConfig,
    clock: &Clock,
) -> Result<Response<Body>> {
    let host = request.uri().host().unwrap_or_default().to_owned();
    let moved = Arc::new(AtomicI64::new(clock.now().0));
    let watch = |body: Body| {
        if body.is_end_stream() {
            return body;
        }
        let watched = Watched {
            body,
            clock: clock.clone(),
            moved: Arc::clone(&moved),
            idle: None,
            limit: limits.idle_timeout,
        };
        watched.boxed_unsync()
    };
    let sending = pool.request(request.map(watch));
    let mut sending = std::pin::pin!(sending);
    let answer = loop {
        let deadline = Timestamp(moved.load(Ordering::Relaxed)) + limits.first_byte_timeout;
        tokio::select! {
            biased;
            answer = &mut sending => break answer.map_err(|error| failed(&host, error))?,
            () = clock.sleep_until(deadline) => {
                if Timestamp(moved.load(Ordering::Relaxed)) + limits.first_byte_timeout <= clock.now() {
                    return Err(too_slow(&host));
                }
            }
        }
    };
    let (clock, limit) = (clock.clone(), limits.idle_timeout);
    Ok(answer.map(|body| {
        let body = body.map_err(Into::into).boxed_unsync();
        let moved = Arc::new(AtomicI64::new(0));
        Watched { body, clock, moved, idle: None, limit }.boxed_unsync()
    }))
}

/// A body that fails when it stands still for too long, and notes when it moved.
struct Watched {
    body: Body,
    clock: Clock,
    moved: Arc<AtomicI64>,
    idle: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    limit: Duration,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            self.idle = None;
            self.moved.store(self.clock.now().0, Ordering::Relaxed);
            return Poll::Ready(frame);
        }
        let (clock, limit) = (self.clock.clone(), self.limit);
        let idle = self.idle.get_or_insert_with(|| {
            Box::pin(async move { clock.sleep_until(clock.now() + limit).await })
        });
        match idle.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Some(Err(Box::new(stood_still())))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

fn failed(host: &str, error: legacy::Error) -> Error {
    if let Some(ours) = ours_in(&error) {
        return ours.clone();
    }
    let connecting = error.is_connect();
    let message = if connecting {
        format!("Gangway cannot make a secure connection to {host}.")
    } else {
        format!("{host} broke off before it answered. Try again in a moment.")
    };
    let (kind, code) = if connecting {
        (ErrorKind::Unavailable, "provider_unreachable")
    } else {
        (ErrorKind::Provider, BROKE_OFF)
    };
    Error::new(kind, code, message).with_source(error)
}

/// The error of ours that a library has wrapped.
fn ours_in<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(ours) = error.downcast_ref::<Error>() {
            return Some(ours);
        }
        // What an io::Error holds is not its source.
        next = match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(held) => Some(held as _),
            None => error.source(),
        };
    }
    None
}

fn too_slow(host: &str) -> Error {
    let message = format!("{host} did not begin to answer in time. Try again in a moment.");
    Error::new(ErrorKind::Timeout, "provider_timeout", message)
}

fn stood_still() -> Error {
    let message = "The transfer stood still for too long and was broken off.";
    Error::new(ErrorKind::Timeout, "transfer_stalled", message)
}
