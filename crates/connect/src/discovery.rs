//! Asks who signed in and which accounts they have.

use base::{Error, ErrorKind, Result};
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::Connect;
use crate::oauth::attempt::{Asked, Member, SignedIn};
use crate::oauth::token_answer::Granted;
use crate::outbound::fetch::{Answer, Question};
use crate::provider::{Discovery, Listing, Provider, template};
use crate::secrets;

/// The code of the error when the provider knows the person and lets them do nothing.
const NOT_SUPPORTED: &str = "account_not_supported";
/// How many accounts are offered at most.
const ACCOUNTS_MAX: usize = 1_000;

impl Connect {
    /// Completes what the token answer told.
    pub(crate) async fn discover(
        &self,
        provider: &Provider,
        asked: &Asked,
        granted: Granted,
    ) -> Result<SignedIn> {
        let authorization = secrets::bearer(&granted.tokens.access_token)?;
        let mut signed_in = SignedIn {
            tokens: granted.tokens,
            expires_at: granted.expires_at,
            scopes: granted.scopes.unwrap_or_else(|| asked.scopes.clone()),
            member: None,
            accounts: Vec::new(),
        };
        let Some(discovery) = &provider.discovery else { return Ok(signed_in) };
        let member = match self.member(provider, &asked.profile, discovery, &authorization).await {
            // Nobody has asked for what this needs: the person names the account instead.
            Err(error)
                if error.code() == NOT_SUPPORTED && !may_ask(discovery, &signed_in.scopes) =>
            {
                return Ok(signed_in);
            }
            member => member?,
        };
        if let Some(listing) = &discovery.accounts {
            signed_in.accounts =
                self.accounts(provider, &asked.profile, listing, &member.id, authorization).await?;
        }
        signed_in.member = Some(member);
        Ok(signed_in)
    }

    async fn member(
        &self,
        provider: &Provider,
        profile: &str,
        discovery: &Discovery,
        authorization: &HeaderValue,
    ) -> Result<Member> {
        let request = &discovery.profile;
        let question = Question {
            url: request.url.clone(),
            authorization: Some(authorization.clone()),
            form: None,
        };
        let answer = self.0.network.fetch(provider, profile, question).await?;
        let document = answer.json().filter(|_| answer.status == StatusCode::OK);
        let Some(document) = document else {
            return Err(not_told(provider, &answer, &discovery.refused));
        };
        let text =
            |pointer: &str| document.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let id =
            text(&request.id).ok_or_else(|| not_told(provider, &answer, &discovery.refused))?;
        let name = request.name.as_deref().and_then(text);
        Ok(Member { id, name, email: request.email.as_deref().and_then(text) })
    }

    async fn accounts(
        &self,
        provider: &Provider,
        profile: &str,
        listing: &Listing,
        member: &str,
        authorization: HeaderValue,
    ) -> Result<Vec<String>> {
        let url = template::fill_url(&listing.url, |name| (name == "member").then_some(member))?;
        let question = Question { url, authorization: Some(authorization), form: None };
        let answer = self.0.network.fetch(provider, profile, question).await?;
        let document = answer.json().filter(|_| answer.status == StatusCode::OK);
        let list = document.as_ref().and_then(|document| document.pointer(&listing.list));
        let Some(list) = list.and_then(Value::as_array) else {
            return Err(unusable(provider, &answer));
        };
        let names = list.iter().filter_map(|entry| entry.pointer(&listing.name)?.as_str());
        let mut names: Vec<String> = names.map(str::to_owned).take(ACCOUNTS_MAX).collect();
        names.sort_by_key(|name| name.to_lowercase());
        Ok(names)
    }
}

fn may_ask(discovery: &Discovery, granted: &[String]) -> bool {
    discovery.scope.as_ref().is_none_or(|scope| granted.contains(scope))
}

/// The provider knows the person and lets them do nothing, or it is not itself just now.
fn not_told(provider: &Provider, answer: &Answer, refused: &str) -> Error {
    let status = answer.status;
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return unusable(provider, answer);
    }
    Error::new(ErrorKind::Invalid, NOT_SUPPORTED, refused).with_meta(spoken(answer))
}

pub(crate) fn unusable(provider: &Provider, answer: &Answer) -> Error {
    let message = format!(
        "{} answered with status {} instead of the account's details. Try again in a moment.",
        provider.name,
        answer.status.as_u16()
    );
    Error::new(ErrorKind::Provider, "provider_error", message).with_meta(spoken(answer))
}

/// The provider's own status and message, for the caller's program.
pub(crate) fn spoken(answer: &Answer) -> Value {
    let document = answer.json();
    let message = document.as_ref().and_then(|document| document.get("message"));
    json!({ "provider": { "status": answer.status.as_u16(), "message": message } })
}
