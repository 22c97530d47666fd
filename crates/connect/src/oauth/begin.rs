//! Begins an attempt: stores what was asked and makes the address where the person signs in.

use std::collections::BTreeMap;

use base::{ConnectedUserId, Error, ErrorKind, OAuthAttemptId, Result, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use store::integrations::Integration;
use store::oauth_attempts::{self, Attempt, Phase};
use url::Url;

use super::InstallOptions;
use super::attempt::{Asked, BEGUN, Begun};
use crate::fields::own_client;
use crate::provider::{AccountType, OAuth, Provider, Scheme, template};
use crate::registrations::Client;
use crate::{Connect, hash_token};

/// The longest session key, external id or parameter.
const TEXT_BYTES_MAX: usize = 255;
/// The longest redirect address.
const REDIRECT_BYTES_MAX: usize = 2_000;

/// Who connects what, and how.
#[derive(Clone, Debug)]
pub struct BeginOAuth<'a> {
    /// What is connected.
    pub integration: &'a Integration,
    /// Who connects.
    pub user_id: ConnectedUserId,
    /// What the person typed before: parameters of the provider's addresses, such as `tenant`, for
    /// which the integration's settings apply where this names none; and client id and secret where
    /// they bring an app of their own.
    pub typed: BTreeMap<String, Secret<String>>,
    /// Origin of the page that opens the pop-up, already known to be one of the project's.
    pub origin: String,
    /// What the SDK polls by.
    pub session_key: Option<String>,
    /// How to connect.
    pub options: InstallOptions,
    /// The host's own redirect address, where it is not ours.
    pub redirect_override: Option<String>,
}

impl Connect {
    /// Begins an attempt and answers the provider's address to send the browser to.
    pub async fn begin_oauth(&self, begin: BeginOAuth<'_>) -> Result<String> {
        let integration = begin.integration;
        let provider = self.provider(&integration.kind)?;
        require_active(provider, integration)?;
        let account_type = provider.account_type(begin.options.account_type.as_deref())?;
        if account_type.scheme != Scheme::Oauth {
            let message = format!("\"{}\" is typed, not signed in to.", account_type.id);
            return Err(Error::invalid("not_by_sign_in", message));
        }
        let oauth = provider.oauth()?;
        let own = own_client(account_type, &begin.typed)?;
        let client = match &own {
            Some(own) => Client::brought(own, &self.profile_of(integration).await?),
            None => self.client_of(integration).await?,
        };
        let asked = Asked {
            account_type: account_type.id.clone(),
            parameters: parameters(provider, oauth, account_type, integration, &begin.typed)?,
            origin: begin.origin.clone(),
            redirect_uri: self.redirect_uri(begin.redirect_override.as_deref())?,
            profile: client.profile.clone(),
            scopes: wanted_scopes(provider, integration)?,
            options: begin.options.clone(),
        };
        check_text("external id", asked.options.external_id.as_deref())?;
        check_text("session key", begin.session_key.as_deref())?;
        let (state, verifier) = (self.0.random.token(), self.0.random.token());
        let url = self.authorize_url(provider, oauth, &client, &asked, &state, &verifier)?;
        let begun = Begun { verifier: Secret::new(verifier), client: own };
        self.insert_attempt(&begin, &client, &asked, &state, &begun).await?;
        Ok(url)
    }

    /// The address that providers send people back to.
    pub fn redirect_uri_default(&self) -> String {
        format!("{}/oauth", self.0.config.public_url)
    }

    fn redirect_uri(&self, wanted: Option<&str>) -> Result<String> {
        let Some(wanted) = wanted else { return Ok(self.redirect_uri_default()) };
        let sound = Url::parse(wanted).is_ok_and(|url| {
            let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
            (url.scheme() == "https" || (url.scheme() == "http" && local))
                && url.fragment().is_none()
                && url.username().is_empty()
        });
        if sound && wanted.len() <= REDIRECT_BYTES_MAX {
            Ok(wanted.to_owned())
        } else {
            let message = "The redirect address must be an https address without a fragment.";
            Err(Error::invalid("invalid_redirect", message))
        }
    }

    async fn insert_attempt(
        &self,
        begin: &BeginOAuth<'_>,
        client: &Client,
        asked: &Asked,
        state: &str,
        begun: &Begun,
    ) -> Result<()> {
        let (id, now) = (OAuthAttemptId::new(&self.0.clock, &self.0.random), self.0.clock.now());
        let project_id = begin.integration.project_id;
        let mut tx = self.0.store.begin().await?;
        let key = self.0.vault.sealing_key(&mut tx, project_id).await?;
        let attempt = Attempt {
            id,
            project_id,
            user_id: begin.user_id,
            integration_id: begin.integration.id,
            app_registration_id: client.registration_id,
            state_hash: hash_token(state),
            session_key: begin.session_key.clone(),
            handle_hash: None,
            phase: Phase::Started,
            request: serde_json::to_value(asked).map_err(Error::internal)?,
            secrets: key.seal(id.uuid(), BEGUN, begun.to_bytes().expose()),
            outcome: None,
            credential_id: None,
            created_at: now,
            expires_at: now + self.0.config.attempt_lifetime,
        };
        oauth_attempts::insert(&mut tx, &attempt).await?;
        tx.commit().await
    }

