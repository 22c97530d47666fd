//! Which socket addresses may be called. Names are checked by what they resolve to, at the moment
//! of connecting, so that a name cannot change its mind in between.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use base::{Error, Result};

/// Addresses that are not public and may be reached all the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Allowed {
    hosts: Vec<String>,
    networks: Vec<(IpAddr, u8)>,
}

impl Allowed {
    /// Reads hosts, addresses and CIDRs.
    pub fn parse(rules: &[String]) -> Result<Self> {
        let mut allowed = Self::default();
        for rule in rules {
            let (address, bits) =
                rule.split_once('/').map_or((rule.as_str(), None), |(a, b)| (a, Some(b)));
            match (address.parse::<IpAddr>(), bits) {
                (Ok(ip), None) => allowed.networks.push((ip, width(ip))),
                (Ok(ip), Some(bits)) => match bits.parse::<u8>() {
                    Ok(bits) if bits <= width(ip) => allowed.networks.push((ip, bits)),
                    _ => return Err(wrong_rule(rule)),
                },
                (Err(_), None) if !address.is_empty() => allowed.hosts.push(address.to_lowercase()),
                (Err(_), _) => return Err(wrong_rule(rule)),
            }
        }
        Ok(allowed)
    }

    /// Whether `host`, found at `ip`, may be called.
    pub fn permits(&self, host: &str, ip: IpAddr) -> bool {
        let ip = plain(ip);
        if is_never_allowed(ip) {
            return false;
        }
        is_public(ip)
            || self.hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
            || self.networks.iter().any(|(network, bits)| contains(*network, *bits, ip))
    }
}

fn wrong_rule(rule: &str) -> Error {
    Error::invalid(
        "outbound_allow",
        format!("outbound.allow: \"{rule}\" is neither a host nor an address nor a CIDR."),
    )
}

const fn width(ip: IpAddr) -> u8 {
    match ip {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// An IPv4 address that hides in an IPv6 one, out in the open.
fn plain(ip: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = ip else { return ip };
    let s = v6.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match s {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            embedded(high, low)
        }
        [0x2002, high, low, ..] => embedded(high, low),
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => embedded(high, low),
        _ => ip,
    }
}

/// Link-local addresses and those where clouds serve their machines' secrets.
fn is_never_allowed(ip: IpAddr) -> bool {
    const METADATA: [IpAddr; 4] = [
        IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
        IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
        IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
        IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    ];
    METADATA.contains(&ip)
        || match ip {
            IpAddr::V4(v4) => v4.is_link_local() || v4.is_unspecified() || v4.is_broadcast(),
            IpAddr::V6(v6) => v6.segments()[0] & 0xffc0 == 0xfe80 || v6.is_unspecified(),
        }
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            !(a == 0
                || a == 10
                || a == 127
                || (a == 100 && (64..128).contains(&b))
                || (a == 172 && (16..32).contains(&b))
                || (a == 192 && b == 168)
                || (a == 192 && b == 0 && (c == 0 || c == 2))
                || (a == 198 && (b == 18 || b == 19))
                || (a == 198 && b == 51 && c == 100)
                || (a == 203 && b == 0 && c == 113)
                || a >= 224)
        }
        // Of IPv6 only global unicast is public; its special corners are not.
        IpAddr::V6(v6) => {
            let s = v6.segments();
            s[0] & 0xe000 == 0x2000
                && !(s[0] == 0x2001 && (s[1] < 0x200 || s[1] == 0xdb8))
                && s[0] != 0x3fff
        }
    }
}

fn contains(network: IpAddr, bits: u8, ip: IpAddr) -> bool {
    let same = |one: u128, other: u128, width: u32| {
        let shift = width - u32::from(bits);
        one.checked_shr(shift).unwrap_or(0) == other.checked_shr(shift).unwrap_or(0)
    };
    match (network, ip) {
        (IpAddr::V4(n), IpAddr::V4(ip)) => same(n.to_bits().into(), ip.to_bits().into(), 32),
        (IpAddr::V6(n), IpAddr::V6(ip)) => same(n.to_bits(), ip.to_bits(), 128),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
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
}
