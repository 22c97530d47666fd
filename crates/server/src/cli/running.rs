//! What a running `gangway dev` tells others about itself: `running.json` in the data directory.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};
use base::ProjectId;
use sandbox::Directory;
use sandbox::directory::Person;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::development::{Development, read_json, write_private};

const FILE: &str = "running.json";
/// How long the user tokens that `info` signs are good for.
const TOKEN_LIFETIME_SECS: i64 = 24 * 3600;

/// Addresses of one running development server.
#[derive(Debug, Serialize, Deserialize)]
pub struct Running {
    /// Its process.
    pub pid: u32,
    /// The server.
    pub server: String,
    /// The example host page; empty when it was not started.
    pub example_host: String,
    /// The sandbox as browsers see it.
    pub sandbox_http: String,
    /// The sandbox for clients that insist on HTTPS.
    pub sandbox_https: String,
    /// The certificate authority of the latter, a PEM file.
    pub sandbox_ca_file: String,
    /// The development project.
    pub project_id: ProjectId,
    /// An API token for every project.
    pub api_token: String,
}

impl Running {
    /// Tells it to others.
    pub fn announce(&self, directory: &Path) -> Result<()> {
        write_private(&directory.join(FILE), &serde_json::to_string_pretty(self)?)
    }

    /// Takes it back when the server stops.
    pub fn withdraw(directory: &Path) {
        if let Err(cause) = fs::remove_file(directory.join(FILE)) {
            tracing::debug!(%cause, "nothing to withdraw");
        }
    }

    /// What the running server of this data directory told.
    pub fn find(directory: &Path) -> Result<Self> {
        let found: Option<Self> = read_json(&directory.join(FILE))?;
        match found.filter(|running| Path::new(&format!("/proc/{}", running.pid)).exists()) {
            Some(running) => Ok(running),
            None => bail!(
                "No development server runs with the data directory {}: start one with \
                 `gangway dev`, or name its directory with --data.",
                directory.display()
            ),
        }
    }

    /// Everything a script needs to work with it.
    pub fn info(&self, directory: &Path) -> Result<Value> {
        let seeded = Directory::seeded();
        let people: Vec<Value> = seeded
            .people
            .iter()
            .map(|person| describe(person, directory))
            .collect::<Result<_>>()?;
        Ok(json!({
            "server": self.server,
            "example_host": self.example_host,
            "sandbox_http": self.sandbox_http,
            "sandbox_https": self.sandbox_https,
            "sandbox_ca_file": self.sandbox_ca_file,
            "project_id": self.project_id,
            "api_token": self.api_token,
            "organizations": seeded.organizations.iter().map(|one| &one.name).collect::<Vec<_>>(),
            "people": people,
        }))
    }
}

fn describe(person: &Person, directory: &Path) -> Result<Value> {
    let name = &person.name;
    Ok(json!({
        "name": name,
        "user_token": Development::user_token(directory, name, TOKEN_LIFETIME_SECS)?,
        "pat": person.pats.iter().find(|pat| !pat.expired).map(|pat| &pat.token),
    }))
}
