//! Where a company lets only an administrator allow apps: the link to send there, and the answer.

use base::{Error, ErrorKind, Result};
use serde_json::json;
use store::oauth_attempts::{Attempt, Phase};
use url::Url;

use super::attempt::Asked;
use super::begin::fill_path;
use super::{Callback, CallbackQuery};
use crate::Connect;

/// Begins the state of an administrator's way, which changes nothing here and so is not stored.
const STATE_PREFIX: &str = "admin.";

/// The answer to an administrator who comes back from the provider.
pub(crate) fn answer(query: &CallbackQuery) -> Option<Callback> {
    let by_admin = query.state.as_deref().is_some_and(|state| state.starts_with(STATE_PREFIX));
    let allowed = query.admin_consent.as_deref().is_some_and(|v| v.eq_ignore_ascii_case("true"));
    match (by_admin || query.admin_consent.is_some(), allowed && query.error.is_none()) {
        (false, _) => None,
        (true, true) => Some(Callback::AdminConsented {
            message: "Thank you: the app is allowed for your company. Whoever sent you the link \
                      can connect now."
                .to_owned(),
        }),
        (true, false) => Some(Callback::Failed {
            origin: None,
            integration_id: None,
            error: Error::new(
                ErrorKind::Forbidden,
                "admin_consent_denied",
                "The app was not allowed for your company. Whoever sent you the link cannot \
                 connect until it is.",
            ),
        }),
    }
}

impl Connect {
    /// Ends the attempt with the link for the administrator.
    pub(crate) async fn need_admin(&self, attempt: Attempt, error: Error) -> Callback {
        let error = match self.admin_link(&attempt).await {
            Ok(Some(link)) => error.with_meta(json!({ "adminConsentUrl": link })),
            Ok(None) => error,
            Err(error) => error,
        };
        self.fail(attempt, Phase::Exchanging, error).await
    }

    async fn admin_link(&self, attempt: &Attempt) -> Result<Option<String>> {
        let asked = Asked::of(attempt)?;
        let provider =
            self.provider_of_integration(attempt.project_id, attempt.integration_id).await?;
        let oauth = provider.oauth()?;
        let Some(path) = &oauth.admin_consent_path else { return Ok(None) };
        let (client, _) = self.client_of_attempt(attempt, &provider, &asked).await?;
        let origin = self.browser_origin(&provider, &asked.profile)?;
        let text = fill_path(&format!("{origin}{path}"), &asked)?;
        let mut url = Url::parse(&text).map_err(Error::internal)?;
        let scopes: Vec<String> =
            asked.scopes.iter().map(|scope| format!("{}{scope}", oauth.scope_prefix)).collect();
        url.query_pairs_mut()
            .append_pair("client_id", &client.client_id)
            .append_pair("redirect_uri", &asked.redirect_uri)
            .append_pair("state", &format!("{STATE_PREFIX}{}", self.0.random.token()))
            .append_pair("scope", &scopes.join(&oauth.scope_separator));
        Ok(Some(url.into()))
    }
}
