//! The one place where the sandbox itself calls somebody: it posts a notification to its target.

use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;
use url::Url;
use uuid::Uuid;

use super::inputs::header_lines;
use super::settings::HookTargets;
use super::state::Inputs;
use super::target;

/// How much of an answer is read and remembered.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
const USER_AGENT: &str = "VSServices/19.0 (Service Hooks)";

/// Posts notifications, trusting what the machine trusts and the sandbox itself.
#[derive(Clone)]
pub struct Poster {
    own_authority: CertificateDer<'static>,
}

/// What to post, and where.
#[derive(Clone, Debug)]
pub struct Post {
    /// The subscription, which a header names.
    pub subscription: Uuid,
    /// Address and headers.
    pub inputs: Inputs,
    /// The body.
    pub body: String,
    /// Where it may go.
    pub targets: HookTargets,
}

/// An answer: status, and head and body as text.
pub type Answered = (u16, String);

impl Poster {
    /// One that also trusts certificates of this authority.
    pub const fn new(own_authority: CertificateDer<'static>) -> Self {
        Self { own_authority }
    }

    /// Posts, and gives the answer or says why there is none.
    pub async fn send(&self, post: &Post) -> Result<Answered, String> {
        let url = post.inputs.get("url").map(String::as_str).unwrap_or_default();
        let has_password = post.inputs.contains_key("basicAuthPassword");
        let url = target::check(url, has_password, post.targets)?;
        let request = request(&url, post)?;
        let stream = connect(&url, post.targets).await?;
        if url.scheme() == "http" {
            return exchange(stream, request).await;
        }
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(host).map_err(|error| error.to_string())?;
        let tls = TlsConnector::from(Arc::new(self.tls_config()?));
        let stream = tls.connect(name, stream).await.map_err(|error| error.to_string())?;
        exchange(stream, request).await
    }

    fn tls_config(&self) -> Result<ClientConfig, String> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots.add(self.own_authority.clone()).map_err(|error| error.to_string())?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        Ok(builder.with_root_certificates(roots).with_no_client_auth())
    }
}

/// The address a name leads to is checked too: a public name may lead to a private address.
async fn connect(url: &Url, targets: HookTargets) -> Result<TcpStream, String> {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = url.port_or_known_default().unwrap_or(443);
    let found = lookup_host((host, port)).await.map_err(|error| error.to_string())?;
    let allowed =
        |address: &SocketAddr| targets == HookTargets::Anywhere || target::is_public(address.ip());
    let mut failure = format!("The host {host} has no address that notifications may go to.");
    for address in found.filter(allowed) {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = error.to_string(),
        }
    }
    Err(failure)
}

fn request(url: &Url, post: &Post) -> Result<Request<Full<Bytes>>, String> {
    let mut target = url.path().to_owned();
    if let Some(query) = url.query() {
        target = format!("{target}?{query}");
    }
    let authority = match url.port() {
        Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
        None => url.host_str().unwrap_or_default().to_owned(),
    };
    let mut request = Request::post(target)
        .header(header::HOST, authority)
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
        .header("x-vss-subscriptionid", post.subscription.to_string())
        .body(Full::new(Bytes::from(post.body.clone())))
        .map_err(|error| error.to_string())?;
    let headers = request.headers_mut();
    let input = |name: &str| post.inputs.get(name).map(String::as_str).unwrap_or_default();
    for line in header_lines(input("httpHeaders")) {
        let Some((name, value)) = line.split_once(':') else { continue };
        let name = http::HeaderName::try_from(name.trim()).map_err(|error| error.to_string())?;
        let value = HeaderValue::try_from(value.trim()).map_err(|error| error.to_string())?;
        headers.insert(name, value);
    }
    let (user, password) = (input("basicAuthUsername"), input("basicAuthPassword"));
    if !user.is_empty() || !password.is_empty() {
        let value = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
        let value = HeaderValue::try_from(value).map_err(|error| error.to_string())?;
        headers.insert(header::AUTHORIZATION, value);
    }
    Ok(request)
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Answered, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let opened = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = opened.map_err(|error| error.to_string())?;
    // The connection works only while somebody waits for it.
    let answer = async {
        let response = sender.send_request(request).await.map_err(|error| error.to_string())?;
        drop(sender);
        Ok(read(response).await)
    };
    tokio::select! {
        biased;
        answer = answer => answer,
        ended = connection => Err(match ended {
            Ok(()) => "The connection ended without an answer.".to_owned(),
            Err(error) => error.to_string(),
        }),
    }
}

async fn read(response: Response<Incoming>) -> Answered {
    let (parts, body) = response.into_parts();
    let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await;
    let body = body.map(|body| String::from_utf8_lossy(&body.to_bytes()).into_owned());
    let head = format!("Status Code: {}", parts.status.as_u16());
    (parts.status.as_u16(), format!("{head}\r\n\r\n{}", body.unwrap_or_default()))
}
