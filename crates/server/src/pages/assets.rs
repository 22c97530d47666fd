//! Files that pages load: the SDK as a script, and the connectors' icons.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use base::Error;
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    X_CONTENT_TYPE_OPTIONS,
};
use rust_embed::RustEmbed;

use crate::app::App;
use crate::failure::Answer;

/// The built browser SDK; `npm run build` makes it.
#[derive(RustEmbed)]
#[folder = "../../packages/sdk/dist"]
#[include = "sdk.js"]
#[allow_missing = true]
struct SdkFiles;

/// The SDK for a script tag: `<script src="{gangway}/sdk.js">`, also where the vendor's is.
pub async fn sdk_script() -> Answer {
    let file = SdkFiles::get("sdk.js").ok_or_else(|| {
        Error::not_found(
            "sdk_not_built",
            "This Gangway was built without the browser SDK: run `npm run build`, then build again.",
        )
    })?;
    let headers = [
        (CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (CACHE_CONTROL, "public, max-age=300"),
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    Ok((headers, file.data.into_owned()).into_response())
}

/// The icon of a connector, `/integrations/azuredevops.svg`, or its page, `…/azuredevops.md`.
pub async fn integration_file(
    State(app): State<App>,
    Path(file): Path<String>,
) -> Answer<Response> {
    let (slug, kind) = file.rsplit_once('.').unwrap_or((&file, ""));
    let found = app.catalogue().get(slug).and_then(|connector| match kind {
        "svg" => Some((&connector.icon, "image/svg+xml")),
        "md" => Some((&connector.readme, "text/markdown; charset=utf-8")),
        _ => None,
    });
    let (text, content_type) = found.ok_or_else(|| {
        Error::not_found("icon_not_found", format!("There is no connector icon \"{file}\"."))
    })?;
    let headers = [
        (CONTENT_TYPE, content_type),
        (CACHE_CONTROL, "public, max-age=3600"),
        // Opened by itself, a drawing must not run as a page of ours.
        (CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; sandbox"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, text.clone().into_owned()).into_response())
}
