//! `gangway pull | push | diff | validate`: workflows and portal settings as files of a folder,
//! `<key>.yaml` and `integrations/<slug>.yaml`, so that they live in Git and move between projects.
//!
//! Files hold what people build and nothing else: no ids, no secrets, no times. Nothing is written
//! where nothing has changed, so that comments in files stay.

mod compare;
mod folder;
mod layout;
mod remote;
mod yaml;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use base::{Clock, ProjectId, Secret};
use clap::Args;
use connect::ManagementApi;

use self::compare::Difference;
use self::folder::{Files, Folder};
use self::remote::Remote;
use super::config;
use super::running::Running;
use super::terminal::say;

/// The variable that holds the API token.
const TOKEN_VARIABLE: &str = "GANGWAY_API_TOKEN";

/// Where files and server are.
#[derive(Args)]
pub struct Place {
    /// The folder of the files.
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// The server's address. Left out: the development server of this data directory. The API token
    /// stands in the environment, in `GANGWAY_API_TOKEN`.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The project. Left out: the development project.
    #[arg(long, value_name = "ID")]
    project: Option<ProjectId>,
}

/// What `push` takes beside that.
#[derive(Args)]
pub struct Push {
    #[command(flatten)]
    place: Place,
    /// Deploy every workflow of the folder whose draft is not live.
    #[arg(long)]
    deploy: bool,
    /// What to say of the new versions.
    #[arg(long, requires = "deploy")]
    note: Option<String>,
}

impl Place {
    fn remote(&self, file: Option<PathBuf>) -> Result<Remote> {
        let config = config::load(file, None)?;
        let token = token();
        let running = match (&self.url, self.project, &token) {
            (Some(_), Some(_), Some(_)) => None,
            (None, _, _) => Some(Running::find(&config.server.data_directory)?),
            (Some(_), None, _) => bail!("Name the project with --project."),
            (Some(_), _, None) => bail!(
                "Put an API token into the environment variable {TOKEN_VARIABLE}. Make one with: \
                 gangway api-token create."
            ),
        };
        let url = self.url.clone().or_else(|| running.as_ref().map(|one| one.server.clone()));
        let project = self.project.or_else(|| running.as_ref().map(|one| one.project_id));
        let token = token.or_else(|| running.map(|one| Secret::new(one.api_token)));
        let (Some(url), Some(project), Some(token)) = (url, project, token) else {
            bail!("Name the server with --url and the project with --project.");
        };
        let outbound = config.connect_config()?.outbound;
        let api = ManagementApi::new(&url, token, outbound, &Clock::system())?;
        Ok(Remote::new(api, project))
    }

    fn read(&self) -> Result<Files> {
        match Folder::new(&self.folder).read()? {
            Ok(files) => Ok(files),
            Err(faults) => bail!("Some files cannot be read:\n{}", faults.join("\n")),
        }
    }
}

/// The token in the environment.
fn token() -> Option<Secret<String>> {
    let mut found = std::env::vars_os().filter(|(name, _)| name == TOKEN_VARIABLE);
    let (_, value) = found.next()?;
    value.into_string().ok().filter(|text| !text.is_empty()).map(Secret::new)
}

/// Writes what the server has into the folder. Files that say the same already stay as they are, as
/// do those of workflows that the server does not have.
pub async fn pull(file: Option<PathBuf>, place: Place) -> Result<ExitCode> {
    let theirs = place.remote(file)?.read().await?.files();
    let folder = Folder::new(&place.folder);
    // A file that cannot be read is about to be replaced, but not without a word.
    let ours = place.read()?;
    let mut written = 0;
    for Difference { name, theirs, .. } in compare::all(&ours, &theirs) {
        match theirs {
            Some(document) => {
                let path = folder.write(&name, &document)?;
                say(&format!("written  {}", path.display()));
                written += 1;
            }
            None => say(&format!("only here  {name}")),
        }
    }
    if written == 0 {
        say("Everything in the folder is as it is on the server.");
    }
    Ok(ExitCode::SUCCESS)
}

/// Shows how the folder differs from the server; exits with 1 if it does.
pub async fn diff(file: Option<PathBuf>, place: Place) -> Result<ExitCode> {
    let ours = place.read()?;
    let theirs = place.remote(file)?.read().await?.files();
    let differences = compare::all(&ours, &theirs);
    for difference in &differences {
        say(difference.shown().trim_end());
    }
    Ok(if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Tells all that is wrong with the files and changes nothing; exits with 1 if anything is.
pub async fn validate(file: Option<PathBuf>, place: Place) -> Result<ExitCode> {
    let ours = place.read()?;
    let remote = place.remote(file)?;
    let faults = faults(&remote, &ours).await?;
    if faults.is_empty() {
        say(&format!("{} files are good.", ours.len()));
        return Ok(ExitCode::SUCCESS);
    }
    faults.iter().for_each(|fault| say(fault));
    Ok(ExitCode::FAILURE)
}

/// Makes the server have what the folder has. Nothing is changed when anything is wrong. Workflows
/// that the folder does not have stay.
pub async fn push(file: Option<PathBuf>, push: Push) -> Result<ExitCode> {
    let ours = push.place.read()?;
    let remote = push.place.remote(file)?;
    let faults = faults(&remote, &ours).await?;
    if !faults.is_empty() {
        bail!("Nothing was changed:\n{}", faults.join("\n"));
    }
    let state = remote.read().await?;
    let mut changed = 0;
    for Difference { name, ours, .. } in compare::all(&ours, &state.files()) {
        match ours {
            Some(document) => {
                let stored = remote.store(&state, &name, &document).await;
                stored.with_context(|| format!("{name} was not stored."))?;
                say(&format!("stored  {name}"));
                changed += 1;
            }
            None => say(&format!("only on the server  {name}")),
        }
    }
    if push.deploy {
        changed += deploy(&remote, &ours, push.note.as_deref()).await?;
    }
    if changed == 0 {
        say("Everything on the server is as it is in the folder.");
    }
    Ok(ExitCode::SUCCESS)
}

/// Deploys the workflows of the folder whose drafts are not live; answers how many.
async fn deploy(remote: &Remote, ours: &Files, note: Option<&str>) -> Result<usize> {
    let mut deployed = 0;
    for (key, workflow) in remote.read().await?.workflows {
        if ours.workflows.contains_key(&key) && workflow.has_changes {
            let done = remote.deploy(&workflow, note).await;
            let number = done.with_context(|| format!("{key} was not deployed."))?;
            say(&format!("deployed  {key}, version {number}"));
            deployed += 1;
        }
    }
    Ok(deployed)
}

/// All that is wrong with the files, a line each.
async fn faults(remote: &Remote, ours: &Files) -> Result<Vec<String>> {
    let mut faults = remote.faults_of_integrations(&ours.integrations).await?;
    for (key, definition) in &ours.workflows {
        let name = folder::workflow_file(key);
        let found = remote.faults_of(definition).await;
        for fault in found.with_context(|| format!("{name} was not checked."))? {
            faults.push(format!("{name}: {fault}"));
        }
    }
    Ok(faults)
}
