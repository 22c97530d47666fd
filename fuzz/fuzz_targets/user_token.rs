//! No token is taken that the project's key did not sign.
#![no_main]

use std::sync::LazyLock;

use base::{Clock, Random, SigningKeyId, Timestamp};
use libfuzzer_sys::fuzz_target;
use server::auth::signing_key;
use server::auth::user_token::{VerificationKey, verify};

/// Its private half is thrown away.
static KEY: LazyLock<VerificationKey> = LazyLock::new(|| {
    let id = SigningKeyId::new(&Clock::system(), &Random::system());
    let pair = signing_key::generate().expect("a key");
    signing_key::verification_key(id, "RS256", &pair.public_key).expect("a key")
});

fuzz_target!(|token: &str| {
    let keys = std::slice::from_ref(&*KEY);
    assert!(verify(token, keys, &[], "project", Timestamp::from_secs(1_790_000_000)).is_err());
});
