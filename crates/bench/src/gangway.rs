//! Gangway in production mode, with one connector whose provider is the stand-in.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use base::Clock;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::call;
use crate::process::{Pinned, free_port, listening, program};

/// A running server.
pub struct Gangway {
    pub port: u16,
    pub process: Pinned,
    /// From starting the process to its first open port.
    pub started_in: Duration,
}

/// An installation: settings, key and database in a folder.
pub struct Installation {
    pub folder: std::path::PathBuf,
    environment: Vec<(&'static str, String)>,
    port: u16,
}

/// A user with a connected account, in a project.
pub struct Account {
    /// Of a proxied call.
    pub path: String,
    /// The user's.
    pub token: String,
    /// The host developer's.
    pub manager: String,
    pub project: String,
}

impl Installation {
    /// Settings and a master key in `folder`, for a provider on `provider_port`.
    pub fn make(folder: &Path, provider_port: u16) -> Result<Self> {
        let port = free_port()?;
        let connector = folder.join("connectors/bench");
        fs::create_dir_all(&connector)?;
        let specification =
            include_str!("connector.toml").replace("PORT", &provider_port.to_string());
        fs::write(connector.join("connector.toml"), specification)?;
        fs::write(connector.join("README.md"), "# Bench\n\nThe stand-in of a benchmark.\n")?;
        fs::write(connector.join("icon.svg"), "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n")?;
        let key = folder.join("master.key").display().to_string();
        let mut make_key = Command::new(program()?);
        if !make_key.args(["keys", "generate", "--out", &key]).output()?.status.success() {
            bail!("no master key could be made");
        }
        let environment = vec![
            ("GANGWAY_SERVER__PUBLIC_URL", format!("http://localhost:{port}")),
            ("GANGWAY_SERVER__LISTEN", format!("[\"127.0.0.1:{port}\"]")),
            ("GANGWAY_SERVER__DATA_DIRECTORY", folder.join("data").display().to_string()),
            ("GANGWAY_KEYS__MASTER_KEY_FILE", key),
            ("GANGWAY_CONNECTORS__DIRECTORY", folder.join("connectors").display().to_string()),
            ("GANGWAY_OUTBOUND__ALLOW", "[\"127.0.0.1\", \"127.0.0.1/32\"]".to_owned()),
            ("GANGWAY_LOG__FILTER", "warn".to_owned()),
        ];
        Ok(Self { folder: folder.to_owned(), environment, port })
    }

    /// The same, with a setting more.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.environment.push((name, value.to_owned()));
        self
    }

    /// Another node over the same database, on a port of its own.
    pub fn another_node(&self) -> Result<Self> {
        let port = free_port()?;
        let listen = format!("[\"127.0.0.1:{port}\"]");
        let node =
            Self { port, folder: self.folder.clone(), environment: self.environment.clone() };
        Ok(node.with("GANGWAY_SERVER__LISTEN", &listen))
    }

    /// The address of its database.
    pub fn database_url(&self) -> String {
        format!("sqlite://{}", self.folder.join("data/gangway.db").display())
    }

    /// Starts the server on a core.
    pub async fn start(&self, core: &str) -> Result<Gangway> {
        let program = program()?.display().to_string();
        let clock = Clock::system();
        let began = clock.now();
        let process = Pinned::start(core, &[&program, "serve"], &self.environment)?;
        listening(self.port).await?;
        Ok(Gangway { port: self.port, process, started_in: clock.now().since(began) })
    }

    /// A project, an integration and a user with an account, made as people make them.
    pub async fn connect(&self, gangway: &Gangway) -> Result<Account> {
        let output = Command::new(program()?)
            .args(["api-token", "create", "--name", "bench"])
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .output()?;
        let manager = String::from_utf8(output.stdout)?.trim().to_owned();
        let port = gangway.port;
        let post = async |path: String, token: String, body: Value| {
            call::json(port, "POST", &path, &token, &body).await
        };
        let text = |value: &Value, name: &str| -> Result<String> {
            Ok(value[name].as_str().with_context(|| format!("no {name} in {value}"))?.to_owned())
        };
        let name = json!({ "name": "Bench" });
        let project = text(&post("/api/v1/projects".into(), manager.clone(), name).await?, "id")?;
        let base = format!("/api/v1/projects/{project}");
        let key = post(format!("{base}/signing-keys"), manager.clone(), json!({})).await?;
        let token = sign(&text(&key, "privateKey")?)?;
        let kind = json!({ "type": "custom.bench" });
        let integration = post(format!("{base}/integrations"), manager.clone(), kind).await?;
        let form = json!({
            "integrationId": integration["id"],
            "payload": { "api_key": "a-key-of-the-stand-in" },
        });
        post(format!("/projects/{project}/sdk/credentials"), token.clone(), form).await?;
        let path = format!("/projects/{project}/sdk/proxy/custom.bench/data");
        Ok(Account { path, token, manager, project })
    }
}

fn sign(private_key: &str) -> Result<String> {
    let now = Clock::system().now().as_secs();
    let claims = json!({ "sub": "bench", "iat": now, "exp": now + 24 * 3600 });
    let key = EncodingKey::from_rsa_pem(private_key.as_bytes())?;
    Ok(encode(&Header::new(Algorithm::RS256), &claims, &key)?)
}
