//! Keeps a small body, so that a call can be repeated once; a large one streams and cannot.

use std::pin::Pin;
use std::task::{Context, Poll};

use base::{Clock, Error, ErrorKind, Result};
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;
use std::time::Duration;

use super::body::{self, Body, BodyError};

/// A body to send.
pub(crate) enum Kept {
    /// Known as a whole.
    Whole(Bytes),
    /// Streaming, to be sent once.
    Streaming(Body),
}

impl Kept {
    /// Reads up to `bytes_max`; what is longer goes on streaming, the part read first.
    pub async fn read(
        mut body: Body,
        bytes_max: usize,
        clock: &Clock,
        idle: Duration,
    ) -> Result<Self> {
        if body.is_end_stream() {
            return Ok(Self::Whole(Bytes::new()));
        }
        let bytes_max_u64 = u64::try_from(bytes_max).unwrap_or(u64::MAX);
        if body.size_hint().lower() > bytes_max_u64 {
            return Ok(Self::Streaming(body));
        }
        let hint = body.size_hint();
        let (mut read, mut size) = (Vec::new(), 0);
        while size <= bytes_max {
            let frame = clock.timeout(idle, body.frame()).await.ok_or_else(stalled)?;
            let Some(frame) = frame else { return Ok(Self::Whole(joined(read))) };
            if let Ok(data) = frame.map_err(broken)?.into_data() {
                size += data.len();
                read.push(data);
            }
        }
        read.reverse();
        Ok(Self::Streaming(Resumed { read, rest: body, hint }.boxed_unsync()))
    }

    /// The body for the first sending.
    pub fn first(&mut self) -> Body {
        match self {
            Self::Whole(bytes) if bytes.is_empty() => body::empty(),
            Self::Whole(bytes) => body::full(bytes.clone()),
            Self::Streaming(stream) => std::mem::replace(stream, body::empty()),
        }
    }

    /// The body for the second sending, if it was kept.
    pub fn again(&mut self) -> Option<Body> {
        matches!(self, Self::Whole(_)).then(|| self.first())
    }
}

fn joined(mut read: Vec<Bytes>) -> Bytes {
    if read.len() == 1 { read.swap_remove(0) } else { read.concat().into() }
}

/// What was read already, and the rest of the stream.
struct Resumed {
    /// Last first.
    read: Vec<Bytes>,
    rest: Body,
    /// Of the whole.
    hint: SizeHint,
}

impl HttpBody for Resumed {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.read.pop() {
            Some(data) => Poll::Ready(Some(Ok(Frame::data(data)))),
            None => Pin::new(&mut self.rest).poll_frame(context),
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.hint
    }
}

fn broken(cause: BodyError) -> Error {
    let message = "The body of the request broke off before its end.";
    Error::invalid("body_broke_off", message).with_source(cause)
}

fn stalled() -> Error {
    let message = "The body of the request stood still for too long.";
    Error::new(ErrorKind::Timeout, "transfer_stalled", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Timestamp;

    async fn kept(size: usize) -> Kept {
        let clock = Clock::test(Timestamp::from_secs(0));
        let body = http_body_util::StreamBody::new(futures_util::stream::iter(
            vec![7_u8; size]
                .chunks(3)
                .map(|c| Ok(Frame::data(Bytes::copy_from_slice(c))))
                .collect::<Vec<_>>(),
        ));
        Kept::read(body.boxed_unsync(), 10, &clock, Duration::from_secs(1)).await.unwrap()
    }

    #[tokio::test]
    async fn a_body_up_to_the_limit_is_kept_and_a_longer_one_streams_whole() {
        let mut small = kept(10).await;
        assert_eq!(small.first().collect().await.unwrap().to_bytes().len(), 10);
        assert!(small.again().is_some());
        let mut large = kept(11).await;
        assert_eq!(large.first().collect().await.unwrap().to_bytes().len(), 11);
        assert!(large.again().is_none());
    }
}
