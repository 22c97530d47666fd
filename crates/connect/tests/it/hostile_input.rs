//! What strangers can send, in bounded numbers and always the same: `fuzz/` goes on from here.

use std::collections::BTreeMap;

use base::Secret;
use connect::provider::Provider;
use connect::{Callback, CallbackQuery, InstallOptions};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::app::{App, CONNECTOR};

fn runner(cases: u32) -> TestRunner {
    let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(Config::with_cases(cases), seed)
}

/// Pieces of addresses that mean something to someone.
fn piece() -> impl Strategy<Value = String> {
    let known = [
        "/",
        "//",
        "\\",
        "..",
        ".",
        "%2e%2e",
        "%2f",
        "%5c",
        "@",
        ":",
        "#",
        "?",
        "_apis",
        "_odata",
        "/_/",
        "_",
        "dev.azure.com",
        "evil.example",
        "127.0.0.1",
        "[::1]",
        "https://",
        "graph",
        "acme",
        "%00",
        "\u{3002}",
        "\u{ff0e}",
        ".visualstudio.com",
        "$",
        "{organization}",
        "\t",
    ];
    prop_oneof![
        4 => proptest::sample::select(known.to_vec()).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

#[test]
fn no_path_leads_past_the_providers_hosts_or_the_accounts_organization() {
    let provider = Provider::parse("azuredevops", CONNECTOR).unwrap();
    let variables: BTreeMap<_, _> = [("organization".to_owned(), "acme".to_owned())].into();
    let path = proptest::collection::vec(piece(), 0..12).prop_map(|pieces| pieces.concat());
    let checked = runner(20_000).run(&path, |path| {
        let Ok(uri) = provider.resolve(&variables, &path) else { return Ok(()) };
        prop_assert_eq!(uri.scheme_str(), Some("https"));
        let authority = uri.authority().unwrap().as_str();
        let host = authority.to_ascii_lowercase();
        let is_its_own = ["dev.azure.com", "visualstudio.com"]
            .iter()
            .any(|own| host == *own || host.ends_with(&format!(".{own}")));
        prop_assert!(is_its_own, "{path:?} leads to {authority}");
        let climbs = uri.path().split('/').any(|segment| matches!(segment, "." | ".."));
        prop_assert!(!climbs, "{path:?} climbs");
        if !path.starts_with("/_/") && host == "dev.azure.com" {
            prop_assert!(uri.path().starts_with("/acme/"), "{path:?} leads to {uri}");
        }
        Ok(())
    });
    checked.unwrap_or_else(|failure| panic!("{failure}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn no_callback_that_we_did_not_ask_for_connects_anything() {
    let app = App::start().await;
    let popup = app.popup(InstallOptions::default()).await;
    let state = crate::app::query_of(&popup.authorize_url).state;
    let text = || proptest::option::of(prop_oneof![any::<String>(), "[A-Za-z0-9_-]{43}"]);
    let state = proptest::option::of(prop_oneof![
        any::<String>(),
        "[A-Za-z0-9_-]{43}",
        Just(state.unwrap()),
    ]);
    let query = (text(), state, text(), text(), text(), text(), text());
    let runtime = tokio::runtime::Handle::current();
    tokio::task::block_in_place(|| {
        let checked =
            runner(300).run(&query, |(code, state, error, said, iss, consent, cookie)| {
                let query = CallbackQuery {
                    code: code.map(Secret::new),
                    state,
                    error,
                    error_description: said,
                    iss,
                    admin_consent: consent,
                };
                let came = runtime.block_on(app.connect.finish_oauth(query, cookie.as_deref()));
                let is_refused = matches!(came, Callback::Failed { .. });
                prop_assert!(is_refused, "{came:?}");
                Ok(())
            });
        checked.unwrap_or_else(|failure| panic!("{failure}"));
    });
    assert!(app.credentials().await.is_empty());
}
