//! The token endpoint: exchanges codes and refresh tokens, and lets apps in as themselves.

use std::collections::BTreeMap;

use base::{Result, Secret};
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::assertion;
use super::token_answer::{self, Granted};
use crate::Connect;
use crate::outbound::fetch::{Form, Question};
use crate::provider::{ClientAuth, ErrorClass, Judged, OAuth, Provider, TokenRequest, template};
use crate::registrations::Client;
use crate::secrets::Authorization;

/// What is handed in for tokens.
pub(crate) enum Grant<'a> {
    Code { code: &'a Secret<String>, redirect_uri: &'a str, verifier: &'a Secret<String> },
    Refresh(&'a Secret<String>),
    ClientCredentials,
}

impl Connect {
    /// Asks for tokens, where the account's variables say. A failure is classed: whose fault it is
    /// decides what becomes of the credential.
    pub(crate) async fn request_tokens(
        &self,
        provider: &Provider,
        client: &Client,
        variables: &BTreeMap<String, String>,
        scopes: &[String],
        grant: &Grant<'_>,
    ) -> Result<Granted, Judged> {
        let transient = |error| Judged { class: ErrorClass::Transient, error };
        let oauth = provider.oauth().map_err(transient)?;
        let origin = &provider.profile(&client.profile).map_err(transient)?.token_origin;
        let url = template::fill_url(&format!("{origin}{}", oauth.token_path), |name| {
            variables.get(name).or_else(|| oauth.parameters.get(name)).map(String::as_str)
        });
        let url = url.map_err(transient)?;
        let assertion = self.assertion(oauth, client, &url).map_err(transient)?;
        let (form, authorization) =
            form(oauth, client, assertion.as_ref(), scopes, grant).map_err(transient)?;
        let question = Question { url, authorization, form: Some(form) };
        let fetched = self.0.network.fetch(provider, &client.profile, question).await;
        token_answer::read(provider, oauth, &fetched.map_err(transient)?, self.0.clock.now())
    }
}

/// What to post, and what proves the client where that does not.
fn form(
    oauth: &OAuth,
    client: &Client,
    assertion: Option<&Secret<String>>,
    scopes: &[String],
    grant: &Grant<'_>,
) -> Result<(Form, Option<Authorization>)> {
    let mut fields: Vec<(&str, &str)> = match grant {
        Grant::Code { code, redirect_uri, verifier } => vec![
            ("grant_type", "authorization_code"),
            ("code", code.expose()),
            ("redirect_uri", redirect_uri),
        ]
        .into_iter()
        .chain(oauth.pkce.then(|| ("code_verifier", verifier.expose().as_str())))
        .collect(),
        Grant::Refresh(token) => {
            vec![("grant_type", "refresh_token"), ("refresh_token", token.expose())]
        }
        Grant::ClientCredentials => vec![("grant_type", "client_credentials")],
    };
    let scope = match grant {
        Grant::ClientCredentials => oauth.app_scope_parameter(scopes),
        _ if oauth.scope_in_token_request => oauth.scope_parameter(scopes),
        _ => String::new(),
    };
    if !scope.is_empty() {
        fields.push(("scope", &scope));
    }
    let proof = prove(oauth, client, assertion, &mut fields)?;
    Ok((write(oauth, &fields), proof))
}

/// Adds what proves the client to the fields, or answers it.
pub(crate) fn prove<'c>(
    oauth: &OAuth,
    client: &'c Client,
    assertion: Option<&'c Secret<String>>,
    fields: &mut Vec<(&'c str, &'c str)>,
) -> Result<Option<Authorization>> {
    if let Some(assertion) = assertion {
        fields.push(("client_id", &client.client_id));
        fields.push(("client_assertion_type", assertion::TYPE));
        fields.push(("client_assertion", assertion.expose()));
        return Ok(None);
    }
    match oauth.client_auth {
        ClientAuth::Body => {
            fields.push(("client_id", &client.client_id));
            fields.push(("client_secret", client.client_secret.expose()));
            Ok(None)
        }
        ClientAuth::Basic => {
            // RFC 6749 wants both form-encoded inside the header.
            let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect();
            let secret: String = encode(client.client_secret.expose());
            let id: String = encode(&client.client_id);
            Authorization::basic(&id, &Secret::new(secret)).map(Some)
        }
    }
}

/// Fields as this provider reads them.
pub(crate) fn write(oauth: &OAuth, fields: &[(&str, &str)]) -> Form {
    match oauth.token_request {
        TokenRequest::Form => Form::Pairs(
            form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish(),
        ),
        TokenRequest::Json => {
            let text = |(name, value): &(&str, &str)| ((*name).to_owned(), Value::from(*value));
            let document: Map<String, Value> = fields.iter().map(text).collect();
            Form::Json(Value::Object(document).to_string())
        }
    }
}
