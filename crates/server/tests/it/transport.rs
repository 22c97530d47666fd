//! The server on real sockets.

use bytes::Bytes;
use http::{Request, Version};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use server::http::serve::{self, Limits, Listeners};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::app::TestApp;

#[tokio::test]
async fn a_client_that_speaks_http_2_from_its_first_byte_is_served() {
    let test = TestApp::start(store::Engine::Sqlite).await;
    let ann = test.end_user("ann");
    ann.connects().await;
    let listeners = Listeners::bind(&["127.0.0.1:0".parse().unwrap()]).await.unwrap();
    let server = listeners.addresses()[0];
    let (stop, stopped) = watch::channel(false);
    let limits = Limits::of(&test.app.config().server);
    let serving = tokio::spawn(serve::serve(listeners, test.router.clone(), limits, stopped));

    let stream = TokioIo::new(TcpStream::connect(server).await.unwrap());
    let (sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    let connection = tokio::spawn(connection);
    let path = format!("/projects/{}/sdk/proxy/azuredevops/projects", test.project_id);
    let calls = (0..20).map(|_| {
        let request = Request::get(format!("http://localhost{path}"))
            .header("authorization", format!("Bearer {}", ann.token))
            .body(Full::<Bytes>::default());
        let mut sender = sender.clone();
        async move { sender.send_request(request.unwrap()).await.unwrap() }
    });
    for answer in futures_util::future::join_all(calls).await {
        assert_eq!((answer.status().as_u16(), answer.version()), (200, Version::HTTP_2));
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        let projects: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(projects["value"][0]["name"], "Storefront");
    }
    drop(sender);
    connection.await.unwrap().unwrap();
    stop.send_replace(true);
    serving.await.unwrap().unwrap();
}
