//! No callback connects anything that nobody has asked for.
#![no_main]

use std::sync::{Arc, LazyLock};

use base::{Clock, Random, Secret};
use connect::{Callback, CallbackQuery, Connect, ConnectConfig, MasterKeys, Provider};
use libfuzzer_sys::fuzz_target;
use store::Store;
use tokio::runtime::{Builder, Runtime};

const CONNECTOR: &str = include_str!("../../crates/connectors/catalog/azuredevops/connector.toml");

/// A piece of input for each parameter; none where the piece is empty.
type Pieces = (String, String, String, String, String, String, String);

static CONNECT: LazyLock<(Runtime, Connect)> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let file = std::env::temp_dir().join(format!("gangway-fuzz-{}.db", std::process::id()));
    let store = runtime.block_on(Store::open(&format!("sqlite://{}", file.display())));
    let store = store.expect("a database");
    let provider = Provider::parse("azuredevops", CONNECTOR).expect("the connector is sound");
    let random = Random::system();
    let keys = MasterKeys::random(&random);
    let config = ConnectConfig::new("http://localhost:8080");
    let connect = Connect::new(store, Clock::system(), random, keys, [Arc::new(provider)], config);
    (runtime, connect.expect("the settings are good"))
});

fuzz_target!(|pieces: Pieces| {
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    let (code, state, error, said, iss, consent, cookie) = pieces;
    let query = CallbackQuery {
        code: some(code).map(Secret::new),
        state: some(state),
        error: some(error),
        error_description: some(said),
        iss: some(iss),
        admin_consent: some(consent),
    };
    let (runtime, connect) = &*CONNECT;
    let came = runtime.block_on(connect.finish_oauth(query, some(cookie).as_deref()));
    assert!(matches!(came, Callback::Failed { .. }), "{came:?}");
});
