//! Access tokens: signed here, verified here.

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::World;
use crate::entra::{AZURE_DEVOPS, AZURE_DEVOPS_URI};

/// The RSA key that signs every token, with its public half at hand.
#[derive(Clone, Serialize, Deserialize)]
pub struct SigningKey {
    /// The private key, PKCS #8 in Base64.
    pkcs8: String,
    /// The public modulus in URL-safe Base64.
    pub(crate) modulus: String,
    /// The public exponent in URL-safe Base64.
    pub(crate) exponent: String,
    /// The name tokens call it by.
    pub(crate) key_id: String,
}

impl SigningKey {
    /// The key that this process made when it first needed one: making one takes long, and no two
    /// sandboxes in one process need different ones.
    pub fn of_this_process() -> Self {
        static KEY: OnceLock<SigningKey> = OnceLock::new();
        KEY.get_or_init(Self::generate).clone()
    }

    fn generate() -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("a key of this size can be made");
        let pkcs8: Pkcs8V1Der<'_> = pair.as_der().expect("a fresh key has an encoding");
        let public = pair.public_key();
        let modulus = URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero());
        let exponent = URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero());
        let key_id = URL_SAFE_NO_PAD.encode(&Sha256::digest(&modulus)[..20]);
        Self { pkcs8: STANDARD.encode(pkcs8.as_ref()), modulus, exponent, key_id }
    }

    /// Signs claims as a JSON Web Token.
    pub(crate) fn sign(&self, claims: &impl Serialize) -> String {
        let pem =
            format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", self.pkcs8);
        let key = EncodingKey::from_rsa_pem(pem.as_bytes()).expect("the stored key is a key");
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.key_id.clone());
        jsonwebtoken::encode(&header, claims, &key).expect("claims are plain JSON")
    }
}

/// The key is a secret even in a sandbox: what prints it shows its name only.
impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.key_id)
    }
}

/// What an access token says, in the old form that this resource asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// The resource it is for.
    pub aud: String,
    /// Who issued it.
    pub iss: String,
    /// When, in seconds since the epoch.
    pub iat: i64,
    /// Not to be used before.
    pub nbf: i64,
    /// Not to be used from then on.
    pub exp: i64,
    /// The client application.
    pub appid: String,
    /// How the client proved itself: "0" not at all, "1" by secret, "2" by certificate.
    pub appidacr: String,
    /// The account.
    pub oid: Uuid,
    /// The subject: the account as this resource sees it.
    pub sub: String,
    /// The tenant.
    pub tid: Uuid,
    /// What the person allowed, parted by blanks; an application acting for itself has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scp: Option<String>,
    /// The sign-in name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upn: Option<String>,
    /// The sign-in name under its other title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique_name: Option<String>,
    /// The name people read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The token's own id: no two tokens are the same text.
    pub uti: String,
    /// The form: always "1.0".
    pub ver: String,
}

/// Why an access token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// It was good once.
    Expired,
    /// It is not ours, is broken, or is meant for another resource.
    Unknown,
}

/// Reads an access token for Azure DevOps, by the sandbox's clock.
pub fn verify_access_token(world: &World, token: &str) -> Result<AccessClaims, TokenError> {
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_audience(&[AZURE_DEVOPS, AZURE_DEVOPS_URI]);
    // The library reads the machine's clock; ours may stand elsewhere.
    rules.validate_exp = false;
    let key = {
        let state = world.entra.read();
        let key = &state.signing_key;
        DecodingKey::from_rsa_components(&key.modulus, &key.exponent)
            .map_err(|_| TokenError::Unknown)?
    };
    let claims = jsonwebtoken::decode::<AccessClaims>(token, &key, &rules)
        .map_err(|_| TokenError::Unknown)?
        .claims;
    if world.clock.now().as_secs() >= claims.exp {
        return Err(TokenError::Expired);
    }
    Ok(claims)
}
