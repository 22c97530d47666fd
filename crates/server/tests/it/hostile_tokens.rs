//! The door that user tokens pass, against what strangers can send, always the same: `fuzz/` goes
//! on from here.

use base::{Clock, ProjectId, Random, SigningKeyId, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use server::auth::signing_key;
use server::auth::user_token::verify;

fn runner(cases: u32) -> TestRunner {
    let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(Config::with_cases(cases), seed)
}

#[test]
fn no_token_that_the_key_did_not_sign_is_taken() {
    let (clock, random) = (Clock::test(Timestamp::from_secs(1_790_000_000)), Random::seeded(3));
    let project = ProjectId::new(&clock, &random).to_string();
    let pair = signing_key::generate().unwrap();
    let id = SigningKeyId::new(&clock, &random);
    let keys = [signing_key::verification_key(id, "RS256", &pair.public_key).unwrap()];
    let good = signing_key::sign(&pair.private_key, "ann", clock.now(), 3600).unwrap();
    let taken = |token: &str| verify(token, &keys, &[], &project, clock.now());
    assert!(taken(&good).is_ok());

    let part = prop_oneof![any::<String>(), "[A-Za-z0-9_-]{0,40}"];
    let made_up = proptest::collection::vec(part, 0..5).prop_map(|parts| parts.join("."));
    let bent = (0..good.len(), any::<u8>()).prop_map(|(place, byte)| {
        let mut bytes = good.clone().into_bytes();
        bytes[place] = byte;
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let checked = runner(2_000).run(&prop_oneof![made_up, bent], |token| {
        // The last character of a part holds bits that no decoder reads; the claims are the same.
        let same = taken(&token).is_ok_and(|verified| verified.subject == "ann");
        let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
        let unread = same && parts(&token)[..2] == parts(&good)[..2];
        prop_assert!(taken(&token).is_err() || token == good || unread, "{token}");
        Ok(())
    });
    checked.unwrap_or_else(|failure| panic!("{failure}"));
}
