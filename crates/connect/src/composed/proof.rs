//! How a composed request proves who it is; tokens that are fetched for that are kept until shortly
//! before their end.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base::{Error, ErrorKind, KeyedLock, ProjectId, Result, Secret, Timestamp};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::form_urlencoded::{self, byte_serialize};

use super::resolver::Resolver;
use super::{ComposedAuthorization, address, names_token, sensitive};
use crate::Connect;
use crate::outbound::body;
use crate::outbound::guard::require_plain;
use crate::secrets::Authorization;

/// How many fetched tokens are kept.
const TOKENS_KEPT_MAX: usize = 1_000;
/// How long before its end a token is no longer used.
const MARGIN: Duration = Duration::from_secs(60);
/// The longest a token is kept, whatever its end.
const KEPT_MAX: Duration = Duration::from_secs(24 * 3600);

/// What a token was fetched for: project, address, client and scope, hashed.
pub(crate) type Key = [u8; 32];

/// The tokens in memory.
#[derive(Default)]
pub(crate) struct Granted {
    tokens: Mutex<HashMap<Key, (Secret<String>, Timestamp)>>,
    /// Held while a token is fetched: whoever else wants it waits and finds it.
    fetching: KeyedLock,
}

impl Granted {
    fn get(&self, key: &Key, now: Timestamp) -> Option<Secret<String>> {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.get(key).filter(|(_, until)| now < *until).map(|(token, _)| token.clone())
    }

    fn put(&self, key: Key, token: Secret<String>, until: Timestamp, now: Timestamp) {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() >= TOKENS_KEPT_MAX {
            tokens.retain(|_, (_, until)| now < *until);
        }
        if tokens.len() >= TOKENS_KEPT_MAX {
            tokens.clear();
        }
        tokens.insert(key, (token, until));
    }

    /// Forgets a token that is no longer taken. False when it is forgotten already.
    pub fn forget(&self, key: &Key) -> bool {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).remove(key).is_some()
    }
}

/// The proof of a request.
#[derive(Default)]
pub(super) struct Proof {
    pub value: Option<HeaderValue>,
    /// Where the token was kept before: it may have been withdrawn since.
    pub granted: Option<Key>,
}

/// A client that fetches a token.
struct Client {
    token_uri: Uri,
    id: String,
    secret: Secret<String>,
    scope: String,
}

impl Connect {
    pub(super) async fn proof(
        &self,
        project_id: ProjectId,
        authorization: &ComposedAuthorization,
        resolver: &mut Resolver,
    ) -> Result<Proof> {
        let header = match authorization {
            ComposedAuthorization::None => return Ok(Proof::default()),
            ComposedAuthorization::Bearer { token } => {
                let token = resolver.some_text(token, "The token of the authorization")?;
                resolver.hide(&token, "the token");
                Authorization::Header(AUTHORIZATION, sensitive(&format!("Bearer {token}"))?)
            }
            ComposedAuthorization::Basic { username, password } => {
                let username = resolver.text(username, "The user name")?.unwrap_or_default();
                let password = resolver.text(password, "The password")?.unwrap_or_default();
                resolver.hide(&format!("{username}:{password}"), "the login");
                resolver.hide(&password, "the password");
                Authorization::basic(&username, &Secret::new(password))?
            }
            ComposedAuthorization::ClientCredentials {
                token_url,
                client_id,
                client_secret,
                scope,
            } => {
                let token_url = resolver.some_text(token_url, "The token's address")?;
                let client = Client {
                    token_uri: address::uri(&address::whole(&token_url)?)?,
                    id: resolver.some_text(client_id, "The client id")?,
                    secret: Secret::new(resolver.some_text(client_secret, "The client secret")?),
                    scope: resolver.text(scope, "The scope")?.unwrap_or_default(),
                };
                resolver.hide(client.secret.expose(), "the client secret");
                let (token, granted) = self.granted_token(project_id, &client).await?;
                resolver.hide(token.expose(), "the fetched token");
                let value = sensitive(&format!("Bearer {}", token.expose()))?;
                return Ok(Proof { value: Some(value), granted });
            }
        };
        let value = match header {
            Authorization::Header(_, value) => Some(value),
            Authorization::Query(_) => None,
        };
        Ok(Proof { value, granted: None })
    }

