//! Figures: printed for people, appended as JSON for machines.

use std::fs::{OpenOptions, create_dir_all};
use std::io::Write as _;
use std::path::Path;

use anyhow::Result;
use serde_json::json;

const FILE: &str = "target/bench/results.jsonl";

/// One figure, and its peer's of the same run where there is one.
pub struct Figure<'a> {
    pub name: &'a str,
    pub value: f64,
    pub unit: &'a str,
    pub peer: Option<(&'a str, f64)>,
}

/// Prints and keeps a figure.
pub fn record(figure: &Figure<'_>) -> Result<()> {
    let Figure { name, value, unit, peer } = figure;
    let mut line = json!({ "name": name, "value": value, "unit": unit });
    let mut text = format!("{name:32} {value:>12.3} {unit:8}");
    if let Some((peer, peer_value)) = peer {
        let ratio = value / peer_value;
        line["peer"] = json!(peer);
        line["peer_value"] = json!(peer_value);
        line["ratio"] = json!(ratio);
        text += &format!(" {peer} {peer_value:.3}, ratio {ratio:.2}");
    }
    let file = Path::new(FILE);
    create_dir_all(file.parent().unwrap_or(file))?;
    let mut out = OpenOptions::new().create(true).append(true).open(file)?;
    writeln!(out, "{line}")?;
    writeln!(std::io::stdout(), "{text}")?;
    Ok(())
}

/// The middle one of several runs.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
