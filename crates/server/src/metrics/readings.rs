//! What is read at the moment somebody asks, and not counted before.

use std::fmt::{self, Debug, Formatter};
use std::sync::atomic::{AtomicI64, Ordering};

use base::Result;
use connect::Connect;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::app::App;

/// How far due executions are counted.
const DUE_COUNTED_MAX: i64 = 10_000;

type Labels<const N: usize> = [(&'static str, &'static str); N];

/// Values of this moment.
#[derive(Default)]
pub struct Readings {
    running: Gauge,
    due: Gauge,
    due_deliveries: Gauge,
    writes_waiting: Gauge,
    connections: Family<Labels<2>, Gauge<i64, AtomicI64>>,
}

impl Readings {
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "executions_running",
            "Executions that this process works on",
            self.running.clone(),
        );
        let help = "Executions that are due and nobody works on, counted up to 10000";
        registry.register("executions_due", help, self.due.clone());
        let help = "Deliveries to event destinations that are due, counted up to 10000";
        registry.register("deliveries_due", help, self.due_deliveries.clone());
        let help = "Writes that wait for the next commit";
        registry.register("writes_waiting", help, self.writes_waiting.clone());
        let help = "Connections to the database, by pool and whether they are in use";
        registry.register("database_connections", help, self.connections.clone());
    }

    /// Reads them.
    pub async fn read(&self, app: &App) -> Result<()> {
        let runner = app.runner();
        let signed = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.running.set(signed(runner.running()));
        self.writes_waiting.set(signed(runner.committer().waiting()));
        for pool in app.store().pools() {
            let place = |state| {
                self.connections.get_or_create_owned(&[("pool", pool.name), ("state", state)])
            };
            place("idle").set(signed(pool.idle));
            place("used").set(signed(pool.used));
        }
        let now = app.clock().now();
        let mut conn = app.store().read().await?;
        self.due.set(store::claims::due(&mut conn, now, DUE_COUNTED_MAX).await?);
        let due = store::event_deliveries::due(&mut conn, now, DUE_COUNTED_MAX).await?;
        self.due_deliveries.set(due);
        Ok(())
    }
}

/// How calls to providers ended.
pub struct Calls(pub Connect);

impl Debug for Calls {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("Calls")
    }
}

impl Collector for Calls {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let counters = self.0.counters();
        let help = "Calls to providers, by how they ended";
        let counter = ConstCounter::new(0_u64);
        let mut family =
            encoder.encode_descriptor("provider_calls", help, None, counter.metric_type())?;
        for (outcome, counter) in [
            ("answered", &counters.answered),
            ("refused", &counters.refused),
            ("failed", &counters.failed),
        ] {
            let labels = [("outcome", outcome)];
            let encoder = family.encode_family(&labels)?;
            ConstCounter::new(counter.load(Ordering::Relaxed)).encode(encoder)?;
        }
        Ok(())
    }
}
