//! No path leads past the provider's hosts.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use connect::Provider;
use libfuzzer_sys::fuzz_target;

const CONNECTOR: &str = include_str!("../../crates/connectors/catalog/azuredevops/connector.toml");

static PROVIDER: LazyLock<Provider> =
    LazyLock::new(|| Provider::parse("azuredevops", CONNECTOR).expect("the connector is sound"));

fuzz_target!(|path: &str| {
    let variables = BTreeMap::from([("organization".to_owned(), "acme".to_owned())]);
    if let Ok(uri) = PROVIDER.resolve(&variables, path) {
        let host = uri.authority().map_or("", |authority| authority.as_str()).to_ascii_lowercase();
        let of = |own: &str| host == own || host.ends_with(&format!(".{own}"));
        assert!(
            uri.scheme_str() == Some("https") && (of("dev.azure.com") || of("visualstudio.com"))
        );
        assert!(!uri.path().split('/').any(|segment| matches!(segment, "." | "..")));
    }
});
