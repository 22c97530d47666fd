//! What proves an integration's app at the provider, as the API takes and shows it.

use base::{Result, Secret, Timestamp};
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
pub fn new_proof(
    secret: Secret<String>,
    expires_at: Option<&str>,
    certificate: Option<String>,
) -> Result<NewProof> {
    let expires_at = expires_at.map(end).transpose()?;
    Ok(NewProof { secret, expires_at, certificate })
}

/// A time, or a date, whose beginning counts.
fn end(text: &str) -> Result<Timestamp> {
    if text.contains('T') { text.parse() } else { format!("{text}T00:00:00Z").parse() }
}
