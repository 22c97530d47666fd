//! The command lines of PostgreSQL's own tools, for this installation's database. The password is
//! never among them: a command line is read by others.

use std::path::Path;

use anyhow::{Context as _, Result};
use url::Url;

/// The parameters of an address that PostgreSQL's tools know too and that hold no secret.
const PARAMETERS: [&str; 8] =
    ["dbname", "host", "hostaddr", "options", "port", "sslmode", "sslrootcert", "user"];

/// How to make a backup that only its owner may read.
pub fn dump_line(url: &str, file: &Path) -> Result<String> {
    let (file, url) = (quoted(&file.display().to_string()), quoted(&without_password(url)?));
    Ok(format!("  (umask 077 && pg_dump --format=custom --file={file} --dbname={url})\n{PASSWORD}"))
}

/// How to put a backup into an empty database.
pub fn restore_line(url: &str, file: &Path) -> Result<String> {
    let (file, url) = (quoted(&file.display().to_string()), quoted(&without_password(url)?));
    Ok(format!(
        "  pg_restore --no-owner --single-transaction --exit-on-error --dbname={url} {file}\n\
         {PASSWORD}"
    ))
}

const PASSWORD: &str = "The password is asked for, or taken from PGPASSWORD or ~/.pgpass.";

fn without_password(url: &str) -> Result<String> {
    let mut url = Url::parse(url).context("The database's address cannot be read.")?;
    let known = url.query_pairs().filter(|(name, _)| PARAMETERS.contains(&name.as_ref()));
    let known: Vec<String> =
        known.map(|(name, value)| format!("{name}={}", escaped(&value))).collect();
    url.set_query((!known.is_empty()).then(|| known.join("&")).as_deref());
    // An address without a host takes no password either.
    let _ = url.set_password(None);
    Ok(url.to_string())
}

/// As PostgreSQL reads it: a blank is %20 and never a plus sign.
fn escaped(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>().replace('+', "%20")
}

/// As a shell takes it for one word.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_names_the_database_without_its_password() {
        let url = "postgres://ann:hunter2@db:5433/gangway?sslmode=require&password=hunter3\
                   &statement-cache-capacity=9&options=-c%20a%3Db";
        let line = dump_line(url, Path::new("it's.dump")).unwrap();
        assert!(!line.contains("hunter"), "{line}");
        assert_eq!(
            line.lines().next().unwrap(),
            "  (umask 077 && pg_dump --format=custom --file='it'\\''s.dump' \
             --dbname='postgres://ann@db:5433/gangway?sslmode=require&options=-c%20a%3Db')"
        );
        let line = restore_line(url, Path::new("a.dump")).unwrap();
        assert!(line.contains("pg_restore") && !line.contains("hunter"), "{line}");
    }
}
