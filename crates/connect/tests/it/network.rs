//! Ways to the provider that an operator can set.

use std::net::SocketAddr;

use base::Secret;
use connect::InstallOptions;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::app::App;

/// An egress proxy that leads every tunnel to one address, and tells what was asked of it.
async fn egress_proxy() -> (SocketAddr, mpsc::Sender<SocketAddr>, mpsc::Receiver<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (target, mut targets) = mpsc::channel::<SocketAddr>(1);
    let (told, asked) = mpsc::channel(100);
    tokio::spawn(async move {
        let target = targets.recv().await.unwrap();
        while let Ok((stream, _)) = listener.accept().await {
            let told = told.clone();
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                let mut head = Vec::new();
                loop {
                    let mut line = String::new();
                    stream.read_line(&mut line).await.unwrap();
                    if line == "\r\n" {
                        break;
                    }
                    head.push(line.trim_end().to_owned());
                }
                told.send(head).await.unwrap();
                let mut far = TcpStream::connect(target).await.unwrap();
                stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut far).await;
            });
        }
    });
    (address, target, asked)
}

#[tokio::test]
async fn every_call_takes_the_egress_proxy_and_trusts_the_operators_authority() {
    let (proxy, target, mut asked) = egress_proxy().await;
    let app = App::with(|config| {
        let sandbox = config.profile_addresses.remove("development").unwrap();
        target.try_send(sandbox.socket).unwrap();
        config.outbound.extra_ca_pem = Some(sandbox.ca_pem);
        config.outbound.egress_proxy = Some(format!("http://us%20er:secret@{proxy}"));
        config.development_keys.clear();
        config.profile = "public".to_owned();
    })
    .await;
    let token = app.world().directory.person("ann").unwrap().pat("acme").unwrap().to_owned();
    let fields = [("organization", "acme".to_owned()), ("token", token)]
        .map(|(id, value)| (id.to_owned(), Secret::new(value)))
        .into();
    let options =
        InstallOptions { account_type: Some("pat".to_owned()), ..InstallOptions::default() };
    app.connect.connect_with_fields(&app.integration, app.user_id, fields, &options).await.unwrap();
    assert_eq!(app.get("/projects?api-version=5.0").await.unwrap().0, 200);
    assert_eq!(
        asked.recv().await.unwrap(),
        [
            "CONNECT dev.azure.com:443 HTTP/1.1",
            "Host: dev.azure.com:443",
            "Proxy-Authorization: Basic dXMgZXI6c2VjcmV0",
        ]
    );
}

#[tokio::test]
async fn a_profile_that_lives_nowhere_here_is_refused_before_anything_is_sent() {
    let app = App::with(|config| config.profile_addresses.clear()).await;
    let begin = connect::BeginOAuth {
        integration: &app.integration,
        user_id: app.user_id,
        typed: [].into(),
        origin: crate::app::ORIGIN.to_owned(),
        session_key: None,
        options: InstallOptions::default(),
        redirect_override: None,
    };
    let error = app.connect.begin_oauth(begin).await.expect_err("nowhere");
    assert_eq!(error.code(), "profile_without_address");
}
