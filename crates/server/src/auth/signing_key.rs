//! Signing keys: making a pair, reading a public key that was pasted in, signing in development.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base::{Error, Result, SigningKeyId, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, encode};
use serde_json::json;

use super::user_token::VerificationKey;

/// A fresh RS256 pair as PEM.
pub struct Pair {
    /// PKCS #8. Shown once to the host developer and not kept.
    pub private_key: String,
    /// SubjectPublicKeyInfo.
    pub public_key: String,
}

/// Makes an RSA pair of 2,048 bits.
pub fn generate() -> Result<Pair> {
    let failed = |_| Error::internal("no RSA key could be made");
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
    let private: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(failed)?;
    Ok(Pair {
        private_key: pem("PRIVATE KEY", private.as_ref()),
        public_key: pem("PUBLIC KEY", public.as_ref()),
    })
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// The algorithm that a pasted public key is for, told by what it is: RSA, P-256 or Ed25519.
pub fn algorithm_of(public_key: &str) -> Result<&'static str> {
    let pem = public_key.as_bytes();
    if public_key.contains("PRIVATE KEY") {
        return Err(Error::invalid(
            "private_key_pasted",
            "That is a private key. Keep it on your server and paste the public half.",
        ));
    }
    if DecodingKey::from_rsa_pem(pem).is_ok() {
        Ok("RS256")
    } else if DecodingKey::from_ec_pem(pem).is_ok() {
        Ok("ES256")
    } else if DecodingKey::from_ed_pem(pem).is_ok() {
        Ok("EdDSA")
    } else {
        Err(Error::invalid(
            "public_key_malformed",
            "Paste a public key as PEM (\"-----BEGIN PUBLIC KEY-----\"): RSA, P-256 or Ed25519.",
        ))
    }
}

/// Prepares a stored key for checking.
pub fn verification_key(
    id: SigningKeyId,
    algorithm: &str,
    public_key: &str,
) -> Result<VerificationKey> {
    let pem = public_key.as_bytes();
    let (algorithm, key) = match algorithm {
        "RS256" => (Algorithm::RS256, DecodingKey::from_rsa_pem(pem)),
        "ES256" => (Algorithm::ES256, DecodingKey::from_ec_pem(pem)),
        "EdDSA" => (Algorithm::EdDSA, DecodingKey::from_ed_pem(pem)),
        other => return Err(Error::internal(format!("a stored key has algorithm {other}"))),
    };
    Ok(VerificationKey { id, algorithm, key: key.map_err(Error::internal)? })
}

/// Signs a user token, as the host's server would.
pub fn sign(
    private_key: &str,
    subject: &str,
    now: Timestamp,
    lifetime_secs: i64,
) -> Result<String> {
    let key = EncodingKey::from_rsa_pem(private_key.as_bytes()).map_err(|cause| {
        Error::invalid("private_key_malformed", "The private key is not an RSA key as PEM.")
            .with_source(cause)
    })?;
    let issued_at = now.as_secs();
    let claims = json!({ "sub": subject, "iat": issued_at, "exp": issued_at + lifetime_secs });
    encode(&Header::new(Algorithm::RS256), &claims, &key).map_err(Error::internal)
}
