//! Every provider at once: a server that plays whatever host it is asked for by TLS, remembers what
//! was asked, and answers what the connector expects.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use connect::Provider;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// The server.
pub struct Outside {
    pub socket: SocketAddr,
    pub ca_pem: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Outside {
    /// Plays the hosts of this provider.
    pub async fn playing(provider: &Provider) -> Self {
        let key = KeyPair::generate().unwrap();
        let ca_pem = authority().self_signed(&key).unwrap().pem();
        let names = Arc::new(Names { key });
        let crypto = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(crypto)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(names);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let socket = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let script = Arc::new(Script { seen: Arc::clone(&seen), answers: Answers::of(provider) });
        tokio::spawn(serve(listener, TlsAcceptor::from(Arc::new(config)), script));
        Self { socket, ca_pem, seen }
    }

    /// What was asked since the last look, one text each.
    pub fn seen(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, script: Arc<Script>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, script) = (acceptor.clone(), Arc::clone(&script));
        tokio::spawn(async move {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let answer = service_fn(move |request| {
                let script = Arc::clone(&script);
                async move { Ok::<_, Infallible>(script.answer(request).await) }
            });
            let http = hyper::server::conn::http1::Builder::new();
            let _ = http.serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}

struct Script {
    seen: Arc<Mutex<Vec<String>>>,
    answers: Answers,
}

impl Script {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let host = head.headers["host"].to_str().unwrap();
        let mut lines = vec![format!("{} https://{host}{}", head.method, head.uri)];
        for (name, value) in head.headers.iter().filter(|(name, _)| *name != "host") {
            lines.push(format!("{name}: {}", value.to_str().unwrap()));
        }
        lines[1..].sort();
        if !body.is_empty() {
            lines.push(String::from_utf8_lossy(&body).into_owned());
        }
        self.seen.lock().unwrap().push(lines.join("\n"));
        let path = format!("https://{host}{}", head.uri.path());
        let answer = self.answers.to(&path).to_string();
        Response::builder()
            .header("content-type", "application/json")
            .body(Full::new(answer.into()))
            .unwrap()
    }
}

/// One document that answers every question but the list of accounts.
struct Answers {
    document: Value,
    list: Option<(String, Value)>,
}

impl Answers {
    fn of(provider: &Provider) -> Self {
        let mut document = json!({
            "access_token": "the-access-token",
            "refresh_token": "the-refresh-token",
            "expires_in": 3600,
        });
        let oauth = provider.oauth.iter();
        for (name, pointer) in oauth.flat_map(|oauth| &oauth.token_answer.variables) {
            place(&mut document, pointer, &told(name));
        }
        let verified = provider.verification.iter();
        let verified = verified.map(|asked| (&asked.id, &asked.name, &asked.email));
        let profile = provider.discovery.iter().map(|discovery| &discovery.profile);
        let profile = profile.map(|asked| (&asked.id, &asked.name, &asked.email));
        for (id, name, email) in verified.chain(profile) {
            for pointer in [Some(id), name.as_ref(), email.as_ref()].into_iter().flatten() {
                place(&mut document, pointer, "ann");
            }
        }
        let listing = provider.discovery.as_ref().and_then(|found| found.accounts.as_ref());
        let list = listing.map(|listing| {
            let mut entry = json!({});
            place(&mut entry, &listing.name, "acme");
            for (name, at) in &listing.variables {
                place(&mut entry, at, &told(name));
            }
            let mut list = json!({});
            if listing.list.is_empty() {
                list = json!([entry]);
            } else {
                place(&mut list, &listing.list, "");
                *list.pointer_mut(&listing.list).unwrap() = json!([entry]);
            }
            (listing.url.split('?').next().unwrap().to_owned(), list)
        });
        Self { document, list }
    }

    fn to(&self, address: &str) -> &Value {
        match &self.list {
            Some((listed, list)) if listed == address => list,
            _ => &self.document,
        }
    }
}

/// What a provider tells for an account variable.
fn told(variable: &str) -> String {
    match variable {
        "instance_url" => "https://acme.my.salesforce.com".to_owned(),
        name => format!("the-{}", name.replace('_', "-")),
    }
}

fn place(document: &mut Value, pointer: &str, value: &str) {
    let mut at = document;
    for name in pointer.split('/').skip(1) {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        at = &mut at[name];
    }
    *at = Value::from(value);
}

/// Makes a certificate for whatever name is asked for.
#[derive(Debug)]
struct Names {
    key: KeyPair,
}

impl ResolvesServerCert for Names {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let mut params = CertificateParams::new(vec![hello.server_name()?.to_owned()]).ok()?;
        set_validity(&mut params);
        let issuer = Issuer::new(authority(), &self.key);
        let key = KeyPair::generate().ok()?;
        let certificate = params.signed_by(&key, &issuer).ok()?;
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&key).ok()?;
        Some(Arc::new(CertifiedKey::new(vec![certificate.der().clone()], key)))
    }
}

fn authority() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    set_validity(&mut params);
    params
}

fn set_validity(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2049, 12, 31);
}
