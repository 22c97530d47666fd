//! Which crate may know which. ARCHITECTURE.md says why.

use std::collections::{BTreeMap, BTreeSet};

use tidy::{files, packages};

/// Which crates of ours each may be built with.
fn allowed() -> BTreeMap<&'static str, Vec<&'static str>> {
    BTreeMap::from([
        ("base", vec![]),
        ("store", vec!["base"]),
        ("connect", vec!["base", "store"]),
        ("connectors", vec!["base", "connect"]),
        ("engine", vec!["base", "connect", "connectors", "store"]),
        // Not `connect`: an emulator that shares our code would share our mistakes.
        ("sandbox", vec!["base"]),
        ("server", vec!["base", "connect", "connectors", "engine", "sandbox", "store"]),
        ("bench", vec!["base", "store"]),
        ("tidy", vec![]),
    ])
}

#[test]
fn a_crate_knows_only_the_crates_it_may_know() {
    let (allowed, packages) = (allowed(), packages());
    let ours: BTreeSet<_> = packages.iter().map(|package| package.name.as_str()).collect();
    for package in &packages {
        let may_know = allowed.get(package.name.as_str()).unwrap_or_else(|| {
            panic!("\"{}\" is new: give it a row in this test and in ARCHITECTURE.md", package.name)
        });
        for known in package.dependencies().intersection(&ours) {
            assert!(
                may_know.contains(known),
                "{} may not depend on {known}; see ARCHITECTURE.md",
                package.name
            );
        }
    }
}

#[test]
fn what_opens_an_outside_door_is_known_to_one_crate() {
    let doors = [
        ("sqlx", ["store"].as_slice()),
        ("hyper-rustls", &["connect"]),
        ("reqwest", &["connect"]),
        ("ureq", &["connect"]),
        ("chacha20poly1305", &["connect"]),
        ("aes-gcm", &["connect"]),
        ("rquickjs", &["engine"]),
        ("axum", &["server", "sandbox"]),
    ];
    for package in packages() {
        for (door, keepers) in doors {
            assert!(
                !package.dependencies().contains(door) || keepers.contains(&&*package.name),
                "{} may not depend on {door}: that is for {}",
                package.name,
                keepers.join(" and ")
            );
        }
    }
}

#[test]
fn http_clients_are_built_in_connect_alone() {
    // The sandbox stands for somebody else's service, which calls the targets of its hooks.
    let poster = "crates/sandbox/src/devops/hooks/post.rs";
    let elsewhere = |file: &&tidy::SourceFile| {
        !file.is_below("crates/connect") && !file.is_test() && !file.is_below(poster)
    };
    let names = [concat!("hyper_util::", "client"), concat!("hyper::", "client")];
    for file in files(&["rs"]).iter().filter(elsewhere) {
        for name in names {
            let path = file.path.display();
            assert!(!file.text.contains(name), "{path} names {name}: calls leave through connect");
        }
    }
}
