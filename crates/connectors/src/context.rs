//! What an action works with: one account, and one door to its provider.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use base::{Error, ErrorKind, Result, Timestamp};
use bytes::Bytes;
use connect::outbound::body;
use connect::{Body, Connect, Held, ProxyCall};
use http::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

/// The longest answer that is read.
pub const ANSWER_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The permission that an account lacks, as `connect` tells it on a refusal.
const NEEDS_SCOPE: HeaderName = HeaderName::from_static("x-gangway-needs-scope");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// What an action works with.
pub struct ActionContext {
    connect: Connect,
    held: Arc<Held>,
    effect: Option<Effect>,
    dry_run: bool,
    /// How many requests that change something were sent.
    writes: AtomicU32,
}

/// The effect of an execution that an action is done for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// Its mark: the same for every try, of letters, digits and `-_.:`, different from that of
    /// every other effect.
    pub mark: String,
    /// When its first try began.
    pub began_at: Timestamp,
}

/// A request to the provider.
#[derive(Debug)]
pub struct Call {
    method: Method,
    path: String,
    account: Option<String>,
    content_type: &'static str,
    body: Option<Value>,
}

/// What the provider answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl ActionContext {
    /// For an account, outside of any execution.
    pub fn new(connect: Connect, held: Arc<Held>) -> Self {
        Self { connect, held, effect: None, dry_run: false, writes: AtomicU32::new(0) }
    }

    /// For an effect of an execution.
    #[must_use]
    pub fn for_effect(mut self, effect: Effect) -> Self {
        self.effect = Some(effect);
        self
    }

    /// Only to try: nothing is changed at the provider.
    #[must_use]
    pub fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }

    /// Whether nothing may be changed.
    pub fn is_dry_run(&self) -> bool {
        self.dry_run
    }

    /// The effect this is done for, if it is one of an execution.
    pub fn effect(&self) -> Option<&Effect> {
        self.effect.as_ref()
    }

    /// The account.
    pub fn held(&self) -> &Held {
        &self.held
    }

    /// What fills the addresses of the account: `organization`.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.held.variables.get(name).map(String::as_str)
    }

    /// The one door: sends a request in the name of the account, and reads the answer to its end.
    /// A refusal is an answer; that there were too many requests is an error.
    ///
    /// # Errors
    /// `rate_limited` with `meta.retryAfterSeconds`; `answer_too_long`; else why there is no answer.
    pub async fn send(&self, call: Call) -> Result<Answer> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if !call.method.is_safe()
            && let Some(effect) = &self.effect
        {
            let number = self.writes.fetch_add(1, Ordering::Relaxed);
            let key = format!("{}.{number}", effect.mark);
            headers.insert(IDEMPOTENCY_KEY, key.parse().map_err(Error::internal)?);
        }
        let content = match call.body {
            Some(document) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static(call.content_type));
                body::full(document.to_string())
            }
            None => body::empty(),
        };
        let proxied = ProxyCall {
            method: call.method,
            path_and_query: call.path,
            absolute_url: None,
            own_base: None,
            account: call.account,
            headers,
            body: content,
        };
        let (head, stream) = self.connect.proxy(&self.held, proxied).await?.into_parts();
        let body = self.read(stream).await?;
        let answer = Answer { status: head.status, headers: head.headers, body };
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            return Err(self.rate_limited(&answer));
        }
        Ok(answer)
    }

    /// An error of the provider's answer. `sentence` says what it means and what to do, `said` is
    /// what the provider said; `meta` gets more members beside them.
    pub fn refused(
        &self,
        answer: &Answer,
        (kind, code): (ErrorKind, &'static str),
        sentence: impl Into<String>,
        said: &str,
        mut meta: Value,
    ) -> Error {
        meta["isIntegrationError"] = true.into();
        meta["provider"] = json!({ "status": answer.status.as_u16(), "message": said });
        if let Some(scope) = answer.headers.get(NEEDS_SCOPE).and_then(|value| value.to_str().ok()) {
            meta["needsScope"] = scope.into();
        }
        Error::new(kind, code, sentence).with_meta(meta)
    }

    async fn read(&self, mut stream: Body) -> Result<Bytes> {
        let name = &self.held.provider.name;
        let mut read = Vec::new();
        while let Some(frame) = stream.frame().await {
            let frame = frame.map_err(|cause| {
                let message = format!("{name} broke off its answer; try again.");
                Error::new(ErrorKind::Provider, "broke_off", message).with_source(cause)
            })?;
            read.extend_from_slice(frame.data_ref().map_or(&[], |data| &data[..]));
            if read.len() > ANSWER_BYTES_MAX {
                let message = format!(
                    "{name} answered with more than {ANSWER_BYTES_MAX} bytes; ask for fewer \
                     fields or fewer items."
                );
                return Err(Error::new(ErrorKind::TooLarge, "answer_too_long", message));
            }
        }
        Ok(read.into())
    }

    fn rate_limited(&self, answer: &Answer) -> Error {
        let name = &self.held.provider.name;
        let wait = answer.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let seconds = wait.and_then(|text| text.trim().parse::<f64>().ok());
        let seconds = seconds.filter(|seconds| seconds.is_finite()).map(|s| s.ceil().max(1.0));
        let message = format!("{name} asked for fewer calls with this account; try again later.");
        let mut meta = json!({ "isIntegrationError": true, "provider": { "status": 429 } });
        if let Some(seconds) = seconds {
            meta["retryAfterSeconds"] = (seconds as u64).into();
        }
        Error::new(ErrorKind::RateLimited, "rate_limited", message).with_meta(meta)
    }
}

impl Call {
    /// A request without a body. The path is encoded and begins with `/`.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        let content_type = "application/json";
        Self { method, path: path.into(), account: None, content_type, body: None }
    }

    /// A GET.
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    /// The same request with one more parameter.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.path.push(if self.path.contains('?') { '&' } else { '?' });
        self.path.push_str(name);
        self.path.push('=');
        self.path.push_str(&encode(value));
        self
    }

    /// The same request with a JSON document.
    #[must_use]
    pub fn json(mut self, document: Value) -> Self {
        self.body = Some(document);
        self
    }

    /// The same request with a document of this type.
    #[must_use]
    pub fn json_as(mut self, content_type: &'static str, document: Value) -> Self {
        self.content_type = content_type;
        self.json(document)
    }

    /// The same request to another account (organization) than the credential's own.
    #[must_use]
    pub fn to_account(mut self, account: Option<&str>) -> Self {
        self.account = account.map(str::to_owned);
        self
    }
}

impl Answer {
    /// The body as JSON; null when it is not that.
    pub fn document(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// One segment of a path, or a value of a query.
pub fn encode(text: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(text, KEPT).to_string()
}
