//! What proves an integration's app at the provider, as the API takes and shows it.

use base::{Error, Result, Secret, Timestamp};
use connect::NewProof;
use connect::expiry::days_left;
use serde::Serialize;
use store::app_registrations::Proof;
use utoipa::ToSchema;

/// What proves the app. It is never shown itself.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AppProof)]
pub struct AppProofBody {
    /// RFC 3339; when it ends, where that was told.
    pub expires_at: Option<String>,
    /// Whole days until then.
    pub days_left: Option<u64>,
    /// The certificate's SHA-256, URL-safe Base64; null for a client secret.
    pub certificate_thumbprint: Option<String>,
}

impl AppProofBody {
    /// The proof as the API shows it.
    pub fn of(proof: &Proof, now: Timestamp) -> Self {
        Self {
            expires_at: proof.expires_at.map(Timestamp::to_rfc3339),
            days_left: proof.expires_at.map(|end| days_left(end, now)),
            certificate_thumbprint: proof.thumbprint.clone(),
        }
    }
}

/// A client secret, or key and certificate, with the date of its end, as a caller sent them.
///
/// # Errors
/// `secret_missing` when there is a date or a certificate without the secret it belongs to.
pub fn new_proof(
    secret: Option<Secret<String>>,
    expires_at: Option<&str>,
    certificate: Option<String>,
) -> Result<Option<NewProof>> {
    let expires_at = expires_at.map(end).transpose()?;
    match secret {
        Some(secret) => Ok(Some(NewProof { secret, expires_at, certificate })),
        None if expires_at.is_none() && certificate.is_none() => Ok(None),
        None => Err(Error::invalid(
            "secret_missing",
            "Send the date and the certificate together with the secret or key they belong to.",
        )),
    }
}

/// A time, or a date, whose beginning counts.
fn end(text: &str) -> Result<Timestamp> {
    if text.contains('T') { text.parse() } else { format!("{text}T00:00:00Z").parse() }
}
