//! The rules of a user token: a JWT that the host signs for one of its users.
//!
//! Sources: RFC 7519 (JWT), RFC 8725 (best current practice: the algorithm belongs to the key).

use std::collections::HashSet;

use base::{Error, Result, SigningKeyId, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::Value;

use super::bearer::unauthenticated;

/// How far the host's clock and ours may differ.
const LEEWAY_SECS: i64 = 60;
/// The longest `sub`.
const SUBJECT_BYTES_MAX: usize = 512;

/// A public key ready for checking.
#[derive(Clone)]
pub struct VerificationKey {
    /// Which signing key it is.
    pub id: SigningKeyId,
    /// The one algorithm it is used with.
    pub algorithm: Algorithm,
    /// The key itself.
    pub key: DecodingKey,
}

/// What a valid token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The host's id of the user.
    pub subject: String,
    /// When the token ends.
    pub expires_at: Timestamp,
    /// The key that signed it.
    pub key_id: SigningKeyId,
}

#[derive(Deserialize)]
struct Claims {
    sub: Option<Value>,
    exp: Option<Value>,
    nbf: Option<Value>,
    iat: Option<Value>,
    aud: Option<Value>,
}

/// Checks `token` against the active keys of the project with this id. An `aud` is optional, but when
/// there is one it must be `{one of the hosts}/{project id}`.
pub fn verify(
    token: &str,
    keys: &[VerificationKey],
    audience_hosts: &[String],
    project: &str,
    now: Timestamp,
) -> Result<Verified> {
    let header = decode_header(token).map_err(|cause| {
        unauthenticated(
            "token_malformed",
            "The user token is not a JWT signed with RS256, ES256 or EdDSA.",
        )
        .with_source(cause)
    })?;
    refuse_foreign_keys(&header)?;
    let (claims, key_id) = check_signature(token, &header, keys)?;
    let expires_at = check_times(&claims, now)?;
    check_audience(claims.aud.as_ref(), audience_hosts, project)?;
    let subject = match claims.sub {
        Some(Value::String(subject)) if is_subject(&subject) => subject,
        _ => {
            return Err(unauthenticated(
                "token_subject",
                "The user token needs a \"sub\": your id of the user, text that is not empty.",
            ));
        }
    };
    Ok(Verified { subject, expires_at, key_id })
}

/// Whether a text can be the host's id of a user.
pub fn is_subject(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= SUBJECT_BYTES_MAX && !text.contains('\0')
}

/// A token may not say where its key is to be found: that would let anyone sign.
fn refuse_foreign_keys(header: &Header) -> Result<()> {
    let named = [
        ("jku", header.jku.is_some()),
        ("jwk", header.jwk.is_some()),
        ("x5u", header.x5u.is_some()),
        ("x5c", header.x5c.is_some()),
        ("crit", header.crit.is_some()),
    ];
    match named.iter().find(|(_, present)| *present) {
        None => Ok(()),
        Some((name, _)) => Err(unauthenticated(
            "token_header",
            format!("The user token's header must not contain \"{name}\"."),
        )),
    }
}

fn check_signature(
    token: &str,
    header: &Header,
    keys: &[VerificationKey],
) -> Result<(Claims, SigningKeyId)> {
    let fitting = keys.iter().filter(|key| key.algorithm == header.alg);
    for key in fitting {
        let mut validation = Validation::new(key.algorithm);
        // Times are checked against our own clock, the audience by our own rule.
        validation.required_spec_claims = HashSet::new();
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        if let Ok(data) = decode::<Claims>(token, &key.key, &validation) {
            return Ok((data.claims, key.id));
        }
    }
    Err(unauthenticated(
        "token_signature",
        format!(
            "The user token's signature ({:?}) matches no active signing key of this project: sign \
             it with the private half of one, and check the project id.",
            header.alg
        ),
    ))
}

fn check_times(claims: &Claims, now: Timestamp) -> Result<Timestamp> {
    let expires_at = number(claims.exp.as_ref(), "exp")?.ok_or_else(|| {
        unauthenticated("token_expiry", "The user token needs an \"exp\" in seconds.")
    })?;
    let now = now.as_secs();
    if expires_at.saturating_add(LEEWAY_SECS) <= now {
        return Err(unauthenticated(
            "token_expired",
            "The user token has expired: fetch a new one from your server.",
        ));
    }
    for (name, claim) in [("nbf", &claims.nbf), ("iat", &claims.iat)] {
        if number(claim.as_ref(), name)?.is_some_and(|time| time > now + LEEWAY_SECS) {
            return Err(unauthenticated(
                "token_not_yet_valid",
                format!("The user token's \"{name}\" lies in the future: check the clocks."),
            ));
        }
    }
    // A far-away expiry must not overflow microseconds.
    Ok(Timestamp::from_secs(expires_at.min(i64::MAX / 2_000_000)))
}

/// A time claim: a number of seconds, which RFC 7519 allows to have a fraction.
fn number(claim: Option<&Value>, name: &str) -> Result<Option<i64>> {
    #[expect(clippy::cast_possible_truncation, reason = "a cast of a float saturates")]
    match claim {
        None => Ok(None),
        Some(Value::Number(number)) => {
            Ok(number.as_i64().or_else(|| number.as_f64().map(|seconds| seconds as i64)))
        }
        Some(_) => Err(unauthenticated(
            "token_claims",
            format!("The user token's \"{name}\" must be a number of seconds."),
        )),
    }
}

fn check_audience(audience: Option<&Value>, hosts: &[String], project: &str) -> Result<()> {
    let named: Vec<&str> = match audience {
        None => return Ok(()),
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        Some(_) => Vec::new(),
    };
    let fits = |aud: &&str| {
        aud.rsplit_once('/').is_some_and(|(host, id)| {
            id.eq_ignore_ascii_case(project)
                && hosts.iter().any(|ours| ours.eq_ignore_ascii_case(host))
        })
    };
    if named.iter().any(fits) { Ok(()) } else { Err(wrong_audience(hosts, project)) }
}

fn wrong_audience(hosts: &[String], project: &str) -> Error {
    let expected = hosts.first().map_or("", String::as_str);
    unauthenticated(
        "token_audience",
        format!("The user token's \"aud\" must be \"{expected}/{project}\", or be left out."),
    )
}
