//! What an event destination keeps sealed, and the one attempt to deliver: signed as Standard
//! Webhooks says, through the one door, with nothing of anybody's account.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_lc_rs::hmac;
use base::{Error, EventId, Result, Secret, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use http::{Method, Request, Uri};
use http_body_util::BodyExt as _;
use store::Connection;
use store::event_destinations::{self, EventDestination};

use crate::Connect;
use crate::composed::Veil;
use crate::outbound::{Authority, Body, body, guard};

/// How long a destination may take to answer.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// For how long deliveries are also signed with the secret that was replaced.
pub const OVERLAP: Duration = Duration::from_secs(24 * 3_600);
/// How many headers of its own a destination may have.
pub const HEADERS_MAX: usize = 20;
/// How long their values may be together, in bytes.
const HEADER_BYTES_MAX: usize = 16 * 1024;
/// How much of an answer is kept, in bytes.
const EXCERPT_BYTES_MAX: usize = 1_024;
/// How long an address may be, in bytes.
const URL_BYTES_MAX: usize = 2_048;
/// How much is read of it: a header that the far side sends back may end beyond what is kept, and be
/// three times as long where it is written for an address.
const READ_BYTES_MAX: usize = EXCERPT_BYTES_MAX + 3 * HEADER_BYTES_MAX;
/// What a signing secret begins with.
const SECRET_PREFIX: &str = "whsec_";
/// How long its random part is.
const SECRET_BYTES: usize = 32;

/// The fields of the row that are sealed.
const SECRET: &str = "secret";
const PREVIOUS_SECRET: &str = "previous_secret";
const HEADERS: &str = "headers";

/// Headers that deliveries set themselves.
const OWN_HEADERS: [&str; 9] = [
    "connection",
    "content-length",
    "host",
    "te",
    "transfer-encoding",
    "upgrade",
    "webhook-id",
    "webhook-signature",
    "webhook-timestamp",
];

/// What is delivered.
#[derive(Clone, Debug)]
pub struct Message {
    /// The event: the message's id too, the same at every attempt.
    pub event_id: EventId,
    /// The body.
    pub body: String,
    /// What the body is, unless the destination's own headers say otherwise.
    pub content_type: &'static str,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempted {
    /// The HTTP status; none: there was no answer.
    pub status: Option<u16>,
    /// Why there was none.
    pub error: Option<String>,
    /// The beginning of the answer.
    pub excerpt: String,
    /// How long it took.
    pub duration: Duration,
}

impl Attempted {
    /// Whether the far side took the message.
    pub fn is_success(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// Checks an address that deliveries may go to.
///
/// # Errors
/// `invalid_address`.
pub fn check_address(url: &str) -> Result<()> {
    let wrong = || {
        let message = "The address must be a full http or https URL.";
        Error::invalid("invalid_address", message)
    };
    if url.len() > URL_BYTES_MAX {
        return Err(wrong());
    }
    guard::require_plain(&url.parse::<Uri>().map_err(|_| wrong())?)
}

impl Connect {
    /// Makes a new signing secret for a destination's row and answers it, to be shown this once. The
    /// one before signs as well for [`OVERLAP`].
    ///
    /// # Errors
    /// When the project's key cannot be read.
    pub async fn renew_signing_secret(
        &self,
        conn: &mut Connection,
        row: &mut EventDestination,
    ) -> Result<String> {
        let key = self.0.vault.sealing_key(conn, row.project_id).await?;
        if !row.secret.is_empty() {
            let present = key.open(row.id.uuid(), SECRET, &row.secret)?;
            let sealed = key.seal(row.id.uuid(), PREVIOUS_SECRET, present.expose());
            row.previous_secret = Some(sealed);
            row.previous_until = Some(self.0.clock.now() + OVERLAP);
        }
        let secret = self.0.random.bytes::<SECRET_BYTES>();
        row.secret = key.seal(row.id.uuid(), SECRET, &secret);
        Ok(format!("{SECRET_PREFIX}{}", STANDARD.encode(secret)))
    }

    /// Sets the headers that deliveries carry, in a destination's row.
    ///
    /// # Errors
    /// `invalid_header` for one that cannot be sent, or that deliveries set themselves.
    pub async fn set_destination_headers(
        &self,
        conn: &mut Connection,
        row: &mut EventDestination,
        headers: &BTreeMap<String, Secret<String>>,
    ) -> Result<()> {
        check_headers(headers)?;
        row.header_names = headers.keys().cloned().collect();
        row.headers = None;
        if !headers.is_empty() {
            let plain: BTreeMap<_, _> = headers.iter().map(|(k, v)| (k, v.expose())).collect();
            let plain = Secret::new(serde_json::to_vec(&plain).map_err(Error::internal)?);
            let key = self.0.vault.sealing_key(conn, row.project_id).await?;
            row.headers = Some(key.seal(row.id.uuid(), HEADERS, plain.expose()));
        }
        Ok(())
    }

    /// Makes one attempt to deliver. What the far side does is no error: it is what is answered.
    ///
    /// # Errors
    /// When what the destination keeps sealed cannot be opened.
    pub async fn deliver(&self, row: &EventDestination, message: Message) -> Result<Attempted> {
        let began = self.0.clock.now();
        let (headers, veil) = self.delivery_headers(row, &message, began).await?;
        let mut request = Request::new(body::full(message.body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = row.url.parse().map_err(Error::internal)?;
        *request.headers_mut() = headers;
        let sent = async {
            let answer = self.send(request, Authority::None).await?;
            let (head, stream) = answer.into_parts();
            Ok::<_, Error>((head.status.as_u16(), beginning(stream).await))
        };
        let sent = self.0.clock.timeout(PATIENCE, sent).await;
        let duration = self.0.clock.now().since(began);
        Ok(match sent {
            Some(Ok((status, answer))) => Attempted {
                status: Some(status),
                error: None,
                excerpt: excerpt(&answer, &veil),
                duration,
            },
            Some(Err(error)) => unanswered(error.message().to_owned(), duration),
            None => {
                let seconds = PATIENCE.as_secs();
                unanswered(format!("The destination did not answer within {seconds} s."), duration)
            }
        })
    }

    /// The headers of an attempt, and the values that nobody may see again.
    async fn delivery_headers(
        &self,
        row: &EventDestination,
        message: &Message,
        now: Timestamp,
    ) -> Result<(HeaderMap, Veil)> {
        let (conn, vault) = (&mut self.0.store.read().await?, &self.0.vault);
        let key = vault.data_key(conn, row.project_id).await?;
        // Sealed anew since it was read, it would not open with what the keys are now.
        let current = event_destinations::find(conn, row.project_id, row.id).await?;
        let row = current.as_ref().unwrap_or(row);
        let place = |field| (row.id.uuid(), field);
        let mut secrets = vec![vault.open(conn, &key, place(SECRET), &row.secret).await?];
        if let Some(previous) = &row.previous_secret
            && row.previous_until.is_some_and(|until| until > now)
        {
            secrets.push(vault.open(conn, &key, place(PREVIOUS_SECRET), previous).await?);
        }
        let (id, timestamp) = (message.event_id.to_string(), now.as_secs().to_string());
        let signatures: Vec<String> =
            secrets.iter().map(|secret| sign(secret, &id, &timestamp, &message.body)).collect();
        let mut headers = HeaderMap::new();
        let value = |text: &str| HeaderValue::from_str(text).map_err(Error::internal);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(message.content_type));
        headers.insert(USER_AGENT, HeaderValue::from_static("Gangway"));
        let mut veil = Veil::default();
        if let Some(sealed) = &row.headers {
            let opened = vault.open(conn, &key, place(HEADERS), sealed).await?;
            // The cause could quote a value.
            let own: BTreeMap<String, Secret<String>> = serde_json::from_slice(opened.expose())
                .map_err(|_| Error::internal("a destination's sealed headers have another form"))?;
            for (name, text) in own {
                veil.add(text.expose(), format!("the header {name}"));
                let name: HeaderName = name.parse().map_err(Error::internal)?;
                let mut value = HeaderValue::from_str(text.expose())
                    .map_err(|_| Error::internal("a destination's header cannot be sent"))?;
                value.set_sensitive(true);
                headers.insert(name, value);
            }
        }
        headers.insert("webhook-id", value(&id)?);
        headers.insert("webhook-timestamp", value(&timestamp)?);
        headers.insert("webhook-signature", value(&signatures.join(" "))?);
        Ok((headers, veil))
    }
}

/// `v1,…`: the message's id, its time and its body under a secret.
fn sign(secret: &Secret<Vec<u8>>, id: &str, timestamp: &str, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose());
    let signed = format!("{id}.{timestamp}.{body}");
    format!("v1,{}", STANDARD.encode(hmac::sign(&key, signed.as_bytes())))
}

fn check_headers(headers: &BTreeMap<String, Secret<String>>) -> Result<()> {
    let refuse = |message: String| Err(Error::invalid("invalid_header", message));
    if headers.len() > HEADERS_MAX {
        return refuse(format!("A destination may have {HEADERS_MAX} headers of its own."));
    }
    let mut bytes = 0;
    for (name, value) in headers {
        let Ok(read) = name.parse::<HeaderName>() else {
            return refuse(format!("\"{name}\" is no name of a header."));
        };
        if OWN_HEADERS.contains(&read.as_str()) {
            return refuse(format!("The header \"{name}\" is set by the delivery itself."));
        }
        if HeaderValue::from_str(value.expose()).is_err() {
            return refuse(format!("The value of the header \"{name}\" cannot be sent."));
        }
        bytes += value.expose().len();
    }
    if bytes > HEADER_BYTES_MAX {
        return refuse(format!("The headers are longer than {HEADER_BYTES_MAX} bytes together."));
    }
    Ok(())
}

const fn unanswered(error: String, duration: Duration) -> Attempted {
    Attempted { status: None, error: Some(error), excerpt: String::new(), duration }
}

/// The beginning of an answer; an answer that breaks off is one too.
async fn beginning(mut stream: Body) -> String {
    let mut read = Vec::new();
    while let Some(Ok(frame)) = stream.frame().await {
        read.extend_from_slice(frame.data_ref().map_or(&[], |data| &data[..]));
        if read.len() >= READ_BYTES_MAX {
            break;
        }
    }
    read.truncate(READ_BYTES_MAX);
    // What PostgreSQL cannot hold stands for itself.
    String::from_utf8_lossy(&read).replace('\0', "\u{fffd}")
}

/// What is kept of an answer: first nothing in it is secret, then it is cut.
fn excerpt(answer: &str, veil: &Veil) -> String {
    let mut excerpt = veil.hide(answer);
    excerpt.truncate(excerpt.floor_char_boundary(EXCERPT_BYTES_MAX));
    excerpt
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_standard_webhooks() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("base64");
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let signed = sign(&Secret::new(secret), id, "1614265330", r#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn addresses_and_headers_that_cannot_be_used_are_refused() {
        check_address("https://example.com/hooks?a=1").expect("it is fine");
        for wrong in ["example.com", "ftp://example.com", "https://a@example.com", "https://"] {
            assert!(check_address(wrong).is_err(), "{wrong}");
        }
        let headers = |name: &str, value: &str| {
            check_headers(&BTreeMap::from([(name.to_owned(), Secret::new(value.to_owned()))]))
        };
        headers("Authorization", "Bearer x").expect("it is fine");
        for (name, value) in [("Webhook-Id", "1"), ("a b", "1"), ("x", "1\n2"), ("Host", "h")] {
            assert!(headers(name, value).is_err(), "{name}");
        }
    }
}
