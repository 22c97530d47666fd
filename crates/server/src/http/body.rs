//! Reading a request's body: bounded, and refused with a sentence when it is not what it should be.

use std::ops::Deref;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Request};
use base::{Error, ErrorKind};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::app::App;
use crate::failure::Failure;

/// A JSON body read into a `T`. An empty body reads as `{}`.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T> Deref for Json<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let bytes_max = app.config().server.body_bytes_max;
        Ok(Self(read_json(request.into_body(), bytes_max).await?))
    }
}

async fn read_json<T: DeserializeOwned>(body: Body, bytes_max: usize) -> base::Result<T> {
    let bytes = to_bytes(body, bytes_max).await.map_err(|cause| {
        Error::new(
            ErrorKind::TooLarge,
            "body_too_large",
            format!("The request body is larger than {bytes_max} bytes, or broke off."),
        )
        .with_source(cause)
    })?;
    let bytes = if bytes.is_empty() { b"{}".as_slice().into() } else { bytes };
    let document: Value = serde_json::from_slice(&bytes).map_err(|cause| {
        Error::invalid("malformed_json", format!("The request body is not valid JSON: {cause}."))
    })?;
    refuse_nul(&document)?;
    serde_json::from_value(document).map_err(|cause| {
        Error::invalid(
            "invalid_body",
            format!("The request body does not have the right form: {cause}."),
        )
    })
}

/// PostgreSQL cannot hold U+0000 in text, so nothing that contains it comes in.
/// # Errors
/// `nul_character`, anywhere in the body.
pub fn refuse_nul(body: &Value) -> base::Result<()> {
    if !has_nul(body) {
        return Ok(());
    }
    Err(Error::invalid(
        "nul_character",
        "The request body contains the character U+0000, which cannot be stored.",
    ))
}

fn has_nul(document: &Value) -> bool {
    match document {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => {
            fields.iter().any(|(key, value)| key.contains('\0') || has_nul(value))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
