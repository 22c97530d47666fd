//! The token endpoint: exchanges codes and refresh tokens.

use base::{Result, Secret};
use http::HeaderValue;
use url::form_urlencoded;

use super::token_answer::{self, Granted};
use crate::Connect;
use crate::outbound::fetch::Question;
use crate::provider::{ClientAuth, ErrorClass, Judged, OAuth, Provider};
use crate::registrations::Client;
use crate::secrets::basic_header;

/// What is handed in for tokens.
pub(crate) enum Grant<'a> {
    Code { code: &'a Secret<String>, redirect_uri: &'a str, verifier: &'a Secret<String> },
    Refresh(&'a Secret<String>),
}

impl Connect {
    /// Asks for tokens. A failure is classed: whose fault it is decides what becomes of the
    /// credential.
    pub(crate) async fn request_tokens(
        &self,
        provider: &Provider,
        client: &Client,
        token_path: &str,
        scopes: &[String],
        grant: Grant<'_>,
    ) -> Result<Granted, Judged> {
        let transient = |error| Judged { class: ErrorClass::Transient, error };
        let oauth = provider.oauth().map_err(transient)?;
        let origin = &provider.profile(&client.profile).map_err(transient)?.token_origin;
        let (form, authorization) = form(oauth, client, scopes, &grant).map_err(transient)?;
        let question =
            Question { url: format!("{origin}{token_path}"), authorization, form: Some(form) };
        let fetched = self.0.network.fetch(provider, &client.profile, question).await;
        token_answer::read(provider, oauth, &fetched.map_err(transient)?, self.0.clock.now())
    }
}

/// The form to post, and the header that proves the client where the form does not.
fn form(
    oauth: &OAuth,
    client: &Client,
    scopes: &[String],
    grant: &Grant<'_>,
) -> Result<(String, Option<HeaderValue>)> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    match grant {
        Grant::Code { code, redirect_uri, verifier } => {
            form.append_pair("grant_type", "authorization_code")
                .append_pair("code", code.expose())
                .append_pair("redirect_uri", redirect_uri)
                .append_pair("code_verifier", verifier.expose());
        }
        Grant::Refresh(token) => {
            form.append_pair("grant_type", "refresh_token")
                .append_pair("refresh_token", token.expose());
        }
    }
    if oauth.scope_in_token_request {
        form.append_pair("scope", &oauth.scope_parameter(scopes));
    }
    match oauth.client_auth {
        ClientAuth::Body => {
            form.append_pair("client_id", &client.client_id)
                .append_pair("client_secret", client.client_secret.expose());
            Ok((form.finish(), None))
        }
        ClientAuth::Basic => {
            // RFC 6749 wants both form-encoded inside the header.
            let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect();
            let secret: String = encode(client.client_secret.expose());
            let id: String = encode(&client.client_id);
            Ok((form.finish(), Some(basic_header(&id, &Secret::new(secret))?)))
        }
    }
}
