//! Bodies go through as they come. A plain server on this machine stands at the far end.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use connect::outbound::{Body, BodyError};
use connect::{Authority, Connect};
use http::{Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::app::App;

/// A server that sends back what it gets, piece by piece.
async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let echo = service_fn(|request: Request<Incoming>| async move {
                Ok::<_, hyper::Error>(Response::new(request.into_body()))
            });
            let serving = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), echo);
            tokio::spawn(serving);
        }
    });
    address
}

async fn app() -> App {
    App::with(|config| config.outbound.allow = vec!["127.0.0.1".to_owned()]).await
}

/// A body that a test feeds.
fn fed() -> (mpsc::Sender<Bytes>, Body) {
    let (feed, mut food) = mpsc::channel::<Bytes>(1);
    let stream = futures_util::stream::poll_fn(move |context| {
        food.poll_recv(context).map(|bytes| bytes.map(|b| Ok::<_, BodyError>(Frame::data(b))))
    });
    (feed, StreamBody::new(stream).boxed_unsync())
}

async fn send(connect: &Connect, address: SocketAddr, body: Body) -> Response<Body> {
    let request = Request::post(format!("http://{address}/")).body(body).unwrap();
    connect.send(request, Authority::None).await.unwrap()
}

#[tokio::test]
async fn each_piece_comes_back_before_the_next_is_sent() {
    let app = app().await;
    let (feed, body) = fed();
    let mut answer = send(&app.connect, echo().await, body).await.into_body();
    for number in 0..100_u32 {
        let piece = Bytes::from(number.to_string().repeat(1_000));
        feed.send(piece.clone()).await.unwrap();
        let mut back = Vec::new();
        while back.len() < piece.len() {
            back.extend(answer.frame().await.unwrap().unwrap().into_data().unwrap());
        }
        assert_eq!(back, piece);
    }
    drop(feed);
    assert!(answer.frame().await.is_none());
}

#[tokio::test]
async fn a_body_that_stands_still_is_broken_off() {
    let app = app().await;
    let (feed, body) = fed();
    let mut answer = send(&app.connect, echo().await, body).await.into_body();
    feed.send(Bytes::from_static(b"then nothing")).await.unwrap();
    assert!(answer.frame().await.unwrap().is_ok());
    let reading = tokio::spawn(async move { answer.frame().await });
    while !reading.is_finished() {
        app.clock.advance(Duration::from_secs(10));
        tokio::task::yield_now().await;
    }
    assert!(reading.await.unwrap().unwrap().is_err());
    drop(feed);
}

/// A server that answers every connection with these bytes and closes it.
async fn says(bytes: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 1024];
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut head).await;
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, bytes).await;
        }
    });
    address
}

#[tokio::test]
async fn an_answer_that_is_broken_fails_where_it_breaks_and_never_looks_whole() {
    let app = app().await;
    for broken in [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nZZ\r\n".as_slice(),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloworld\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
    ] {
        let answer = send(&app.connect, says(broken).await, connect::outbound::body::empty()).await;
        let shown = String::from_utf8_lossy(broken);
        assert!(answer.into_body().collect().await.is_err(), "{shown}");
    }
    for broken in [b"".as_slice(), b"HTTP/1.1 200 OK\r\nContent-Le", b"not HTTP at all\r\n\r\n"] {
        let address = says(broken).await;
        let request = Request::get(format!("http://{address}/"));
        let request = request.body(connect::outbound::body::empty()).unwrap();
        let error = app.connect.send(request, Authority::None).await.expect_err("broken");
        assert_eq!(error.code(), "provider_broke_off");
    }
}