    fn authorize_url(
        &self,
        provider: &Provider,
        oauth: &OAuth,
        client: &Client,
        asked: &Asked,
        state: &str,
        verifier: &str,
    ) -> Result<String> {
        let origin = self.browser_origin(provider, &asked.profile)?;
        let text = fill_path(&format!("{origin}{}", oauth.authorize_path), asked)?;
        let mut url = Url::parse(&text).map_err(Error::internal)?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
        url.query_pairs_mut()
            .append_pair("client_id", &client.client_id)
            .append_pair("response_type", "code")
            .append_pair("redirect_uri", &asked.redirect_uri)
            .append_pair("state", state)
            .extend_pairs(&oauth.authorize_parameters);
        if oauth.pkce {
            url.query_pairs_mut()
                .append_pair("code_challenge", &challenge)
                .append_pair("code_challenge_method", "S256");
        }
        let scope = oauth.scope_parameter(&asked.scopes);
        if !scope.is_empty() {
            url.query_pairs_mut().append_pair("scope", &scope);
        }
        Ok(url.into())
    }

    /// Where browsers sign in under this profile.
    pub(crate) fn browser_origin(&self, provider: &Provider, profile: &str) -> Result<String> {
        let known = provider.profile(profile)?;
        let local = self.0.config.profile_addresses.get(profile);
        if known.local && local.is_none() {
            self.0.network.pool(provider, profile)?;
        }
        let origin = local.map_or(&known.authorize_origin, |local| &local.browser_origin);
        Ok(origin.trim_end_matches('/').to_owned())
    }
}

pub(crate) fn require_active(provider: &Provider, integration: &Integration) -> Result<()> {
    if integration.is_active {
        return Ok(());
    }
    let message = format!("The {} integration is switched off in this project.", provider.name);
    Err(Error::new(ErrorKind::Conflict, "integration_inactive", message))
}

/// Fills the parameters into a path of the provider.
pub(crate) fn fill_path(path: &str, asked: &Asked) -> Result<String> {
    template::fill_url(path, |name| asked.parameters.get(name).map(String::as_str))
}

pub(crate) fn parameters(
    provider: &Provider,
    oauth: &OAuth,
    account_type: &AccountType,
    integration: &Integration,
    typed: &BTreeMap<String, Secret<String>>,
) -> Result<BTreeMap<String, String>> {
    let asks = |name: &str| {
        oauth.parameters.contains_key(name) || account_type.fields.iter().any(|f| f.id == name)
    };
    if let Some(name) = typed.keys().find(|name| !asks(name)) {
        let message = format!("Signing in knows no parameter \"{name}\".");
        return Err(Error::invalid("unknown_parameter", message));
    }
    let chosen = oauth.parameters.iter().map(|(name, usual)| {
        let set = integration.settings.get(name).and_then(|value| value.as_str());
        let set = set.filter(|value| !value.is_empty());
        let value = typed.get(name).map(|value| value.expose().as_str());
        let value = value.or(set).unwrap_or(usual);
        let account = provider.account.as_ref().filter(|account| account.variable == *name);
        let value = match account {
            Some(account) => account.read_name(value)?,
            None => value.to_owned(),
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        if value.is_empty() || value.len() > TEXT_BYTES_MAX || !value.chars().all(plain) {
            let message = format!("\"{name}\" must be an id or a domain.");
            return Err(Error::invalid("invalid_parameter", message));
        }
        Ok((name.clone(), value))
    });
    chosen.collect()
}

/// The scopes that connecting asks for.
pub(crate) fn wanted_scopes(provider: &Provider, integration: &Integration) -> Result<Vec<String>> {
    let wanted = provider.wanted_scopes(integration);
    let known = |id: &String| provider.scopes.iter().any(|scope| scope.id == *id);
    match wanted.iter().find(|id| !known(id)) {
        None => Ok(wanted),
        Some(id) => {
            let message = format!("{} has no scope \"{id}\".", provider.name);
            Err(Error::invalid("unknown_scope", message))
        }
    }
}

pub(crate) fn check_text(what: &str, text: Option<&str>) -> Result<()> {
    let fits = |text: &str| {
        !text.is_empty() && text.len() <= TEXT_BYTES_MAX && !text.contains(char::is_control)
    };
    if text.is_none_or(fits) {
        return Ok(());
    }
    let message = format!("The {what} must have 1 to {TEXT_BYTES_MAX} characters.");
    Err(Error::invalid("invalid_text", message))
}
