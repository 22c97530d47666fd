//! Reads what a token endpoint answers.

use std::collections::BTreeMap;
use std::time::Duration;

use base::{Secret, Timestamp};
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::outbound::fetch::{Answer, text_at};
use crate::provider::{Judged, OAuth, Provider, TokenAnswer, Told};
use crate::secrets::Tokens;

/// The longest life of an access token that is believed.
const LIFE_SECONDS_MAX: u64 = 366 * 24 * 3600;
/// The longest variable that is kept.
const VARIABLE_BYTES_MAX: usize = 1_024;

/// Tokens as granted.
#[derive(Debug)]
pub(crate) struct Granted {
    pub tokens: Tokens,
    pub expires_at: Option<Timestamp>,
    /// The scopes, where the answer names them.
    pub scopes: Option<Vec<String>>,
    /// What else it told that addresses need.
    pub variables: BTreeMap<String, String>,
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
            client: None,
        },
        expires_at: life.map(|life| now + Duration::from_secs(life)),
        scopes: text(&form.scope).map(|scopes| oauth.granted_scopes(&scopes)),
        variables: variables(form, document),
    })
}

fn variables(form: &TokenAnswer, document: Map<String, Value>) -> BTreeMap<String, String> {
    let document = Value::Object(document);
    let told = form.variables.iter();
    let told = told.filter_map(|(name, at)| Some((name.clone(), text_at(&document, at)?)));
    told.filter(|(_, value)| value.len() <= VARIABLE_BYTES_MAX).collect()
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

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};

    use super::*;
    use crate::provider::ErrorClass;
    use crate::provider::tests::example;

    fn answer(status: u16, content_type: &str, body: &str) -> Answer {
        let headers: HeaderMap =
            [(CONTENT_TYPE, content_type.parse().unwrap())].into_iter().collect();
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, headers, body: body.to_owned().into() }
    }

    fn granted(body: &str) -> Granted {
        let provider = example();
        let answer = answer(200, "application/json", body);
        read(&provider, provider.oauth().unwrap(), &answer, Timestamp::from_secs(1_000)).unwrap()
    }

    #[test]
    fn lives_are_numbers_or_their_text_and_may_be_missing() {
        let life = |body: &str| granted(body).expires_at.map(Timestamp::as_secs);
        assert_eq!(life(r#"{"access_token":"a","expires_in":60}"#), Some(1_060));
        assert_eq!(life(r#"{"access_token":"a","expires_in":"60"}"#), Some(1_060));
        assert_eq!(life(r#"{"access_token":"a"}"#), None);
        let endless = life(r#"{"access_token":"a","expires_in":18446744073709551615}"#);
        assert_eq!(endless, Some(1_000 + 366 * 24 * 3_600));
    }

    #[test]
    fn granted_scopes_lose_the_prefixes_they_have_on_the_wire() {
        let body = r#"{"access_token":"a","scope":"res/read other/write offline_access read"}"#;
        assert_eq!(granted(body).scopes.unwrap(), ["read", "write"]);
    }

    #[test]
    fn an_answer_can_be_a_form() {
        let provider = example();
        let answer = answer(
            200,
            "application/x-www-form-urlencoded; charset=utf-8",
            "access_token=a%20b&expires_in=5&refresh_token=r",
        );
        let now = Timestamp::from_secs(0);
        let granted = read(&provider, provider.oauth().unwrap(), &answer, now).unwrap();
        assert_eq!(granted.tokens.access_token.expose(), "a b");
        assert_eq!(granted.expires_at, Some(Timestamp::from_secs(5)));
    }

    fn refusal(status: u16, body: &str) -> (ErrorClass, String) {
        let provider = example();
        let answer = answer(status, "application/json", body);
        let now = Timestamp::from_secs(0);
        let judged = read(&provider, provider.oauth().unwrap(), &answer, now).expect_err("refused");
        (judged.class, judged.error.code().to_owned())
    }

    #[test]
    fn a_failure_is_classed_by_code_then_by_word_then_by_status() {
        let judged = |status, body| {
            let (class, code) = refusal(status, body);
            format!("{class:?} {code}")
        };
        let by_list = r#"{"error":"invalid_grant","error_codes":[7]}"#;
        assert_eq!(judged(400, by_list), "App client_secret_expired");
        let by_text = r#"{"error":"x","error_description":"EXA7: expired."}"#;
        assert_eq!(judged(401, by_text), "App client_secret_expired");
        assert_eq!(judged(400, r#"{"error":"invalid_grant"}"#), "SignInAgain sign_in_again");
        assert_eq!(judged(401, r#"{"error":"invalid_client"}"#), "App app_misconfigured");
        assert_eq!(judged(503, r#"{"error":"invalid_client"}"#), "Transient provider_unavailable");
        let busy = r#"{"error":"temporarily_unavailable"}"#;
        assert_eq!(judged(400, busy), "Transient provider_unavailable");
        let denied = r#"{"error":"access_denied"}"#;
        assert_eq!(judged(403, denied), "Transient token_denied");
        let busy = r#"{"error":"invalid_grant"}"#;
        assert_eq!(judged(503, busy), "Transient provider_unavailable");
        assert_eq!(judged(502, "<html>"), "Transient provider_unavailable");
        assert_eq!(judged(200, "{}"), "Transient provider_unavailable");
    }
}
