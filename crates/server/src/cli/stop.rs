//! The wish to stop: Ctrl-C or a SIGTERM.

use tokio::signal::unix::{SignalKind, signal};

/// Waits until this process is asked to stop.
pub async fn wished() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = terminate.recv() => Ok(()),
    }
}
