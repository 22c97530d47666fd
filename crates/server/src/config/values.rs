//! How values read that TOML has no type for.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

const DAY_SECONDS: u64 = 86_400;

/// Text, where empty means "not set".
pub(super) fn optional_text<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(d)?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// A path, where empty means "not set".
pub(super) fn optional_path<'de, D: Deserializer<'de>>(d: D) -> Result<Option<PathBuf>, D::Error> {
    Ok(optional_text(d)?.map(PathBuf::from))
}

/// Anything with a text form, where empty means "not set". Its error is the sentence to show.
pub(super) fn optional<'de, T, D>(d: D) -> Result<Option<T>, D::Error>
where
    T: FromStr<Err = &'static str>,
    D: Deserializer<'de>,
{
    optional_text(d)?.map(|text| text.parse().map_err(D::Error::custom)).transpose()
}

/// A list of things with a text form. Their error is the sentence to show.
pub(super) fn list<'de, T, D>(d: D) -> Result<Vec<T>, D::Error>
where
    T: FromStr<Err = &'static str>,
    D: Deserializer<'de>,
{
    let texts = Vec::<String>::deserialize(d)?;
    texts.iter().map(|text| text.parse().map_err(D::Error::custom)).collect()
}

/// A list of addresses with ports.
pub(super) fn socket_addresses<'de, D: Deserializer<'de>>(
    d: D,
) -> Result<Vec<SocketAddr>, D::Error> {
    let texts = Vec::<String>::deserialize(d)?;
    let wrong = "An address has a number and a port, such as 127.0.0.1:8080 or [::1]:8080.";
    texts.iter().map(|text| text.parse().map_err(|_| D::Error::custom(wrong))).collect()
}

/// From one second to one day.
pub(super) fn seconds<'de, D: Deserializer<'de>>(d: D) -> Result<Duration, D::Error> {
    let seconds = u64::deserialize(d)?;
    if (1..=DAY_SECONDS).contains(&seconds) {
        return Ok(Duration::from_secs(seconds));
    }
    Err(D::Error::custom("It must be from 1 to 86400 seconds."))
}

/// From one day to ten years.
pub(super) fn days<'de, D: Deserializer<'de>>(d: D) -> Result<Duration, D::Error> {
    let days = u64::deserialize(d)?;
    if (1..=3_650).contains(&days) {
        return Ok(Duration::from_secs(days * DAY_SECONDS));
    }
    Err(D::Error::custom("It must be from 1 to 3650 days."))
}

/// A count or a size of at least one.
pub(super) fn at_least_one<'de, D: Deserializer<'de>>(d: D) -> Result<usize, D::Error> {
    match usize::deserialize(d)? {
        0 => Err(D::Error::custom("It must be 1 or more.")),
        count => Ok(count),
    }
}
