//! Reads connectors out of the operator's own directory.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use base::{Error, Result};
use connect::Provider;
use connect::provider::CUSTOM;

use crate::Connector;

/// The largest file of a connector.
const FILE_BYTES_MAX: u64 = 256 * 1024;

/// Each folder of `directory`, by name; one that begins with a dot is passed over.
///
/// # Errors
/// When the directory itself cannot be read.
pub fn read_all(directory: &Path, allow: &[String]) -> Result<Vec<Result<Connector>>> {
    let unreadable = |cause: std::io::Error| {
        let message =
            format!("connectors.directory: {} cannot be read: {cause}.", directory.display());
        Error::invalid("connectors_directory", message)
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() && !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    Ok(names.iter().map(|name| read(&directory.join(name), name, allow)).collect())
}

fn read(folder: &Path, name: &str, allow: &[String]) -> Result<Connector> {
    let mut problems = Vec::new();
    let mut file = |file: &str| match read_text(&folder.join(file)) {
        Ok(text) => text,
        Err(cause) => {
            problems.push(format!("{name}/{file}: {cause}"));
            String::new()
        }
    };
    let (specification, readme, icon) =
        (file("connector.toml"), file("README.md"), file("icon.svg"));
    if !icon.is_empty() && !icon.trim_start().starts_with("<svg ") {
        problems.push(format!("{name}/icon.svg: it must be an SVG document, beginning with <svg"));
    }
    let parsed = (!specification.is_empty())
        .then(|| Provider::parse(&format!("{CUSTOM}{name}"), &specification));
    let provider = match parsed {
        Some(Ok(provider)) => Some(provider),
        Some(Err(error)) => {
            problems.push(error.message().to_owned());
            None
        }
        None => None,
    };
    for host in provider.iter().flat_map(|provider| provider.unlisted_plain_hosts(allow)) {
        problems.push(format!(
            "{name}/connector.toml: plain_http sends tokens to \"{host}\" without TLS; list that \
             host in outbound.allow if it is in your own network"
        ));
    }
    match provider {
        Some(provider) if problems.is_empty() => {
            let (provider, code) = (Arc::new(provider), Arc::default());
            Ok(Connector { provider, readme: readme.into(), icon: icon.into(), code })
        }
        _ => Err(Error::invalid("invalid_connector", problems.join("\n"))),
    }
}

fn read_text(file: &Path) -> std::result::Result<String, String> {
    let opened = fs::File::open(file).map_err(|cause| cause.to_string())?;
    let mut text = String::new();
    let read = opened.take(FILE_BYTES_MAX + 1).read_to_string(&mut text);
    match read {
        Err(cause) => Err(cause.to_string()),
        Ok(0) => Err("it is empty".to_owned()),
        Ok(size) if size as u64 > FILE_BYTES_MAX => {
            Err(format!("it is longer than {FILE_BYTES_MAX} bytes"))
        }
        Ok(_) => Ok(text),
    }
}
