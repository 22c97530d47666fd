use std::sync::Arc;

use http::{Request, Version};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Bytes;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::app::App;

async fn connect(app: &App, name: &str, protocol: &[u8]) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_slice(app.sandbox.ca_pem().as_bytes());
    roots.add(authority.expect("a certificate")).expect("an authority");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    let stream = TcpStream::connect(app.sandbox.https_addresses()[0]).await.expect("it accepts");
    let name = ServerName::try_from(name.to_owned()).expect("a name");
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.expect("trusted")
}

#[tokio::test]
async fn the_certificate_is_good_for_this_machine_and_every_host_of_the_provider() {
    let app = App::start().await;
    let hosts = sandbox::site::PROVIDER_HOSTS.map(|(_, host)| host);
    let others = ["localhost", "127.0.0.1", "::1", "acme.visualstudio.com"];
    for name in hosts.into_iter().chain(others) {
        connect(&app, name, b"http/1.1").await;
    }
}

#[tokio::test]
async fn https_speaks_both_versions_of_http() {
    let app = App::start().await;
    let request = || {
        let address = "https://login.microsoftonline.com/common/discovery/v2.0/keys";
        Request::get(address)
            .header("host", "login.microsoftonline.com")
            .body(Empty::<Bytes>::new())
            .unwrap()
    };
    let stream = TokioIo::new(connect(&app, "login.microsoftonline.com", b"h2").await);
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(connection);
    let mut plain = request();
    plain.headers_mut().clear();
    let answer = sender.send_request(plain).await.unwrap();
    assert_eq!((answer.version(), answer.status().as_u16()), (Version::HTTP_2, 200));

    let stream = TokioIo::new(connect(&app, "login.microsoftonline.com", b"http/1.1").await);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let answer = sender.send_request(request()).await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(body.starts_with(b"{\"keys\":["));
}
