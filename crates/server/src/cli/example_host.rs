//! The example host application beside a development server: a Node program of its own.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result};
use base::ProjectId;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::development::signing_key_file;

/// The program, from the directory that development is started in.
const PROGRAM: &str = "examples/host/server.js";
/// How long the program may take until it serves.
const START_LIMIT: Duration = Duration::from_secs(20);

/// A port that is free for the example host.
pub struct ExampleHost {
    port: u16,
    /// Held until the program starts, so that nobody else takes the port.
    held: TcpListener,
}

/// The running program, if it could be started.
pub struct RunningHost {
    port: u16,
    process: Option<Child>,
}

impl ExampleHost {
    /// Takes the port; 0 takes a free one.
    pub fn bind(port: u16) -> Result<Self> {
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).with_context(|| {
            format!("Port {port} for the example host page is taken: set example_host.port.")
        })?;
        Ok(Self { port: held.local_addr()?.port(), held })
    }

    /// Starts the program and waits until it serves. Where it is not at hand (the binary alone was
    /// installed) or fails, development goes on without it.
    pub async fn start(
        self,
        gangway: &str,
        data: &Path,
        project_id: ProjectId,
    ) -> Result<RunningHost> {
        let Self { port, held } = self;
        drop(held);
        if !Path::new(PROGRAM).exists() {
            tracing::info!("{PROGRAM} is not here, so the example host page is not started");
            return Ok(RunningHost { port, process: None });
        }
        let mut process = Command::new("node")
            .arg(PROGRAM)
            .env("GANGWAY_URL", gangway)
            .env("GANGWAY_PROJECT_ID", project_id.to_string())
            .env("GANGWAY_SIGNING_KEY_FILE", signing_key_file(data))
            .env("PORT", port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("The example host needs Node 20 or newer: install it, and start again.")?;
        let serves = serves(&mut process).await;
        if !serves {
            tracing::warn!(
                "{PROGRAM} did not start; `npm ci && npm run build` makes what it needs"
            );
        }
        Ok(RunningHost { port, process: serves.then_some(process) })
    }
}

/// Waits for the one line by which the program says that it serves.
async fn serves(process: &mut Child) -> bool {
    let Some(output) = process.stdout.take() else { return false };
    let line = timeout(START_LIMIT, BufReader::new(output).lines().next_line()).await;
    matches!(line, Ok(Ok(Some(_))))
}

impl RunningHost {
    /// Where its page is; empty when it does not run.
    pub fn url(&self) -> String {
        match self.process {
            Some(_) => format!("http://127.0.0.1:{}", self.port),
            None => String::new(),
        }
    }

    /// Ends it.
    pub async fn stop(self) {
        if let Some(mut process) = self.process
            && let Err(cause) = process.kill().await
        {
            tracing::debug!(%cause, "the example host had ended before");
        }
    }
}
