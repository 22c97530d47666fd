//! Reads what a token endpoint answers.

use std::time::Duration;

use base::{Secret, Timestamp};
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::outbound::fetch::Answer;
use crate::provider::{Judged, OAuth, Provider, Told};
use crate::secrets::Tokens;

/// The longest life of an access token that is believed.
const LIFE_SECONDS_MAX: u64 = 366 * 24 * 3600;

/// Tokens as granted.
#[derive(Debug)]
pub(crate) struct Granted {
    pub tokens: Tokens,
    pub expires_at: Option<Timestamp>,
    /// The scopes, where the answer names them.
    pub scopes: Option<Vec<String>>,
}

pub(crate) fn read(
    provider: &Provider,
    oauth: &OAuth,
    answer: &Answer,
    now: Timestamp,
) -> Result<Granted, Judged> {
    let form = &oauth.token_answer;
    let document = document(answer);
    let text = |field: &str| document.get(field).and_then(Value::as_str).map(str::to_owned);
    let told_error = form.errors_with_success_status && document.contains_key("error");
    let access_token = text(&form.access_token).filter(|token| !token.is_empty());
    let Some(access_token) = access_token.filter(|_| answer.status.is_success() && !told_error)
    else {
        return Err(refused(provider, answer, document));
    };
    let life = document
        .get(&form.expires_in)
        .and_then(seconds)
        .or(form.expires_in_missing_seconds)
        .map(|life| life.min(LIFE_SECONDS_MAX));
    Ok(Granted {
        tokens: Tokens {
            access_token: Secret::new(access_token),
            refresh_token: text(&form.refresh_token).map(Secret::new),
        },
        expires_at: life.map(|life| now + Duration::from_secs(life)),
        scopes: text(&form.scope).map(|scopes| oauth.granted_scopes(&scopes)),
    })
}

fn document(answer: &Answer) -> Map<String, Value> {
    let content_type = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if content_type.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        let pairs = form_urlencoded::parse(&answer.body);
        return pairs.map(|(name, value)| (name.into(), Value::String(value.into()))).collect();
    }
    match answer.json() {
        Some(Value::Object(document)) => document,
        _ => Map::new(),
    }
}

/// A number, or its text.
fn seconds(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

fn refused(provider: &Provider, answer: &Answer, document: Map<String, Value>) -> Judged {
    let text =
        |field: &str| document.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (error, description) = (text("error"), text("error_description"));
    let codes = provider.errors.codes_of(&Value::Object(document), &description);
    let told = Told { status: answer.status.as_u16(), error, description, codes };
    provider.errors.judge(&provider.name, &told)
}
