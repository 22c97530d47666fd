//! nginx: as the provider's stand-in, and as the peer that adds a header.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::process::{Pinned, free_port, listening};

/// A running nginx.
pub struct Nginx {
    pub port: u16,
    _process: Pinned,
}

impl Nginx {
    /// Answers every request with 2 KB of JSON.
    pub async fn provider(folder: &Path, core: &str) -> Result<Self> {
        let document = format!("{{\"value\":\"{}\"}}", "x".repeat(2_000));
        let location = format!("default_type application/json; return 200 '{document}';");
        Self::start(folder, "provider", core, "", &location).await
    }

    /// Passes every request on with a header added: what the peer of a proxied call does.
    pub async fn proxy(folder: &Path, core: &str, provider: u16) -> Result<Self> {
        let upstream = format!(
            "upstream provider {{ server 127.0.0.1:{provider}; keepalive 512; \
             keepalive_requests 1000000000; }}"
        );
        let location = "proxy_pass http://provider; proxy_http_version 1.1; \
             proxy_set_header Connection ''; proxy_set_header Authorization 'Bearer added';";
        Self::start(folder, "peer", core, &upstream, location).await
    }

    async fn start(
        folder: &Path,
        name: &str,
        core: &str,
        upstream: &str,
        location: &str,
    ) -> Result<Self> {
        let port = free_port()?;
        let home = folder.join(name);
        fs::create_dir_all(&home)?;
        let shown = home.display();
        let text = format!(
            "daemon off; master_process off; pid {shown}/pid; error_log {shown}/error.log;\n\
             events {{ worker_connections 4096; }}\n\
             http {{ access_log off; keepalive_requests 1000000000; tcp_nodelay on;\n\
             client_body_temp_path {shown}/body; proxy_temp_path {shown}/proxied;\n\
             fastcgi_temp_path {shown}/f; uwsgi_temp_path {shown}/u; scgi_temp_path {shown}/s;\n\
             {upstream}\n\
             server {{ listen 127.0.0.1:{port} reuseport backlog=4096; location / {{ {location} }} }} }}\n"
        );
        let file = home.join("nginx.conf");
        fs::write(&file, text)?;
        let file = file.display().to_string();
        let process = Pinned::start(core, &["nginx", "-c", &file], &[])?;
        listening(port).await?;
        Ok(Self { port, _process: process })
    }
}