    /// A token from memory, with its key, or a new one.
    async fn granted_token(
        &self,
        project_id: ProjectId,
        client: &Client,
    ) -> Result<(Secret<String>, Option<Key>)> {
        let (granted, key) = (&self.0.granted, client.key(project_id));
        if let Some(token) = granted.get(&key, self.0.clock.now()) {
            return Ok((token, Some(key)));
        }
        let _turn = granted.fetching.lock(&key).await;
        let now = self.0.clock.now();
        if let Some(token) = granted.get(&key, now) {
            return Ok((token, Some(key)));
        }
        let (token, life) = self.fetch_token(client).await?;
        if let Some(life) = life.map(|life| life.min(KEPT_MAX)).filter(|life| *life > MARGIN) {
            granted.put(key, token.clone(), now + (life - MARGIN), now);
        }
        Ok((token, None))
    }

    /// Asks with the login in a header, as every server must understand, and once more with it in
    /// the form, as some do only.
    async fn fetch_token(&self, client: &Client) -> Result<(Secret<String>, Option<Duration>)> {
        let (mut status, mut answer) = self.ask_for_token(client, true).await?;
        if matches!(status, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED) {
            (status, answer) = self.ask_for_token(client, false).await?;
        }
        let token = answer.get("access_token").and_then(Value::as_str);
        if let (true, Some(token)) = (status.is_success(), token) {
            let life = answer.get("expires_in").and_then(|life| match life {
                Value::String(text) => text.parse().ok(),
                life => life.as_u64(),
            });
            return Ok((Secret::new(token.to_owned()), life.map(Duration::from_secs)));
        }
        Err(refused(client, status, &answer))
    }

    async fn ask_for_token(&self, client: &Client, by_header: bool) -> Result<(StatusCode, Value)> {
        let request = client.question(by_header)?;
        require_plain(request.uri())?;
        let network = &self.0.network;
        let (head, stream) = network.send(network.world(), request).await?.into_parts();
        let read = body::gather(stream, network.limits.answer_bytes_max).await;
        let bytes = read.map_err(|cause| broke_off(client).with_source(cause))?;
        Ok((head.status, serde_json::from_slice(&bytes).unwrap_or_default()))
    }
}

/// Refuses a token of an account as a client's proof: whoever gives out tokens is no host of its
/// connector.
///
/// # Errors
/// `token_not_allowed`.
pub(super) fn check(authorization: &ComposedAuthorization) -> Result<()> {
    let ComposedAuthorization::ClientCredentials { token_url, client_id, client_secret, scope } =
        authorization
    else {
        return Ok(());
    };
    if ![token_url, client_id, client_secret, scope].into_iter().any(names_token) {
        return Ok(());
    }
    let message = "account.token goes to the hosts of the account's connector alone, so it cannot \
                   prove a client to somebody else. Use an environment secret.";
    Err(Error::invalid("token_not_allowed", message))
}

impl Client {
    /// The question for a token (RFC 6749, section 4.4.2): the client proves itself in a header, or
    /// in the form.
    fn question(&self, by_header: bool) -> Result<Request<body::Body>> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if !self.scope.is_empty() {
            form.append_pair("scope", &self.scope);
        }
        let mut headers = HeaderMap::new();
        if by_header {
            let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
            let secret = Secret::new(encode(self.secret.expose()));
            if let Authorization::Header(name, value) =
                Authorization::basic(&encode(&self.id), &secret)?
            {
                headers.insert(name, value);
            }
        } else {
            form.append_pair("client_id", &self.id);
            form.append_pair("client_secret", self.secret.expose());
        }
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(CONTENT_TYPE, kind);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let mut request = Request::new(body::full(form.finish()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.token_uri.clone();
        *request.headers_mut() = headers;
        Ok(request)
    }

    fn host(&self) -> &str {
        self.token_uri.host().unwrap_or_default()
    }

    fn key(&self, project_id: ProjectId) -> Key {
        let mut hash = Sha256::new();
        hash.update(project_id.uuid().as_bytes());
        let uri = self.token_uri.to_string();
        for part in [&uri, &self.id, self.secret.expose(), &self.scope] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        hash.finalize().into()
    }
}

fn refused(client: &Client, status: StatusCode, answer: &Value) -> Error {
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    let meta = json!({ "provider": {
        "status": status.as_u16(),
        "error": text("error"),
        "errorDescription": text("error_description"),
    } });
    let host = client.host();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        let message = format!("{host} gave no token just now: it answered with {status}.");
        return Error::new(ErrorKind::Unavailable, "token_unavailable", message).with_meta(meta);
    }
    let said = text("error_description").or(text("error")).unwrap_or("it did not say why");
    let message = format!(
        "{host} gave no token for the client credentials of this step, status {status}: {said}. \
         Check the client id, its secret and the scope."
    );
    Error::invalid("client_credentials_refused", message).with_meta(meta)
}

fn broke_off(client: &Client) -> Error {
    let message = format!("{} broke off its answer, or it was too long.", client.host());
    Error::new(ErrorKind::Provider, "provider_broke_off", message)
}
