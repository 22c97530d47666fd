//! The one file in which state outlives the process.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use tokio::sync::watch;

use crate::World;
use crate::devops::DevOps;
use crate::entra::EntraState;
use crate::private_file;

/// The shape of the file; a file of another shape is refused, never overwritten.
const FORMAT: u32 = 1;
/// Changes that come closer together than this are saved together.
const PAUSE: Duration = Duration::from_millis(250);

/// What is read.
#[derive(Deserialize)]
pub(crate) struct Saved {
    format: u32,
    pub(crate) entra: EntraState,
    pub(crate) devops: DevOps,
}

/// What is written, in the same shape.
#[derive(Serialize)]
struct Saving {
    format: u32,
    entra: Box<RawValue>,
    devops: Box<RawValue>,
}

/// Reads the file; `None` when there is none yet.
pub(crate) fn load(path: &Path) -> io::Result<Option<Saved>> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let unreadable = |why: String| {
        let path = path.display();
        io::Error::other(format!(
            "The sandbox cannot read its data file {path} ({why}). Move the file away to start \
             with fresh sample data."
        ))
    };
    let saved: Saved =
        serde_json::from_slice(&text).map_err(|error| unreadable(error.to_string()))?;
    if saved.format != FORMAT {
        return Err(unreadable(format!("its format is {}, not {FORMAT}", saved.format)));
    }
    Ok(Some(saved))
}

/// Saves after changes, until told to stop; then once more.
pub(crate) async fn keep(world: Arc<World>, path: PathBuf, mut stop: watch::Receiver<bool>) {
    loop {
        let stopped = tokio::select! {
            () = world.changed() => false,
            _ = stop.wait_for(|stop| *stop) => true,
        };
        if let Err(error) = save(&world, &path).await {
            tracing::error!(path = %path.display(), %error, "the sandbox cannot save its state");
        }
        if stopped {
            return;
        }
        let pause = world.clock.sleep_until(world.clock.now() + PAUSE);
        tokio::select! {
            () = pause => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }
}

async fn save(world: &Arc<World>, path: &Path) -> io::Result<()> {
    let (world, path) = (Arc::clone(world), path.to_owned());
    let written = tokio::task::spawn_blocking(move || {
        // One lock at a time: a handler may hold the one while it waits for the other.
        let entra = to_raw_value(&*world.entra.read())?;
        let devops = to_raw_value(&*world.devops.read())?;
        let content = serde_json::to_vec(&Saving { format: FORMAT, entra, devops })?;
        private_file::write(&path, &content)
    });
    written.await.map_err(io::Error::other)?
}
