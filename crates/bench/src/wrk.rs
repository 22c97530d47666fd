//! The load generator `wrk`: as fast as it goes on a number of connections.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::process::{LOADER_CORE, pinned};

/// What wrk saw.
pub struct Run {
    pub requests_per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
}

/// Loads an address for some seconds.
pub fn load(url: &str, token: &str, connections: u32, seconds: u32) -> Result<Run> {
    read(command(url, token, connections, seconds).output().context("wrk cannot be started")?)
}

/// Posts a JSON body to several addresses at once, with their share of the connections each.
pub fn post(
    script: &Path,
    urls: &[String],
    token: &str,
    connections: u32,
    seconds: u32,
) -> Result<Run> {
    let share = connections / u32::try_from(urls.len())?;
    let mut running = Vec::new();
    for url in urls {
        let mut command = command(url, token, share.max(1), seconds);
        let child = command.arg("-s").arg(script).stdout(Stdio::piped()).spawn();
        running.push(child.context("wrk cannot be started")?);
    }
    let mut runs = Vec::new();
    for child in running {
        runs.push(read(child.wait_with_output()?)?);
    }
    let worst = |figure: fn(&Run) -> f64| runs.iter().map(figure).fold(0.0, f64::max);
    Ok(Run {
        requests_per_second: runs.iter().map(|run| run.requests_per_second).sum(),
        p50_ms: worst(|run| run.p50_ms),
        p99_ms: worst(|run| run.p99_ms),
    })
}

/// A script that makes wrk post `body`.
pub fn posting(folder: &Path, name: &str, body: &str) -> Result<PathBuf> {
    let path = folder.join(format!("{name}.lua"));
    let script = format!(
        "wrk.method = \"POST\"\nwrk.headers[\"Content-Type\"] = \"application/json\"\n\
         wrk.body = [==[{body}]==]\n"
    );
    std::fs::write(&path, script)?;
    Ok(path)
}

fn command(url: &str, token: &str, connections: u32, seconds: u32) -> Command {
    let (connections, duration) = (connections.to_string(), format!("{seconds}s"));
    let header = format!("Authorization: Bearer {token}");
    let arguments =
        ["wrk", "-t1", "-c", &connections, "-d", &duration, "--latency", "-H", &header, url];
    pinned(LOADER_CORE, &arguments)
}

fn read(output: Output) -> Result<Run> {
    let text = String::from_utf8(output.stdout)?;
    if text.contains("Non-2xx") {
        bail!("not every answer was a success:\n{text}");
    }
    let figure = |label: &str| -> Result<&str> {
        let line = text.lines().find(|line| line.trim_start().starts_with(label));
        let line = line.with_context(|| format!("wrk printed no {label}:\n{text}"))?;
        line.split_whitespace().nth(1).context("wrk printed no number")
    };
    Ok(Run {
        requests_per_second: figure("Requests/sec:")?.parse()?,
        p50_ms: milliseconds(figure("50%")?)?,
        p99_ms: milliseconds(figure("99%")?)?,
    })
}

/// `350.00us`, `1.20ms` or `1.01s`.
fn milliseconds(text: &str) -> Result<f64> {
    let units = [("us", 0.001), ("ms", 1.0), ("s", 1_000.0)];
    let found = units
        .iter()
        .find_map(|(unit, factor)| Some(text.strip_suffix(unit)?.parse::<f64>().ok()? * factor));
    found.with_context(|| format!("wrk printed \"{text}\" for a time"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_wrk_read_as_milliseconds() {
        for (text, expected) in [("350.00us", 0.35), ("1.20ms", 1.2), ("1.01s", 1_010.0)] {
            assert!((milliseconds(text).unwrap() - expected).abs() < 1e-9, "{text}");
        }
        assert!(milliseconds("fast").is_err());
    }
}
