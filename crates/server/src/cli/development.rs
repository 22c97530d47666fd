//! What development mode makes and keeps in the data directory: a project with a signing key, an
//! integration and an API token, so that a newcomer has nothing to set up.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use base::ProjectId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::api::{integrations, projects, signing_keys};
use crate::app::App;
use crate::auth::{manager, signing_key};
use crate::origin;

/// The development project, as `development.json` remembers it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Development {
    /// Its project.
    pub project_id: ProjectId,
    /// An API token for every project.
    pub api_token: String,
}

impl Development {
    /// What was made before, if this database still has it; else makes it.
    pub async fn ensure(app: &App, directory: &Path) -> Result<Self> {
        let file = directory.join("development.json");
        if let Some(known) = read_json::<Self>(&file)?
            && app.projects().get(known.project_id).await.is_ok()
            && signing_key_file(directory).exists()
        {
            return Ok(known);
        }
        let made = Self::make(app, directory).await?;
        write_private(&file, &serde_json::to_string_pretty(&made)?)?;
        Ok(made)
    }

    async fn make(app: &App, directory: &Path) -> Result<Self> {
        let project = projects::create(app, "Development", &origin::loopback()).await?;
        let view = app.projects().get(project.id).await?;
        let pair = signing_key::generate()?;
        signing_keys::add(app, &view, pair.public_key).await?;
        write_private(&signing_key_file(directory), &pair.private_key)?;
        integrations::add_with_defaults(app, &view, "azuredevops").await?;
        let name = "development".to_owned();
        let (api_token, _) =
            manager::create_token(app.store(), app.clock(), app.random(), name, None).await?;
        Ok(Self { project_id: project.id, api_token })
    }

    /// Signs a user token, as the host's server would.
    pub fn user_token(directory: &Path, subject: &str, lifetime_secs: i64) -> Result<String> {
        let file = signing_key_file(directory);
        let key = fs::read_to_string(&file).with_context(|| {
            format!("There is no signing key at {}: run `gangway dev` first.", file.display())
        })?;
        let now = base::Clock::system().now();
        Ok(signing_key::sign(&key, subject, now, lifetime_secs)?)
    }
}

/// The private half of the development project's signing key.
pub fn signing_key_file(directory: &Path) -> PathBuf {
    directory.join("signing-key.pem")
}

/// A JSON file, if there is one.
pub fn read_json<T: DeserializeOwned>(file: &Path) -> Result<Option<T>> {
    match fs::read(file) {
        Ok(bytes) => {
            let name = file.display();
            Ok(Some(serde_json::from_slice(&bytes).with_context(|| format!("{name} is damaged."))?))
        }
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(cause).with_context(|| format!("{} cannot be read.", file.display())),
    }
}

/// Writes a file that only its owner may read.
pub fn write_private(file: &Path, text: &str) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let written = options.open(file).and_then(|mut out| out.write_all(text.as_bytes()));
    written.with_context(|| format!("{} cannot be written.", file.display()))
}
