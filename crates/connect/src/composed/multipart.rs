//! Fields and files as `multipart/form-data` (RFC 7578).

use base::{Error, ProjectId, Result};
use bytes::Bytes;
use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::body::Piece;
use super::resolver::{Resolver, scalar};
use crate::Connect;
use crate::files::FileValue;
use crate::reference;

/// How many parts a body may have.
const PARTS_MAX: usize = 200;

/// The pieces of the body, between lines of `boundary`.
pub(super) async fn encode(
    connect: &Connect,
    project_id: ProjectId,
    fields: &Map<String, Value>,
    boundary: &str,
    resolver: &mut Resolver,
) -> Result<Vec<Piece>> {
    let (mut pieces, mut parts) = (Vec::new(), 0);
    for (name, value) in fields {
        let name = reference::unescape_key(name);
        let values = match value {
            Value::Array(items) => items.iter().collect(),
            value => vec![value],
        };
        for value in values {
            parts += 1;
            if parts > PARTS_MAX {
                let message = format!("The body has more than {PARTS_MAX} parts.");
                return Err(Error::invalid("body_too_long", message));
            }
            let head = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"",
                quoted(name)
            );
            part(connect, project_id, (head, name), value, resolver, &mut pieces).await?;
        }
    }
    pieces.push(text(format!("--{boundary}--\r\n")));
    Ok(pieces)
}

async fn part(
    connect: &Connect,
    project_id: ProjectId,
    (head, name): (String, &str),
    value: &Value,
    resolver: &mut Resolver,
    pieces: &mut Vec<Piece>,
) -> Result<()> {
    if let Ok(file) = FileValue::deserialize(value) {
        let (file, bytes) = connect.open_file(project_id, &file).await?;
        let (called, kind) = (quoted(&file.name), one_line(&file.mime_type));
        pieces.push(text(format!("{head}; filename=\"{called}\"\r\nContent-Type: {kind}\r\n\r\n")));
        pieces.push(Piece::File(bytes, file.size));
        pieces.push(text("\r\n".to_owned()));
        return Ok(());
    }
    match resolver.value(value)? {
        value @ Value::Object(_) => {
            pieces
                .push(text(format!("{head}\r\nContent-Type: application/json\r\n\r\n{value}\r\n")));
        }
        value => {
            if let Some(value) = scalar(value, &format!("The field \"{name}\""))? {
                pieces.push(text(format!("{head}\r\n\r\n{value}\r\n")));
            }
        }
    }
    Ok(())
}

fn text(text: String) -> Piece {
    Piece::Bytes(Bytes::from(text))
}

/// A name between quotation marks, as browsers write it.
fn quoted(name: &str) -> String {
    name.replace('\r', "%0D").replace('\n', "%0A").replace('"', "%22")
}

fn one_line(kind: &str) -> String {
    kind.chars().filter(|c| !c.is_control()).collect()
}
