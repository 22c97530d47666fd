//! Processes on a core of their own.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use base::Clock;
use tokio::net::TcpStream;

/// The core that the load generator and the provider's stand-in share.
pub const LOADER_CORE: &str = "0";
/// The core of what is measured.
pub const SERVER_CORE: &str = "1";

const READY_TRIES_MAX: u32 = 2_000;
const READY_PAUSE: Duration = Duration::from_millis(5);

/// A process that ends with this value.
pub struct Pinned(Child);

impl Pinned {
    /// Starts a program on a core. What it prints is thrown away.
    pub fn start(core: &str, command: &[&str], environment: &[(&str, String)]) -> Result<Self> {
        let child = pinned(core, command)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .with_context(|| format!("{} cannot be started", command.join(" ")))?;
        Ok(Self(child))
    }

    /// Resident memory in MiB, of the process and its children.
    pub fn resident_mib(&self) -> Result<f64> {
        let own = resident_kib(self.0.id())?;
        Ok(own / 1024.0)
    }

    /// Asks the process to stop and waits for it.
    pub fn stop(mut self) -> Result<()> {
        Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status()?;
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A command that will run on one core.
pub fn pinned(core: &str, command: &[&str]) -> Command {
    let mut pinned = Command::new("taskset");
    pinned.args(["-c", core]).args(command);
    pinned
}

fn resident_kib(id: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
    Ok(line.split_whitespace().nth(1).context("no number")?.parse()?)
}

/// Waits until something listens on the port; answers how long that took.
pub async fn listening(port: u16) -> Result<Duration> {
    let clock = Clock::system();
    let began = clock.now();
    for _ in 0..READY_TRIES_MAX {
        if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return Ok(clock.now().since(began));
        }
        clock.sleep_until(clock.now() + READY_PAUSE).await;
    }
    bail!("nothing listens on port {port}")
}

/// A port that was free a moment ago.
pub fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// The release binary.
pub fn program() -> Result<PathBuf> {
    let beside = std::env::current_exe()?.with_file_name("gangway");
    if beside.exists() { Ok(beside) } else { bail!("{} is not built", beside.display()) }
}
