//! Every form of an address, and every spelling of a form.

use std::net::Ipv4Addr;

use proptest::prelude::*;

use super::*;

fn permits(rules: &[&str], host: &str, ip: &str) -> bool {
    let rules: Vec<String> = rules.iter().map(|&rule| rule.to_owned()).collect();
    Allowed::parse(&rules).unwrap().permits(host, ip.parse().unwrap())
}

#[test]
fn public_addresses_are_called_and_inner_ones_are_not() {
    for ip in ["13.107.42.20", "8.8.8.8", "2620:1ec:21::20"] {
        assert!(permits(&[], "dev.azure.com", ip), "{ip}");
    }
    for ip in [
        "127.0.0.1",
        "10.1.2.3",
        "172.31.0.1",
        "192.168.0.1",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "::1",
        "::",
        "fc00::1",
        "fd12::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "2001:db8::1",
        "2001::1",
        "::127.0.0.1",
    ] {
        assert!(!permits(&[], "dev.azure.com", ip), "{ip}");
    }
}

#[test]
fn an_operator_can_allow_inner_addresses_by_host_address_or_network() {
    assert!(permits(&["crm.internal"], "CRM.internal", "10.1.2.3"));
    assert!(!permits(&["crm.internal"], "other.internal", "10.1.2.3"));
    assert!(permits(&["10.1.0.0/16"], "x", "10.1.200.3"));
    assert!(!permits(&["10.1.0.0/16"], "x", "10.2.0.1"));
    assert!(permits(&["127.0.0.1"], "x", "::ffff:127.0.0.1"));
    assert!(permits(&["fd12::/16"], "x", "fd12::9"));
}

#[test]
fn link_local_and_metadata_addresses_are_refused_whatever_is_allowed() {
    let everything = ["0.0.0.0/0", "::/0", "metadata"];
    for ip in [
        "169.254.169.254",
        "168.63.129.16",
        "100.100.100.200",
        "fe80::1",
        "fd00:ec2::254",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "0.0.0.0",
    ] {
        assert!(!permits(&everything, "metadata", ip), "{ip}");
    }
}

#[test]
fn a_rule_that_is_none_is_refused_by_name() {
    let error = Allowed::parse(&["10.0.0.0/33".to_owned()]).expect_err("no such network");
    assert!(error.message().contains("10.0.0.0/33"));
}

/// IPv4 networks that are not of the open internet.
const INNER: [(&str, u32); 15] = [
    ("0.0.0.0", 8),
    ("10.0.0.0", 8),
    ("100.64.0.0", 10),
    ("127.0.0.0", 8),
    ("169.254.0.0", 16),
    ("172.16.0.0", 12),
    ("192.0.0.0", 24),
    ("192.0.2.0", 24),
    ("192.88.99.0", 24),
    ("192.168.0.0", 16),
    ("198.18.0.0", 15),
    ("198.51.100.0", 24),
    ("203.0.113.0", 24),
    ("224.0.0.0", 4),
    ("240.0.0.0", 4),
];

fn inner() -> impl Strategy<Value = Ipv4Addr> {
    (0..INNER.len(), any::<u32>()).prop_map(|(index, bits)| {
        let (network, length) = INNER[index];
        let mask = u32::MAX << (32 - length);
        let network = network.parse::<Ipv4Addr>().unwrap().to_bits();
        Ipv4Addr::from_bits(network | (bits & !mask))
    })
}

fn outer() -> impl Strategy<Value = Ipv4Addr> {
    any::<u32>().prop_map(Ipv4Addr::from_bits).prop_filter("public", |ip| {
        !INNER.iter().any(|(network, length)| {
            let shift = 32 - length;
            network.parse::<Ipv4Addr>().unwrap().to_bits() >> shift == ip.to_bits() >> shift
        })
    })
}

/// The IPv6 addresses that stand, or once stood, for this IPv4 one.
fn forms(ip: Ipv4Addr) -> Vec<Ipv6Addr> {
    let bits = u128::from(ip.to_bits());
    vec![
        ip.to_ipv6_mapped(),
        Ipv6Addr::from_bits(bits),
        Ipv6Addr::from_bits((0xffff_u128 << 48) | bits),
        Ipv6Addr::from_bits((0x0064_ff9b_u128 << 96) | bits),
        Ipv6Addr::from_bits((0x0064_ff9b_0001_u128 << 80) | bits),
        Ipv6Addr::from_bits((0x2002_u128 << 112) | (bits << 80) | 1),
        Ipv6Addr::from_bits(
            (0x2001_u128 << 112) | (0x0808_0808_u128 << 64) | (!bits & 0xffff_ffff),
        ),
        Ipv6Addr::from_bits((0x2001_u128 << 112) | (bits << 64) | 0xf7f7_f7f7),
    ]
}

proptest! {
    #[test]
    fn no_form_of_an_inner_address_passes(ip in inner()) {
        let nothing = Allowed::default();
        prop_assert!(!nothing.permits("dev.azure.com", IpAddr::V4(ip)));
        for form in forms(ip) {
            prop_assert!(!nothing.permits("dev.azure.com", IpAddr::V6(form)), "{form}");
        }
    }

    #[test]
    fn a_public_address_passes_and_so_do_the_forms_that_reach_it(ip in outer()) {
        let (nothing, oracle) = (Allowed::default(), Ipv4Addr::new(192, 0, 0, 192));
        prop_assume!(ip != oracle && ip != Ipv4Addr::new(168, 63, 129, 16));
        prop_assert!(nothing.permits("dev.azure.com", IpAddr::V4(ip)));
        prop_assert!(nothing.permits("dev.azure.com", IpAddr::V6(ip.to_ipv6_mapped())));
        let nat64 = Ipv6Addr::from_bits((0x0064_ff9b_u128 << 96) | u128::from(ip.to_bits()));
        prop_assert!(nothing.permits("dev.azure.com", IpAddr::V6(nat64)));
    }

    #[test]
    fn no_form_of_a_metadata_or_link_local_address_passes_though_everything_is_allowed(
        low in any::<u16>(),
    ) {
        let everything = Allowed::parse(&["0.0.0.0/0".to_owned(), "::/0".to_owned()]).unwrap();
        let [high, low] = low.to_be_bytes();
        for ip in [Ipv4Addr::new(169, 254, high, low), Ipv4Addr::new(168, 63, 129, 16)] {
            prop_assert!(!everything.permits("x", IpAddr::V4(ip)));
            for form in forms(ip) {
                prop_assert!(!everything.permits("x", IpAddr::V6(form)), "{form}");
            }
        }
    }

    #[test]
    fn of_ipv6_only_global_unicast_passes(bits in any::<u128>()) {
        let ip = Ipv6Addr::from_bits(bits);
        let is_global = ip.segments()[0] & 0xe000 == 0x2000;
        prop_assert!(is_global || !Allowed::default().permits("x", IpAddr::V6(ip)));
    }
}
