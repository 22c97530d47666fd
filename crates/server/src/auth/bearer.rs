//! The `Authorization` header.

use base::{Error, ErrorKind, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;

/// The longest token that is looked at.
const TOKEN_BYTES_MAX: usize = 8 * 1024;

/// The token of `Authorization: Bearer …`, or the password of `Authorization: Basic …`, by which
/// clients that know only user name and password pass one.
pub fn token(headers: &HeaderMap) -> Result<String> {
    let value = headers.get(AUTHORIZATION).ok_or_else(|| {
        unauthenticated("token_missing", "Send the header \"Authorization: Bearer <token>\".")
    })?;
    let malformed = || {
        unauthenticated(
            "token_malformed",
            "The Authorization header is not of the form \"Bearer <token>\".",
        )
    };
    let text = value.to_str().map_err(|_| malformed())?;
    if text.len() > TOKEN_BYTES_MAX {
        return Err(unauthenticated(
            "token_too_long",
            format!("The token is longer than {TOKEN_BYTES_MAX} bytes."),
        ));
    }
    let (scheme, token) = text.split_once(' ').ok_or_else(malformed)?;
    let token = token.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(token.to_owned())
    } else if scheme.eq_ignore_ascii_case("basic") {
        let pair = STANDARD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let password = pair.and_then(|pair| pair.split_once(':').map(|(_, p)| p.to_owned()));
        password.ok_or_else(malformed)
    } else {
        Err(malformed())
    }
}

/// The caller did not prove who they are.
pub fn unauthenticated(code: &'static str, message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Unauthenticated, code, message)
}
