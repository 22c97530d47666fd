//! However a host is spelt, what it resolves to is what is checked.

use std::net::Ipv4Addr;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;
use crate::outbound::guard;

/// Ways to write an IPv4 address that some resolver, browser or library understands.
fn spellings(ip: Ipv4Addr) -> Vec<String> {
    let [a, b, c, d] = ip.octets();
    let (word, low) = (ip.to_bits(), u16::from_be_bytes([c, d]));
    vec![
        ip.to_string(),
        format!("{ip}."),
        format!("{word}"),
        format!("{word:#x}"),
        format!("0{word:o}"),
        format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        format!("{a:#x}.{b:#x}.{c:#x}.{d:#x}"),
        format!("{a:#X}.{b}.{c:#x}.0{d:o}"),
        format!("{a}.{b}.{low}"),
        format!("{a}.{}", word & 0x00ff_ffff),
        format!("00{a:03}.{b}.{c}.{d}"),
        format!("[::ffff:{ip}]"),
        format!("[::{ip}]"),
        format!("[64:ff9b::{ip}]"),
        format!("[0:0:0:0:0:FFFF:{ip}]"),
        format!("[::ffff:{ip}%25lo]"),
        format!("{a}%2e{b}.{c}.{d}"),
        format!("{a}\u{3002}{b}\u{3002}{c}\u{3002}{d}"),
        format!("{a}\u{ff0e}{b}\u{ff61}{c}.{d}"),
        format!("public.example@{ip}"),
        format!("{ip}#@public.example"),
        format!("public.example\\@{ip}"),
    ]
}

#[test]
fn no_spelling_of_an_inner_address_is_called() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let inner = prop_oneof![
        any::<[u8; 3]>().prop_map(|[b, c, d]| Ipv4Addr::new(127, b, c, d)),
        any::<[u8; 3]>().prop_map(|[b, c, d]| Ipv4Addr::new(10, b, c, d)),
        any::<[u8; 2]>().prop_map(|[c, d]| Ipv4Addr::new(169, 254, c, d)),
        any::<[u8; 2]>().prop_map(|[c, d]| Ipv4Addr::new(192, 168, c, d)),
    ];
    let mut runner = TestRunner::new(Config::with_cases(24));
    let checked = runner.run(&inner, |ip| {
        for host in spellings(ip) {
            let Ok(uri) = format!("http://{host}:81/").parse::<Uri>() else { continue };
            if guard::require_plain(&uri).is_err() {
                continue;
            }
            let read = uri.host().unwrap_or_default().trim_matches(['[', ']']);
            let found = runtime.block_on(look_up(read, 81)).unwrap_or_default();
            let nothing = Allowed::default();
            let called = found.iter().find(|address| nothing.permits(read, address.ip()));
            prop_assert!(called.is_none(), "{host} reaches {called:?}");
            // Nor by a resolver that understands fewer spellings than this machine's.
            let canonical = url::Host::parse(uri.host().unwrap_or_default());
            if let Ok(url::Host::Ipv4(v4)) = canonical {
                prop_assert!(require_elsewhere(&nothing, &v4.to_string()).is_err(), "{host}");
                prop_assert!(require_elsewhere(&nothing, read).is_err(), "{host}");
            }
        }
        Ok(())
    });
    checked.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn a_host_in_its_usual_spelling_is_taken_and_a_login_before_it_is_not() {
    for plain in ["https://dev.azure.com/x", "http://8.8.8.8:8080/", "https://[2620:1ec::1]/"] {
        assert!(guard::require_plain(&plain.parse().unwrap()).is_ok(), "{plain}");
    }
    for odd in ["https://a@dev.azure.com/", "ftp://dev.azure.com/", "http://0x7f.1/", "/path"] {
        assert!(guard::require_plain(&odd.parse().unwrap()).is_err(), "{odd}");
    }
}

#[test]
fn an_egress_proxy_is_not_asked_for_this_machine() {
    let nothing = Allowed::default();
    for host in ["localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "::1", "169.254.169.254"] {
        assert_eq!(require_elsewhere(&nothing, host).expect_err(host).code(), "address_refused");
    }
    assert!(require_elsewhere(&nothing, "dev.azure.com").is_ok());
    let allowed = Allowed::parse(&["10.0.0.0/8".to_owned()]).unwrap();
    assert!(require_elsewhere(&allowed, "10.1.2.3").is_ok());
}
