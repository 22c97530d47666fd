//! Looks at an answer that may mean "who are you?", whatever its status says.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use base::{Error, ErrorKind, Result};
use http::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde_json::json;

use super::body::Body;
use crate::Connect;
use crate::held::{Held, Learned, State};
use crate::provider::Proxy;
use crate::verification;

/// How long a credential that proved good is not asked again.
const PROOF_LIFE: Duration = Duration::from_secs(60);

/// What an answer looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Looks {
    /// Like an answer.
    Fine,
    /// Like a refusal of the credential, though it may be of this call only.
    Refused,
    /// Like HTML where JSON was asked, which some calls do answer.
    Odd,
    /// Like a sign-in page: never an answer.
    SignIn,
}

pub(crate) fn look(proxy: &Proxy, asked: &HeaderMap, answer: &Response<Body>) -> Looks {
    let text = |headers: &HeaderMap, name| -> String {
        let value = headers.get(name).map(HeaderValue::to_str);
        value.and_then(Result::ok).unwrap_or_default().to_ascii_lowercase()
    };
    match answer.status() {
        StatusCode::UNAUTHORIZED => Looks::Refused,
        StatusCode::NON_AUTHORITATIVE_INFORMATION if proxy.sign_in_page_as_success => Looks::SignIn,
        status if status.is_redirection() => {
            let location = text(answer.headers(), LOCATION);
            let leads = proxy.sign_in_redirects.iter().any(|word| location.contains(word.as_str()));
            if leads { Looks::SignIn } else { Looks::Fine }
        }
        status if status.is_success() && proxy.sign_in_page_as_success => {
            let is_html = text(answer.headers(), CONTENT_TYPE).starts_with("text/html");
            let wants_json = text(asked, ACCEPT).contains("json");
            if is_html && wants_json { Looks::Odd } else { Looks::Fine }
        }
        _ => Looks::Fine,
    }
}

impl Connect {
    /// Decides on an answer that does not look fine: by asking the provider who this is.
    pub(crate) async fn judge(
        &self,
        held: &Arc<Held>,
        state: &State,
        asked: &Parts,
        looks: Looks,
        answer: Response<Body>,
    ) -> Result<Response<Body>> {
        self.require_proof(held, state).await?;
        if looks != Looks::SignIn {
            return Ok(answer);
        }
        let name = &held.provider.name;
        let message = format!(
            "{name} answered with its sign-in page although the account works: the account may \
             not do this, or a permission is missing. Check the scopes of the integration."
        );
        let missing = held.provider.missing_scope(&asked.method, asked.uri.path(), &held.scopes);
        let mut meta = json!({ "provider": { "status": answer.status().as_u16() } });
        if let Some(scope) = missing {
            meta["needsScope"] = scope.into();
        }
        Err(Error::new(ErrorKind::Provider, "sign_in_page", message).with_meta(meta))
    }

    /// Fails, and marks the credential invalid, when the provider says that it does not work.
    async fn require_proof(&self, held: &Arc<Held>, state: &State) -> Result<()> {
        let now = self.0.clock.now();
        if held.provider.verification.is_none()
            || now < Learned::time(&held.learned.verified_at) + PROOF_LIFE
        {
            return Ok(());
        }
        let authorization = state.authorization.clone();
        let asked =
            self.verify(&held.provider, &held.profile, &held.variables, authorization).await;
        match asked {
            Ok(_) => {
                held.learned.verified_at.store(now.0, Ordering::Relaxed);
                Ok(())
            }
            Err(error) if matches!(error.code(), verification::REFUSED | "unknown_account") => {
                Err(self.invalidate(held, state.refreshed_at, error).await)
            }
            // It does not say: the answer stands as it is.
            Err(error) => {
                tracing::warn!(credential = %held.id, ?error, "verification gave no answer");
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::body;

    fn proxy() -> Proxy {
        toml::from_str(
            "default_host = \"dev.azure.com\"\nsign_in_redirects = [\"/_signin\"]\n\
             sign_in_page_as_success = true",
        )
        .unwrap()
    }

    fn looks(status: u16, header: (&str, &str), accept: &str) -> Looks {
        let answer =
            Response::builder().status(status).header(header.0, header.1).body(body::empty());
        let asked = [(ACCEPT, accept.parse().unwrap())].into_iter().collect();
        look(&proxy(), &asked, &answer.unwrap())
    }

    #[test]
    fn sign_in_pages_are_told_from_answers() {
        let json = ("content-type", "application/json; charset=utf-8");
        let html = ("content-type", "text/html; charset=utf-8");
        assert_eq!(looks(200, json, "application/json"), Looks::Fine);
        assert_eq!(looks(200, html, "application/json"), Looks::Odd);
        assert_eq!(looks(200, html, "text/html"), Looks::Fine);
        assert_eq!(looks(203, html, "text/html"), Looks::SignIn);
        assert_eq!(looks(401, json, "application/json"), Looks::Refused);
        assert_eq!(looks(404, html, "application/json"), Looks::Fine);
        assert_eq!(looks(302, ("location", "https://x/_signin?a"), "*/*"), Looks::SignIn);
        assert_eq!(looks(302, ("location", "https://blob/x"), "*/*"), Looks::Fine);
    }
}
