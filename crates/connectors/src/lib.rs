//! The catalogue of connectors: one folder each under `catalog/`, found when this is built, and the
//! operator's own, read when the server starts.
//!
//! A connector with code has actions (`action`), each one file, with inputs as trees (`descriptor`)
//! whose values can come from the provider (`source`).

pub mod action;
pub mod context;
pub mod descriptor;
mod folder;
pub mod input;
pub mod source;
pub mod trigger;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use base::{Error, Result};
use connect::Provider;
use connect::provider::Operations;
use serde_json::{Value, json};

pub use action::{Action, Pages, Repeat};
pub use context::{ActionContext, Effect};
pub use source::{Source, SourceCache};
pub use trigger::{Change, Feed, Trigger};

/// A folder of the catalogue, as built in.
struct Folder {
    slug: &'static str,
    specification: &'static str,
    readme: &'static str,
    icon: &'static str,
    /// Which permissions the provider's operations need, where it tells.
    scopes: Option<&'static str>,
    code: Option<fn() -> Code>,
}

/// What a connector can do beyond passing requests through.
#[derive(Clone, Debug, Default)]
struct Code {
    actions: Vec<Action>,
    sources: Vec<Source>,
    triggers: Vec<Trigger>,
    feed: Option<Feed>,
}

impl Folder {
    fn provider(&self) -> Result<Provider> {
        let provider = Provider::parse(self.slug, self.specification)?;
        let operations = self.scopes.map(Operations::parse).transpose()?;
        Ok(provider.with_operations(operations.unwrap_or_default()))
    }
}

include!(concat!(env!("OUT_DIR"), "/folders.rs"));

/// Every connector, by slug.
#[derive(Clone, Debug)]
pub struct Catalogue {
    connectors: BTreeMap<String, Connector>,
}

/// One connector.
#[derive(Clone, Debug)]
pub struct Connector {
    /// What it says of its provider.
    pub provider: Arc<Provider>,
    /// Its page in the documentation, in Markdown.
    pub readme: Cow<'static, str>,
    /// Its icon, an SVG document.
    pub icon: Cow<'static, str>,
    code: Arc<Code>,
}

impl Connector {
    /// Its actions.
    pub fn actions(&self) -> &[Action] {
        &self.code.actions
    }

    /// The action with this key.
    pub fn action(&self, key: &str) -> Option<&Action> {
        self.actions().iter().find(|action| action.key == key)
    }

    /// Its sources.
    pub fn sources(&self) -> &[Source] {
        &self.code.sources
    }

    /// The source with this key.
    pub fn source(&self, key: &str) -> Option<&Source> {
        self.sources().iter().find(|source| source.key == key)
    }

    /// Its triggers.
    pub fn triggers(&self) -> &[Trigger] {
        &self.code.triggers
    }

    /// The trigger with this key.
    pub fn trigger(&self, key: &str) -> Option<&Trigger> {
        self.triggers().iter().find(|trigger| trigger.key == key)
    }

    /// Where its provider tells what has changed, if it does.
    pub fn feed(&self) -> Option<&Feed> {
        self.code.feed.as_ref()
    }
}

impl Catalogue {
    /// Reads the connectors that are built in, and those in the operator's `directory`. `allow` is
    /// the setting `outbound.allow`: a connector without TLS must be listed there.
    ///
    /// # Errors
    /// `invalid_connector`, with every problem of every folder.
    pub fn load(directory: Option<&Path>, allow: &[String]) -> Result<Self> {
        let built_in = FOLDERS.iter().map(|folder| {
            let provider = Arc::new(folder.provider()?);
            let (readme, icon) = (folder.readme.into(), folder.icon.into());
            let code = Arc::new(folder.code.map(|code| code()).unwrap_or_default());
            Ok(Connector { provider, readme, icon, code })
        });
        let own = match directory {
            Some(directory) => folder::read_all(directory, allow)?,
            None => Vec::new(),
        };
        let mut connectors = BTreeMap::new();
        let mut problems: Vec<Value> = Vec::new();
        for read in built_in.chain(own) {
            match read {
                Ok(connector) => {
                    connectors.insert(connector.provider.slug.clone(), connector);
                }
                Err(error) => problems.push(error.message().into()),
            }
        }
        if problems.is_empty() { Ok(Self { connectors }) } else { Err(invalid(problems)) }
    }

    /// The connector with this slug.
    pub fn get(&self, slug: &str) -> Option<&Connector> {
        self.connectors.get(slug)
    }

    /// All connectors by slug.
    pub fn iter(&self) -> impl Iterator<Item = &Connector> {
        self.connectors.values()
    }

    /// The providers, for [`connect::Connect::new`].
    pub fn providers(&self) -> impl Iterator<Item = Arc<Provider>> + '_ {
        self.iter().map(|connector| Arc::clone(&connector.provider))
    }
}

/// Reads the connectors that are built in.
///
/// # Errors
/// `invalid_connector`, with every problem of every folder.
pub fn catalogue() -> Result<Catalogue> {
    Catalogue::load(None, &[])
}

fn invalid(problems: Vec<Value>) -> Error {
    let lines: Vec<&str> = problems.iter().filter_map(Value::as_str).collect();
    Error::invalid("invalid_connector", lines.join("\n")).with_meta(json!({ "problems": problems }))
}
