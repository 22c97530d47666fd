//! How calls that come in prove where they come from: by an environment secret that both sides know.

use aws_lc_rs::hmac;
use base::{ProjectId, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::environment_secrets::find;
use crate::{Connect, same_text};

/// What a call brings along as its proof.
#[derive(Clone, Copy, Debug)]
pub enum IncomingProof<'c> {
    /// HMAC-SHA256 over the body (RFC 2104), in hexadecimal or Base64.
    Signature {
        /// The signature.
        signature: &'c str,
        /// What is signed.
        body: &'c [u8],
    },
    /// The secret itself.
    Token(&'c str),
}

impl Connect {
    /// Whether a call knows the environment secret with this key.
    ///
    /// # Errors
    /// `environment_secret_missing`, `environment_secret_unreadable`.
    pub async fn is_proven(
        &self,
        project_id: ProjectId,
        key: &str,
        proof: IncomingProof<'_>,
    ) -> Result<bool> {
        let opened = self.opened_secrets(project_id).await?;
        let secret = find(&opened, key)?.expose();
        Ok(match proof {
            IncomingProof::Token(token) => same_text(token, secret),
            IncomingProof::Signature { signature, body } => is_signed(secret, signature, body),
        })
    }
}

/// The comparison takes the same time wherever the signatures differ.
fn is_signed(secret: &str, signature: &str, body: &[u8]) -> bool {
    let Some(signature) = hexadecimal(signature).or_else(|| STANDARD.decode(signature).ok()) else {
        return false;
    };
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::verify(&key, body, &signature).is_ok()
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let digits = digits.filter(|digits| digits.len() == 64)?;
    Some(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    const HEX: &str = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    const BASE64: &str = "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=";

    #[test]
    fn a_signature_is_read_in_hexadecimal_and_in_base64() {
        let body = b"what do ya want for nothing?";
        for signature in [HEX, &HEX.to_uppercase(), BASE64] {
            assert!(is_signed("Jefe", signature, body), "{signature}");
        }
        assert!(!is_signed("Jefe", HEX, b"what do ya want for something?"));
        assert!(!is_signed("jefe", HEX, body));
        for signature in ["", "5b", &HEX[2..], &BASE64[4..], "é"] {
            assert!(!is_signed("Jefe", signature, body), "{signature}");
        }
    }
}
