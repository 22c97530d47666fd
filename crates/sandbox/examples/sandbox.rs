//! Starts a sandbox on free ports with nothing kept, says on one line of JSON where it is and how
//! to get in, and runs until its standard input ends.

use std::io::Write as _;

use base::{Clock, Random};
use sandbox::{DEVELOPMENT_CLIENT_ID, DEVELOPMENT_CLIENT_SECRET, Options, Sandbox};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let sandbox = Sandbox::start(Options::in_memory(Clock::system(), Random::system())).await?;
    let people: Vec<Value> = sandbox
        .world()
        .directory
        .people
        .iter()
        .map(|person| {
            let organizations = person.organizations.iter().chain(&person.unlisted_organizations);
            let pats = organizations.map(|one| (one.clone(), json!(person.pat(one))));
            json!({
                "name": person.name,
                "login": person.upn,
                "pats": pats.collect::<serde_json::Map<_, _>>(),
            })
        })
        .collect();
    let info = json!({
        "http": sandbox.http_url(),
        "https": sandbox.https_url(),
        "ca": sandbox.ca_pem(),
        "client_id": DEVELOPMENT_CLIENT_ID,
        "client_secret": DEVELOPMENT_CLIENT_SECRET,
        "people": people,
    });
    writeln!(std::io::stdout(), "{info}")?;
    // The end of the input, not a signal, so that a sandbox never outlives whoever started it.
    let ended = || std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    tokio::task::spawn_blocking(ended).await.map_err(std::io::Error::other)??;
    sandbox.shutdown().await;
    Ok(())
}
