//! What the operator's monitoring reads: `GET /metrics`, in the text form that Prometheus takes.

mod guard;
mod readings;
mod requests;
mod show;

use std::sync::{Mutex, PoisonError};

use connect::Connect;
use engine::runner::Runner;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

use readings::{Calls, Readings};
pub use requests::Requests;
pub use show::show;

/// What every name begins with.
const PREFIX: &str = "gangway";

/// Everything that is counted in this process.
pub struct Metrics {
    registry: Mutex<Registry>,
    /// Requests to this server.
    pub requests: Requests,
    readings: Readings,
}

impl Metrics {
    /// Begins to count.
    pub fn new(connect: &Connect, runner: &Runner) -> Self {
        let mut registry = Registry::with_prefix(PREFIX);
        let (requests, readings) = (Requests::default(), Readings::default());
        requests.register(&mut registry);
        readings.register(&mut registry);
        runner.metrics().register(&mut registry);
        registry.register_collector(Box::new(Calls(connect.clone())));
        Self { registry: Mutex::new(registry), requests, readings }
    }

    /// Lets another part of the server show what it counts.
    pub fn register(&self, add: impl FnOnce(&mut Registry)) {
        add(&mut self.registry.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// All counts as text.
    fn text(&self) -> String {
        let mut text = String::new();
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        encode(&mut text, &registry).expect("a string takes all that is written");
        text
    }
}
