//! `[sandbox]` and `[example_host]`: what development mode starts beside the server.

use serde::Deserialize;

use super::Config;
use super::problem::Problems;

/// The emulator of Microsoft Entra ID and Azure DevOps.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sandbox {
    /// Whether development mode starts it.
    pub enabled: bool,
    /// What browsers see.
    pub http_port: u16,
    /// For clients that insist on HTTPS.
    pub https_port: u16,
}

/// The example host page.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExampleHost {
    /// Its port.
    pub port: u16,
}

/// Port 0 means "any free one" and clashes with nothing.
pub(super) fn check_ports(config: &Config, problems: &mut Problems) {
    let mut taken: Vec<(u16, &str)> =
        config.server.listen.iter().map(|address| (address.port(), "server.listen")).collect();
    let wanted = [
        (config.example_host.port, "example_host.port"),
        (config.sandbox.http_port, "sandbox.http_port"),
        (config.sandbox.https_port, "sandbox.https_port"),
    ];
    for (port, key) in wanted {
        match taken.iter().find(|(other, _)| *other == port && port != 0) {
            Some((_, other)) => problems.add(key, format!("Port {port} is taken by {other}.")),
            None => taken.push((port, key)),
        }
    }
}
