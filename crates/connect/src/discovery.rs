//! Asks who signed in and which accounts they have.

use std::collections::BTreeMap;

use base::{Error, ErrorKind, Result};
use http::StatusCode;
use serde_json::{Value, json};

use crate::Connect;
use crate::oauth::attempt::{Asked, Member, SignedIn};
use crate::oauth::token_answer::Granted;
use crate::outbound::fetch::{Answer, Question, text_at};
use crate::provider::{Discovery, Listing, Provider};
use crate::secrets::{Authorization, Secrets};

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
        let account_type = provider.account_type(Some(&asked.account_type))?;
        let mut variables = asked.parameters.clone();
        variables.extend(granted.variables);
        let secrets = Secrets::Tokens(granted.tokens.clone());
        let value = |name: &str| variables.get(name).map(String::as_str);
        let authorization = secrets.authorization(account_type, value)?;
        let mut signed_in = SignedIn {
            tokens: granted.tokens,
            expires_at: granted.expires_at,
            scopes: granted.scopes.unwrap_or_else(|| asked.scopes.clone()),
            member: None,
            accounts: Vec::new(),
            account_variables: BTreeMap::new(),
            variables,
        };
        let Some(discovery) = &provider.discovery else {
            let variables = &signed_in.variables;
            signed_in.member =
                self.verify(provider, &asked.profile, variables, authorization).await?;
            return Ok(signed_in);
        };
        let variables = &mut signed_in.variables;
        let asking = self.member(provider, &asked.profile, variables, discovery, &authorization);
        let member = match asking.await {
            // Nobody has asked for what this needs: the person names the account instead.
            Err(error)
                if error.code() == NOT_SUPPORTED && !may_ask(discovery, &signed_in.scopes) =>
            {
                return Ok(signed_in);
            }
            member => member?,
        };
        if let Some(listing) = &discovery.accounts {
            variables.insert("member".to_owned(), member.id.clone());
            let listed =
                self.accounts(provider, &asked.profile, variables, listing, authorization).await?;
            variables.remove("member");
            signed_in.accounts = listed.keys().cloned().collect();
            signed_in.accounts.sort_by_key(|name| name.to_lowercase());
            signed_in.account_variables = listed;
        }
        signed_in.member = Some(member);
        Ok(signed_in)
    }

    async fn member(
        &self,
        provider: &Provider,
        profile: &str,
        variables: &BTreeMap<String, String>,
        discovery: &Discovery,
        authorization: &Authorization,
    ) -> Result<Member> {
        let request = &discovery.profile;
        let url = provider.proxy.address(&request.url, variables)?;
        let question = Question { url, authorization: Some(authorization.clone()), form: None };
        let answer = self.0.network.fetch(provider, profile, question).await?;
        let document = answer.json().filter(|_| answer.status == StatusCode::OK);
        let Some(document) = document else {
            return Err(not_told(provider, &answer, &discovery.refused));
        };
        let text = |pointer: &str| text_at(&document, pointer);
        let id =
            text(&request.id).ok_or_else(|| not_told(provider, &answer, &discovery.refused))?;
        let name = request.name.as_deref().and_then(text);
        Ok(Member { id, name, email: request.email.as_deref().and_then(text) })
    }

    /// The accounts by name, each with the variables that its entry tells.
    async fn accounts(
        &self,
        provider: &Provider,
        profile: &str,
        variables: &BTreeMap<String, String>,
        listing: &Listing,
        authorization: Authorization,
    ) -> Result<BTreeMap<String, BTreeMap<String, String>>> {
        let url = provider.proxy.address(&listing.url, variables)?;
        let question = Question { url, authorization: Some(authorization), form: None };
        let answer = self.0.network.fetch(provider, profile, question).await?;
        let document = answer.json().filter(|_| answer.status == StatusCode::OK);
        let list = document.as_ref().and_then(|document| document.pointer(&listing.list));
        let Some(list) = list.and_then(Value::as_array) else {
            return Err(unusable(provider, &answer));
        };
        let named = list.iter().take(ACCOUNTS_MAX).filter_map(|entry| {
            let told = listing.variables.iter();
            let told = told.filter_map(|(name, at)| Some((name.clone(), text_at(entry, at)?)));
            Some((text_at(entry, &listing.name)?, told.collect()))
        });
        Ok(named.collect())
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
