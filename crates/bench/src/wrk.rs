//! The load generator `wrk`: as fast as it goes on a number of connections.

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
    let (connections, duration) = (connections.to_string(), format!("{seconds}s"));
    let header = format!("Authorization: Bearer {token}");
    let output = pinned(
        LOADER_CORE,
        &["wrk", "-t1", "-c", &connections, "-d", &duration, "--latency", "-H", &header, url],
    )
    .output()
    .context("wrk cannot be started")?;
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
