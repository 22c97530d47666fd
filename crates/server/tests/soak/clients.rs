//! Clients of all manners. What they are answered does not matter: half of it is trouble.

use std::net::SocketAddr;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub struct Clients {
    pub server: SocketAddr,
    /// `/projects/{id}/sdk/proxy/azuredevops`
    pub proxy: String,
    pub token: String,
}

impl Clients {
    fn head(&self, method: &str, path: &str, more: &str) -> String {
        format!(
            "{method} {}{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n{more}\r\n",
            self.proxy, self.token
        )
    }

    /// One client, by its number.
    pub async fn come(&self, number: u64) -> std::io::Result<()> {
        match number % 6 {
            0 => self.reads_all("/projects?api-version=7.1").await,
            1 => self.leaves_in_the_head().await,
            2 => self.leaves_in_the_upload().await,
            3 => self.leaves_in_the_answer().await,
            4 => self.leaves_before_the_answer().await,
            _ => self.speaks_http2().await,
        }
    }

    async fn reads_all(&self, path: &str) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(self.server).await?;
        stream.write_all(self.head("GET", path, "Connection: close\r\n").as_bytes()).await?;
        stream.read_to_end(&mut Vec::new()).await.map(drop)
    }

    async fn leaves_in_the_head(&self) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(self.server).await?;
        let head = self.head("GET", "/projects", "");
        for byte in &head.as_bytes()[..head.len() / 2] {
            stream.write_all(&[*byte]).await?;
        }
        Ok(())
    }

    async fn leaves_in_the_upload(&self) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(self.server).await?;
        let path = "/_apis/wit/attachments?fileName=a.bin&api-version=7.1";
        let more = "Content-Type: application/octet-stream\r\nContent-Length: 4000000\r\n";
        stream.write_all(self.head("POST", path, more).as_bytes()).await?;
        stream.write_all(&vec![7; 300_000]).await
    }

    async fn leaves_in_the_answer(&self) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(self.server).await?;
        let path = "/Storefront/_apis/wit/workitemtypes?api-version=7.1";
        stream.write_all(self.head("GET", path, "").as_bytes()).await?;
        stream.read_exact(&mut [0; 100]).await.map(drop)
    }

    async fn leaves_before_the_answer(&self) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(self.server).await?;
        stream.write_all(self.head("GET", "/projects", "").as_bytes()).await
    }

    async fn speaks_http2(&self) -> std::io::Result<()> {
        let stream = TokioIo::new(TcpStream::connect(self.server).await?);
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), stream)
                .await
                .map_err(std::io::Error::other)?;
        let connection = tokio::spawn(connection);
        for _ in 0..3 {
            let request = Request::get(format!("http://localhost{}/projects", self.proxy))
                .header("authorization", format!("Bearer {}", self.token))
                .body(Full::<Bytes>::default())
                .unwrap();
            let answer = sender.send_request(request).await.map_err(std::io::Error::other)?;
            let _ = answer.into_body().collect().await;
        }
        drop(sender);
        let _ = connection.await;
        Ok(())
    }
}
