//! `gangway serve`: production.

use std::path::PathBuf;

use anyhow::Result;
use base::{Clock, Random};
use tokio::sync::watch;

use super::assemble::{self, Stand};
use super::{config, stop};
use crate::config::Mode;
use crate::http::serve::{self, Limits};
use crate::{router, worker};

pub async fn run(file: Option<PathBuf>) -> Result<()> {
    let mut config = config::load(file, Some(Mode::Production))?;
    assemble::start_log(&config);
    assemble::make_data_directory(&config.server.data_directory)?;
    let listeners = assemble::bind(&mut config).await?;
    let public_url = config.public_url();
    let limits = Limits::of(&config.server);
    let app = assemble::app(config, Stand::default(), Clock::system(), Random::system()).await?;
    let (stop, stopped) = watch::channel(false);
    worker::spawn_all(&app, &stopped);
    tracing::info!(public_url, "gangway is ready");
    let serving =
        tokio::spawn(serve::serve(listeners, router::router(app.clone()), limits, stopped));
    stop::wished().await?;
    tracing::info!("stopping; open requests may finish");
    stop.send_replace(true);
    // Both at once: what a request starts now is kept for another node or the next start.
    let (served, left) = tokio::join!(serving, app.runner().stop());
    served??;
    if let Err(error) = left {
        tracing::warn!(?error, "what still ran is taken over after the lease of this process");
    }
    if let Err(error) = app.connect().write_notes(true).await {
        tracing::warn!(?error, "the last entries of the request log are lost");
    }
    app.store().close().await;
    Ok(())
}
