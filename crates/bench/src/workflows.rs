//! Durable workflows: executions a second from the request to the answer of their response step, on
//! SQLite and on PostgreSQL, with every commit on disk. Both cores are everybody's.

mod definitions;
mod disk;

use std::path::Path;

use anyhow::{Context as _, Result};
use base::Clock;
use serde_json::{Value, json};

use crate::call;
use crate::gangway::{Account, Gangway, Installation};
use crate::nginx::Nginx;
use crate::process::LOADER_CORE;
use crate::results::{Figure, median, record};
use crate::wrk;

/// What is measured may use both.
const CORES: &str = "0,1";
const IN_FLIGHT: [u32; 3] = [1, 64, 512];
const WARM_UP_SECONDS: u32 = 2;
const SECONDS: u32 = 5;
const RUNS: usize = 3;
/// How many items a fan out has.
const ITEMS: usize = 10_000;

/// Measures on each database.
pub async fn measure() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let fdatasync = disk::fdatasync_ms(folder.path())?;
    figure("fdatasync_p50", fdatasync, "ms")?;
    let provider = Nginx::provider(folder.path(), LOADER_CORE).await?;
    let installation = Installation::make(folder.path(), provider.port)?;
    let unlimited = installation.with("GANGWAY_WORKFLOWS__RUNNING_PER_PROJECT_MAX", "0");
    on("sqlite", unlimited, provider.port, 1).await?;
    // scripts/bench starts one whose commits wait for the disk.
    let Ok(url) = std::env::var("GANGWAY_TEST_POSTGRES_URL") else { return Ok(()) };
    for (name, nodes) in [("postgres", 1), ("postgres_two_nodes", 2)] {
        let folder = tempfile::tempdir()?;
        let installation = Installation::make(folder.path(), provider.port)?
            .with("GANGWAY_WORKFLOWS__RUNNING_PER_PROJECT_MAX", "0")
            .with("GANGWAY_DATABASE__URL", &url);
        on(name, installation, provider.port, nodes).await?;
    }
    Ok(())
}

struct Bench<'b> {
    database: &'b str,
    nodes: Vec<Gangway>,
    account: Account,
    folder: &'b Path,
}

async fn on(database: &str, installation: Installation, provider: u16, nodes: usize) -> Result<()> {
    let first = installation.start(CORES).await?;
    let account = installation.connect(&first).await?;
    let mut bench = Bench { database, nodes: vec![first], account, folder: &installation.folder };
    for _ in 1..nodes {
        bench.nodes.push(installation.another_node()?.start(CORES).await?);
    }
    for (name, definition) in [
        ("three_local_steps", definitions::local("three_local_steps")),
        ("three_http_steps", definitions::http("three_http_steps", provider)),
    ] {
        let paths = bench.deploys(&definition).await?;
        for in_flight in IN_FLIGHT {
            bench.throughput(name, &paths, "{}", in_flight)?;
        }
    }
    if nodes == 1 {
        bench.rest().await?;
    }
    let resident = bench.nodes[0].process.resident_mib()?;
    figure(&format!("workflows_memory_{database}"), resident, "MiB")?;
    for node in bench.nodes {
        node.process.stop()?;
    }
    Ok(())
}

impl Bench<'_> {
    /// Makes a workflow live; answers where a request starts it, on each node.
    async fn deploys(&self, definition: &Value) -> Result<Vec<String>> {
        let Account { manager, project, .. } = &self.account;
        let port = self.nodes[0].port;
        let base = format!("/api/v1/projects/{project}/workflows");
        let body = json!({ "definition": definition });
        let made = call::json(port, "POST", &base, manager, &body).await?;
        let id = made["id"].as_str().context("no id")?;
        let deploy = format!("{base}/{id}/deploy");
        call::json(port, "POST", &deploy, manager, &json!({})).await?;
        let path = format!("/projects/{project}/sdk/triggers/{id}");
        Ok(self.everywhere(&path))
    }

    fn everywhere(&self, path: &str) -> Vec<String> {
        self.nodes.iter().map(|node| format!("http://127.0.0.1:{}{path}", node.port)).collect()
    }

    fn throughput(&self, name: &str, urls: &[String], body: &str, in_flight: u32) -> Result<()> {
        let script = wrk::posting(self.folder, name, body)?;
        let urls = if in_flight == 1 { &urls[..1] } else { urls };
        let token = &self.account.token;
        wrk::post(&script, urls, token, in_flight, WARM_UP_SECONDS)?;
        let mut runs = Vec::new();
        for _ in 0..RUNS {
            runs.push(wrk::post(&script, urls, token, in_flight, SECONDS)?);
        }
        let name = format!("{name}_{}_c{in_flight}", self.database);
        let middle = |of: fn(&wrk::Run) -> f64| median(runs.iter().map(of).collect());
        figure(&name, middle(|run| run.requests_per_second), "/s")?;
        figure(&format!("{name}_p50"), middle(|run| run.p50_ms), "ms")?;
        figure(&format!("{name}_p99"), middle(|run| run.p99_ms), "ms")
    }

    /// Functions, intake and a wide fan out.
    async fn rest(&self) -> Result<()> {
        let calls = self.deploys(&definitions::function("one_function")).await?;
        self.throughput("function_calls", &calls, r#"{"a":1}"#, 64)?;

        self.deploys(&definitions::listening("an_event")).await?;
        let path = format!("/projects/{}/sdk/events/trigger", self.account.project);
        let event = r#"{"name":"Bench","payload":{"a":1}}"#;
        self.throughput("trigger_intake", &self.everywhere(&path), event, 256)?;

        let wide = self.deploys(&definitions::wide("a_fan_out")).await?;
        let items: Vec<usize> = (0..ITEMS).collect();
        let (port, token) = (self.nodes[0].port, &self.account.token);
        let path = wide[0].split_once(&port.to_string()).context("no path")?.1;
        let clock = Clock::system();
        let began = clock.now();
        call::json(port, "POST", path, token, &json!({ "items": items })).await?;
        let took = clock.now().since(began).as_secs_f64();
        figure(&format!("fan_out_of_10000_{}", self.database), took, "s")
    }
}

fn figure(name: &str, value: f64, unit: &'static str) -> Result<()> {
    record(&Figure { name, value, unit, peer: None })
}
