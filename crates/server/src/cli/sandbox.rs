//! `gangway sandbox`: the sandbox alone.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::Result;
use base::{Clock, Random};
use clap::Args;
use sandbox::{Options, Sandbox};
use serde_json::json;

use super::stop;
use super::terminal::say;

#[derive(Args)]
pub struct Arguments {
    /// Where the browser reaches it; 0 takes a free port.
    #[arg(long, default_value_t = 8090)]
    http_port: u16,
    /// For clients that insist on HTTPS.
    #[arg(long, default_value_t = 8490)]
    https_port: u16,
    /// A directory that keeps its state and its certificate authority; left out, it forgets.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Print the addresses as one line of JSON.
    #[arg(long)]
    json: bool,
}

pub async fn run(arguments: Arguments) -> Result<()> {
    let sandbox = start(
        arguments.http_port,
        arguments.https_port,
        arguments.data.as_deref(),
        &Clock::system(),
        &Random::system(),
    )
    .await?;
    let (http, https) = (sandbox.http_url(), sandbox.https_url());
    if arguments.json {
        say(&json!({ "sandbox_http": http, "sandbox_https": https, "sandbox_ca": sandbox.ca_pem() })
            .to_string());
    } else {
        say(&format!(
            "The sandbox answers at {} and {}. Ctrl-C stops it.",
            http.unwrap_or_default(),
            https.unwrap_or_default()
        ));
    }
    stop::wished().await?;
    sandbox.shutdown().await;
    Ok(())
}

/// Starts the sandbox on both loopback addresses, where the machine has both.
pub async fn start(
    http_port: u16,
    https_port: u16,
    data: Option<&std::path::Path>,
    clock: &Clock,
    random: &Random,
) -> Result<Sandbox> {
    let options = Options {
        clock: clock.clone(),
        random: random.clone(),
        data_file: data.map(|directory| directory.join("sandbox.json")),
        http: loopback(http_port),
        https: loopback(https_port),
        tls_dir: data.map(|directory| directory.join("sandbox-tls")),
    };
    Ok(Sandbox::start(options).await?)
}

/// `127.0.0.1` and, where there is one, `::1`. A free port is a port of one address only.
pub fn loopback(port: u16) -> Vec<SocketAddr> {
    let v4 = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
    let v6 = SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), port);
    let has_v6 = std::net::TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    if port == 0 || !has_v6 { vec![v4] } else { vec![v4, v6] }
}
