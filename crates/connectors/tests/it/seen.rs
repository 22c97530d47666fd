//! What each provider is sent, connector by connector: the page where people sign in, the exchange
//! of the code, the question who it is, one proxied call, and what gives the access back.

use std::path::Path;
use std::sync::Arc;

use connect::Provider;
use connect::provider::{FieldKind, Scheme};
use connectors::{Catalogue, catalogue};

use crate::host::Host;
use crate::outside::Outside;

#[tokio::test]
async fn every_provider_is_asked_in_its_own_way() {
    for connector in catalogue().unwrap().iter() {
        let provider = &connector.provider;
        let mut shown = String::new();
        for account_type in &provider.account_types {
            shown.push_str(&format!("# {}\n\n", account_type.id));
            shown.push_str(&connected(provider, &account_type.id).await);
        }
        insta::assert_snapshot!(provider.slug.clone(), shown);
    }
}

#[tokio::test]
async fn an_operators_own_connector_takes_every_way_to_connect() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/directory");
    let catalogue = Catalogue::load(Some(&fixtures), &[]).unwrap();
    let provider = &catalogue.get("custom.acmecrm").unwrap().provider;
    let mut shown = String::new();
    for account_type in &provider.account_types {
        shown.push_str(&format!("# {}\n\n", account_type.id));
        shown.push_str(&connected(provider, &account_type.id).await);
    }
    insta::assert_snapshot!("acmecrm", shown);
}

async fn connected(provider: &Arc<Provider>, account_type: &str) -> String {
    let outside = Outside::playing(provider).await;
    let host = Host::with(provider, &outside).await;
    let kind = provider.account_type(Some(account_type)).unwrap();
    let typed: Vec<(&str, String)> = kind
        .fields
        .iter()
        .map(|field| {
            let account = provider.account.as_ref().is_some_and(|a| a.variable == field.id);
            let value = match (account, field.kind) {
                (true, _) => "acme".to_owned(),
                (false, FieldKind::Text) => format!("typed-{}", field.id),
                (false, FieldKind::Password) => format!("secret-{}", field.id),
            };
            (field.id.as_str(), value)
        })
        .collect();
    let typed: Vec<(&str, &str)> = typed.iter().map(|(id, value)| (*id, &**value)).collect();
    let mut shown = Vec::new();
    if kind.scheme == Scheme::Oauth {
        let page = host.signs_in(account_type, &typed).await;
        shown.push(format!("The browser goes to\n{}", readable(page.as_str())));
    } else {
        host.types(account_type, &typed).await;
    }
    host.calls("/things?limit=1").await;
    host.disconnects().await;
    shown.extend(outside.seen().iter().map(|request| hidden(request)));
    shown.join("\n\n") + "\n\n"
}

/// An address with one parameter a line, those that change left out.
fn readable(address: &str) -> String {
    let (page, query) = address.split_once('?').unwrap();
    let parameters = query.split('&').map(|pair| match pair.split_once('=').unwrap() {
        (name @ ("state" | "code_challenge"), _) => format!("  {name}=…"),
        (name, value) => format!("  {name}={value}"),
    });
    format!("{page}\n{}", parameters.collect::<Vec<_>>().join("\n"))
}

/// The verifier is another each time.
fn hidden(request: &str) -> String {
    let mut shown = request.to_owned();
    for (mark, end) in [("code_verifier=", '&'), ("\"code_verifier\":\"", '"')] {
        if let Some(at) = shown.find(mark) {
            let from = at + mark.len();
            let to = shown[from..].find(end).map_or(shown.len(), |length| from + length);
            shown.replace_range(from..to, "…");
        }
    }
    let lines = shown.lines().filter(|line| !line.starts_with("content-length: "));
    lines.collect::<Vec<_>>().join("\n")
}
