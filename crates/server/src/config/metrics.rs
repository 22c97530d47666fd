//! `[metrics]`: what monitoring may read.

use serde::{Deserialize, Deserializer, de::Error as _};

use super::values;

/// The shortest token.
const TOKEN_BYTES_MIN: usize = 16;

/// What monitoring may read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// The hash of the token that opens `/metrics`; none: nothing does.
    #[serde(rename = "token", deserialize_with = "hash")]
    pub token_hash: Option<String>,
}

fn hash<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    match values::optional_text(d)? {
        Some(token) if token.len() < TOKEN_BYTES_MIN => {
            Err(D::Error::custom("It must have 16 characters or more."))
        }
        token => Ok(token.map(|token| ::connect::hash_token(&token))),
    }
}
