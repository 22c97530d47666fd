//! Starting and stopping the sandbox.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base::{Clock, Random};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::devops::hooks;
use crate::front::Front;
use crate::listener::Listener;
use crate::tls::Authority;
use crate::{World, data_file};

/// How long open requests may take to finish when the sandbox stops.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(2);

/// How a sandbox is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// The time of day inside the sandbox.
    pub clock: Clock,
    /// Where its tokens and ids come from.
    pub random: Random,
    /// Where state outlives the process; `None` forgets it.
    pub data_file: Option<PathBuf>,
    /// Addresses that speak http. Port 0 takes a free one.
    pub http: Vec<SocketAddr>,
    /// Addresses that speak https with a certificate of the sandbox's own authority.
    pub https: Vec<SocketAddr>,
    /// Where that authority is kept, so that clients need to be told to trust it once only;
    /// `None` makes a new one at each start.
    pub tls_dir: Option<PathBuf>,
}

impl Options {
    /// What a test wants: one free port for each of http and https on 127.0.0.1, and no files.
    pub fn in_memory(clock: Clock, random: Random) -> Self {
        let free_port = SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            clock,
            random,
            data_file: None,
            http: vec![free_port],
            https: vec![free_port],
            tls_dir: None,
        }
    }
}

/// A running sandbox. Dropping it stops it at once; [`Sandbox::shutdown`] lets it finish and save.
#[derive(Debug)]
pub struct Sandbox {
    world: Arc<World>,
    ca_pem: String,
    http: Vec<SocketAddr>,
    https: Vec<SocketAddr>,
    stop: watch::Sender<bool>,
    listeners: JoinSet<()>,
    keeper: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Binds every address, restores or seeds the world, and begins to answer.
    pub async fn start(options: Options) -> io::Result<Self> {
        let Options { clock, random, data_file, http, https, tls_dir } = options;
        let saved = data_file.as_deref().map(data_file::load).transpose()?.flatten();
        let world = Arc::new(match saved {
            Some(saved) => World::restored(clock.clone(), random, saved),
            None => World::seeded(clock.clone(), random),
        });
        if let Some(path) = &data_file {
            world.devops.write().keep_attachments_in(path.with_extension("attachments"));
        }
        let authority = Authority::open(tls_dir.as_deref())?;
        let tls = TlsAcceptor::from(authority.server_config()?);
        let front = Arc::new(Front::new(Arc::clone(&world)));
        let mut bound = (Vec::new(), Vec::new());
        let mut ready = Vec::new();
        for (address, tls) in http
            .into_iter()
            .map(|address| (address, None))
            .chain(https.into_iter().map(|address| (address, Some(tls.clone()))))
        {
            let socket = bind(address).await?;
            let listener =
                Listener { socket, tls, front: Arc::clone(&front), clock: clock.clone() };
            let list = if listener.tls.is_none() { &mut bound.0 } else { &mut bound.1 };
            list.push(listener.address()?);
            ready.push(listener);
        }
        let (stop, stopped) = watch::channel(false);
        let mut listeners = JoinSet::new();
        for listener in ready {
            listeners.spawn(listener.serve(stopped.clone()));
        }
        let own = authority.certificate()?;
        let deliverer = hooks::deliver::run(Arc::clone(&world), own, stopped.clone());
        listeners.spawn(deliverer);
        let keeper =
            data_file.map(|path| tokio::spawn(data_file::keep(Arc::clone(&world), path, stopped)));
        let ca_pem = authority.pem().to_owned();
        Ok(Self { world, ca_pem, http: bound.0, https: bound.1, stop, listeners, keeper })
    }

    /// What the sandbox knows and remembers.
    pub const fn world(&self) -> &Arc<World> {
        &self.world
    }

    /// The certificate that clients of the https listeners must trust, PEM.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// The addresses that speak http, with real ports, in the order of the options.
    pub fn http_addresses(&self) -> &[SocketAddr] {
        &self.http
    }

    /// The addresses that speak https, with real ports, in the order of the options.
    pub fn https_addresses(&self) -> &[SocketAddr] {
        &self.https
    }

    /// `http://localhost:{port}` of the first http listener, without a slash at the end.
    pub fn http_url(&self) -> Option<String> {
        self.http.first().map(|address| format!("http://localhost:{}", address.port()))
    }

    /// `https://localhost:{port}` of the first https listener, without a slash at the end.
    pub fn https_url(&self) -> Option<String> {
        self.https.first().map(|address| format!("https://localhost:{}", address.port()))
    }

    /// Stops listening, lets open requests finish for a short while, and saves the state.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        let finished = async { while self.listeners.join_next().await.is_some() {} };
        // The machine's time, not the sandbox's: a test clock stands still here.
        let _ = Clock::system().timeout(SHUTDOWN_LIMIT, finished).await;
        self.listeners.shutdown().await;
        if let Some(keeper) = self.keeper.take() {
            let _ = keeper.await;
        }
    }
}

async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let text = format!(
            "The sandbox cannot listen on {address} ({error}). Stop what listens there or choose \
             another port."
        );
        io::Error::new(error.kind(), text)
    })
}
