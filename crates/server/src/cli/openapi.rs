//! `gangway openapi`: print the OpenAPI document.

use anyhow::Result;

use super::terminal::say;

pub fn run() -> Result<()> {
    say(crate::api::openapi::document().trim_end());
    Ok(())
}
