//! A signed assertion in place of a client secret (RFC 7523): the app proves that it holds the key
//! of a certificate that the provider knows.

use std::time::Duration;

use base::{Error, Result, Secret};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

use crate::Connect;
use crate::provider::{AssertionAlgorithm, OAuth};
use crate::registrations::Client;

/// The type of the assertion, as RFC 7523 names it.
pub(crate) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long an assertion is good.
const LIFE: Duration = Duration::from_secs(300);

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    iss: &'a str,
    sub: &'a str,
    jti: String,
    nbf: i64,
    iat: i64,
    exp: i64,
}

impl Connect {
    /// The assertion for a token endpoint, for an app that proves itself by a certificate.
    pub(crate) fn assertion(
        &self,
        oauth: &OAuth,
        client: &Client,
        endpoint: &str,
    ) -> Result<Option<Secret<String>>> {
        let Some(thumbprint) = &client.thumbprint else { return Ok(None) };
        let now = self.0.clock.now();
        let claims = Claims {
            aud: endpoint,
            iss: &client.client_id,
            sub: &client.client_id,
            jti: self.0.random.token(),
            nbf: now.as_secs(),
            iat: now.as_secs(),
            exp: (now + LIFE).as_secs(),
        };
        let mut header = Header::new(match oauth.assertion_algorithm {
            AssertionAlgorithm::Rs256 => Algorithm::RS256,
            AssertionAlgorithm::Ps256 => Algorithm::PS256,
        });
        header.x5t_s256 = Some(thumbprint.clone());
        let key = encoding_key(&client.client_secret)?;
        let signed = jsonwebtoken::encode(&header, &claims, &key).map_err(Error::internal)?;
        Ok(Some(Secret::new(signed)))
    }
}

pub(super) fn encoding_key(pem: &Secret<String>) -> Result<EncodingKey> {
    // The cause could quote the key.
    EncodingKey::from_rsa_pem(pem.expose().as_bytes()).map_err(|_| {
        let message = "The private key is not an RSA key in PEM, such as openssl writes it \
                       without a passphrase.";
        Error::invalid("invalid_private_key", message)
    })
}
