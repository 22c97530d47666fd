//! The request that tells whether a credential works.

use std::collections::BTreeMap;

use base::{Error, ErrorKind, Result};
use http::StatusCode;
use serde_json::{Value, json};

use crate::Connect;
use crate::discovery::unusable;
use crate::oauth::attempt::Member;
use crate::outbound::fetch::{Answer, Form, Question, text_at};
use crate::provider::{Provider, Verification};
use crate::secrets::Authorization;

/// The code of a refusal; any other error leaves the question open.
pub(crate) const REFUSED: &str = "credential_refused";

impl Connect {
    /// Asks the provider who this is.
    ///
    /// # Errors
    /// [`REFUSED`] or `unknown_account` when it says no; anything else when it does not say.
    pub(crate) async fn verify(
        &self,
        provider: &Provider,
        profile: &str,
        variables: &BTreeMap<String, String>,
        authorization: Authorization,
    ) -> Result<Option<Member>> {
        let Some(verification) = &provider.verification else { return Ok(None) };
        let value = |name: &str| variables.get(name).map(String::as_str);
        let url = provider.proxy.address(&verification.url, variables)?;
        let form = verification.json.clone().map(Form::Json);
        let question = Question { url, authorization: Some(authorization), form };
        let answer = self.0.network.fetch(provider, profile, question).await?;
        let variable = provider.account.as_ref().map(|account| account.variable.as_str());
        let account = variable.and_then(value).unwrap_or(&provider.name);
        if answer.status == StatusCode::OK
            && let Some(document) = answer.json()
        {
            return match member(verification, &document) {
                Some(member) => Ok(Some(member)),
                None => Err(refused(provider, verification, account, &answer)),
            };
        }
        match (answer.status.as_u16(), &verification.missing) {
            (404, Some(missing)) => {
                let message = name_account(missing, account);
                Err(Error::new(ErrorKind::Invalid, "unknown_account", message))
            }
            (429 | 500.., _) => Err(unusable(provider, &answer)),
            _ => Err(refused(provider, verification, account, &answer)),
        }
    }
}

fn member(verification: &Verification, document: &Value) -> Option<Member> {
    let text = |pointer: &str| text_at(document, pointer);
    let id = text(&verification.id)?;
    let known = !verification.anonymous_ids.contains(&id);
    known.then(|| Member {
        name: verification.name.as_deref().and_then(text),
        email: verification.email.as_deref().and_then(text),
        id,
    })
}

fn refused(
    provider: &Provider,
    verification: &Verification,
    account: &str,
    answer: &Answer,
) -> Error {
    let message = name_account(&verification.refused, account);
    let header = provider.account.as_ref().and_then(|account| account.tenant_header.as_ref());
    let tenant = header.and_then(|name| answer.headers.get(name)?.to_str().ok());
    let spoken = json!({ "provider": { "status": answer.status.as_u16() }, "tenant": tenant });
    Error::new(ErrorKind::Invalid, REFUSED, message).with_meta(spoken)
}

fn name_account(sentence: &str, account: &str) -> String {
    sentence.replace("{account}", account)
}
