//! `gangway keys`: master keys.

use std::path::{Path, PathBuf};

use anyhow::Result;
use base::{Clock, ProjectId, Random};
use clap::Subcommand;
use connect::keys::{self, DataRotation, KeyUse, Rotation, Standing};
use connect::{KeyId, MasterKeys};
use store::Store;

use super::terminal::{count_projects, say};
use super::{assemble, config};

#[derive(Subcommand)]
pub enum Command {
    /// Make a master key and write it to a new file that only its owner may read.
    Generate {
        /// The file to write. An existing one is never overwritten.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Say which master keys there are, what they are used for and which can be retired.
    Status,
    /// Put a new master key before the others in the key file and wrap every project's data key
    /// with it, while servers run. Goes on where a stopped rotation stopped.
    Rotate {
        /// Leave the master key as it is, and give projects new data keys: everything they have is
        /// sealed anew.
        #[arg(long)]
        data_keys: bool,
        /// Only this project's.
        #[arg(long, value_name = "ID", requires = "data_keys")]
        project: Option<ProjectId>,
    },
    /// Go on without a master key that is lost for good: the projects it protected get new data
    /// keys, their accounts must be connected and their client secrets and environment secrets
    /// entered again.
    Abandon {
        /// Its id, as `status` shows it.
        id: KeyId,
        /// Yes: nothing that was sealed with it will ever open again, even if the key is found.
        #[arg(long, required = true)]
        forever: bool,
    },
    /// Take a master key that nothing uses any more out of the key file.
    Retire {
        /// Its id, as `status` shows it.
        id: KeyId,
    },
}

pub async fn run(file: Option<PathBuf>, command: Command) -> Result<()> {
    if let Command::Generate { out } = &command {
        return generate(out);
    }
    let config = config::load(file, None)?;
    let store = assemble::existing_store(&config).await?;
    let random = Random::system();
    let keys = config.master_keys(&random)?;
    let done = match command {
        Command::Generate { .. } => Ok(()),
        Command::Status => status(&store, &keys).await,
        Command::Rotate { data_keys: false, .. } => rotate(&store, &keys, &random).await,
        Command::Rotate { project, .. } => rotate_data_keys(&store, &keys, project).await,
        Command::Abandon { id, .. } => abandon(&store, &keys, &random, id).await,
        Command::Retire { id } => retire(&store, &keys, id).await,
    };
    store.close().await;
    done
}

fn generate(out: &Path) -> Result<()> {
    MasterKeys::create_file(out, &Random::system())?;
    say(&format!(
        "Made a master key in {}. Set keys.master_key_file to it, and keep a copy in a safe place: \
         without it every account has to be connected again.",
        out.display()
    ));
    Ok(())
}

async fn status(store: &Store, keys: &MasterKeys) -> Result<()> {
    for one in keys::status(store, keys).await? {
        say(&describe(&one));
    }
    say(&match keys.file() {
        Some(file) => format!("The keys are in {}.", file.display()),
        None => "The keys come from keys.master_key or its environment variable.".to_owned(),
    });
    match keys::count_older_data_keys(store).await? {
        0 => {}
        waiting => say(&waiting_for(waiting)),
    }
    Ok(())
}

fn describe(one: &KeyUse) -> String {
    let KeyUse { id, standing, projects } = one;
    let projects = count_projects(*projects);
    match standing {
        Standing::Current => format!("{id}  current  wraps {projects}, and every new one"),
        Standing::Older if one.can_be_retired() => format!(
            "{id}  older    wraps nothing: `gangway keys retire {id}` takes it out of the key file"
        ),
        Standing::Older => {
            format!("{id}  older    wraps {projects}: `gangway keys rotate` frees it")
        }
        Standing::Missing => format!(
            "{id}  MISSING  wraps {projects}, which do not open: put this key back as one line \
             more in the key file. If it is lost for good: `gangway keys abandon`"
        ),
    }
}

async fn rotate(store: &Store, keys: &MasterKeys, random: &Random) -> Result<()> {
    let Rotation { added, rewrapped, damaged } = keys::rotate(store, keys, random).await?;
    let file = keys.file().map(|file| file.display().to_string());
    match added {
        Some(id) => say(&format!(
            "Made the master key {id} the current one. Copy {} to your safe place now: what is \
             stored opens with the new key from here on.",
            file.unwrap_or_default()
        )),
        None => say("Some projects were still wrapped by an older key, so no new one was made: \
                     this went on with the rotation before. Run it again for a new key."),
    }
    say(&format!("Wrapped {} anew.", count_projects(rewrapped)));
    for project_id in damaged {
        say(&format!(
            "The data key of project {project_id} is damaged and opens with no key: restore a \
             backup, or delete the project."
        ));
    }
    status(store, keys).await
}

async fn rotate_data_keys(
    store: &Store,
    keys: &MasterKeys,
    project: Option<ProjectId>,
) -> Result<()> {
    let (clock, random) = (Clock::system(), Random::system());
    let done = keys::rotate_data_keys(store, keys, (&clock, &random), project).await?;
    let DataRotation { projects, resealed, waiting, unreadable } = done;
    say(&format!(
        "Gave {} a new data key. Secrets sealed anew: {resealed}.",
        count_projects(projects)
    ));
    if waiting > 0 {
        say(&waiting_for(waiting));
    }
    for project_id in unreadable {
        say(&format!(
            "The data key of project {project_id} does not open, so it was left as it is: see \
             `gangway keys status`."
        ));
    }
    Ok(())
}

fn waiting_for(waiting: u64) -> String {
    let one = waiting == 1;
    let (keeps, their) = if one { ("keeps", "its") } else { ("keep", "their") };
    format!(
        "{} {keeps} an older data key until sign-ins under way, and rotations that were stopped, have \
         come to {their} end; a running server takes it out then.",
        count_projects(waiting)
    )
}

async fn abandon(store: &Store, keys: &MasterKeys, random: &Random, id: KeyId) -> Result<()> {
    let given_up = keys::abandon(store, keys, &Clock::system(), random, id).await?;
    say(&format!(
        "Gave up {id}. {} accounts must be connected again, and the client secrets and environment \
         secrets of these projects entered again:",
        given_up.credentials
    ));
    for project_id in given_up.projects {
        say(&format!("  {project_id}"));
    }
    Ok(())
}

async fn retire(store: &Store, keys: &MasterKeys, id: KeyId) -> Result<()> {
    keys::retire(store, keys, id).await?;
    say(&format!(
        "Took {id} out of the key file. Backups from before the rotation need it: keep your copy \
         of it as long as you keep them."
    ));
    Ok(())
}
