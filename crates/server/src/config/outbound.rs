//! `[outbound]`: calls to providers.

use std::path::PathBuf;
use std::time::Duration;

use base::{Error, Result};
use connect::{OutboundConfig, RateLimit};
use serde::{Deserialize, Deserializer};

use super::network::Network;
use super::private_url::PrivateUrl;
use super::problem::Problems;
use super::values;

/// Calls to providers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outbound {
    /// How long connecting may take.
    #[serde(rename = "connect_timeout_seconds", deserialize_with = "values::seconds")]
    pub connect_timeout: Duration,
    /// How long until the first byte of the answer.
    #[serde(rename = "first_byte_timeout_seconds", deserialize_with = "values::seconds")]
    pub first_byte_timeout: Duration,
    /// How long between two pieces of a body.
    #[serde(rename = "idle_timeout_seconds", deserialize_with = "values::seconds")]
    pub idle_timeout: Duration,
    /// The longest body that is kept to repeat a call after a 401.
    pub retry_body_bytes_max: usize,
    /// The largest answer that Gangway's own small calls read.
    #[serde(deserialize_with = "values::at_least_one")]
    pub answer_bytes_max: usize,
    /// Connections open at once, to all hosts together.
    #[serde(deserialize_with = "values::at_least_one")]
    pub connections_max: usize,
    /// Idle connections kept per host.
    pub idle_connections_max: usize,
    /// How long an idle connection is kept.
    #[serde(rename = "idle_connection_seconds", deserialize_with = "values::seconds")]
    pub idle_connection_lifetime: Duration,
    /// The HTTP proxy through which every call leaves.
    #[serde(deserialize_with = "egress_proxy")]
    pub egress_proxy: Option<PrivateUrl>,
    /// Certificates to trust beside the system's own.
    #[serde(deserialize_with = "values::optional_path")]
    pub ca_bundle_file: Option<PathBuf>,
    /// Whether calls wait or are refused while a provider wants none.
    pub rate_limit: RateLimitMode,
    /// How long such a call waits at most.
    #[serde(rename = "rate_limit_wait_seconds_max", deserialize_with = "values::seconds")]
    pub rate_limit_wait_max: Duration,
    /// Private targets that request steps and event destinations may reach.
    #[serde(deserialize_with = "allow")]
    pub allow: Vec<String>,
}

/// What becomes of calls while a provider wants none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RateLimitMode {
    /// They wait in line.
    Wait,
    /// They are refused at once, and told when to come again.
    Refuse,
}

impl Outbound {
    pub(super) fn check(&self, problems: &mut Problems) {
        if let Err(error) = self.ca_bundle() {
            problems.add("outbound.ca_bundle_file", error.message());
        }
    }

    pub(super) fn config(&self) -> Result<OutboundConfig> {
        Ok(OutboundConfig {
            connect_timeout: self.connect_timeout,
            first_byte_timeout: self.first_byte_timeout,
            idle_timeout: self.idle_timeout,
            retry_body_bytes_max: self.retry_body_bytes_max,
            answer_bytes_max: self.answer_bytes_max,
            connections_max: self.connections_max,
            idle_connections_max: self.idle_connections_max,
            idle_connection_lifetime: self.idle_connection_lifetime,
            rate_limit: match self.rate_limit {
                RateLimitMode::Wait => RateLimit::Wait(self.rate_limit_wait_max),
                RateLimitMode::Refuse => RateLimit::Refuse,
            },
            extra_ca_pem: self.ca_bundle()?,
            egress_proxy: self.egress_proxy.as_ref().map(|url| url.as_str().to_owned()),
            allow: self.allow.clone(),
        })
    }

    fn ca_bundle(&self) -> Result<Option<String>> {
        let Some(file) = &self.ca_bundle_file else { return Ok(None) };
        let wrong = |message: String| Error::invalid("ca_bundle_file", message);
        let text = std::fs::read_to_string(file)
            .map_err(|e| wrong(format!("{} cannot be read: {e}.", file.display())))?;
        if text.contains("-----BEGIN CERTIFICATE-----") {
            return Ok(Some(text));
        }
        Err(wrong(format!("{} holds no certificate; it must be a PEM file.", file.display())))
    }
}

fn allow<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<String>, D::Error> {
    let targets = Vec::<String>::deserialize(d)?;
    if targets.iter().all(|text| is_host(text) || text.parse::<Network>().is_ok()) {
        return Ok(targets);
    }
    Err(serde::de::Error::custom(
        "Each is a host name (build.example.internal) or a network (10.0.0.0/8).",
    ))
}

fn is_host(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
        && text.bytes().any(|b| b.is_ascii_alphabetic())
}

fn egress_proxy<'de, D: Deserializer<'de>>(d: D) -> Result<Option<PrivateUrl>, D::Error> {
    let url: Option<PrivateUrl> = values::optional(d)?;
    match url.as_ref().map(PrivateUrl::scheme) {
        None | Some("http") => Ok(url),
        Some(_) => Err(serde::de::Error::custom("It must begin with http://.")),
    }
}
