//! `[database]`: where everything is stored.

use serde::Deserialize;

use super::private_url::PrivateUrl;
use super::values;

/// Where everything is stored.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// The address, if set; [`super::Config::database_url`] is never empty.
    #[serde(deserialize_with = "url")]
    pub url: Option<PrivateUrl>,
}

fn url<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Option<PrivateUrl>, D::Error> {
    let url: Option<PrivateUrl> = values::optional(d)?;
    match url.as_ref().map(PrivateUrl::scheme) {
        None | Some("sqlite" | "postgres" | "postgresql") => Ok(url),
        Some(_) => Err(serde::de::Error::custom("It must begin with sqlite: or postgres:.")),
    }
}
