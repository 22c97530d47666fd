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

/// The IPv4 address that a connection to this IPv6 one really reaches.
fn plain(ip: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = ip else { return ip };
    match v6.segments() {
        // Mapped (RFC 4291), and what a NAT64 translates (RFC 6052).
        [0, 0, 0, 0, 0, 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => {
            IpAddr::V4(embedded(v6, LAST))
        }
        _ => ip,
    }
}

fn embedded(ip: Ipv6Addr, places: Places) -> Ipv4Addr {
    let octets = ip.octets();
    Ipv4Addr::from(places.map(|place| octets[place]))
}

/// The places of an IPv4 address in an IPv6 one.
type Places = [usize; 4];
const LAST: Places = [12, 13, 14, 15];

/// The IPv4 addresses that an old or local form of translation could make of an IPv6 one.
fn hidden(ip: Ipv6Addr) -> impl Iterator<Item = Ipv4Addr> {
    let is_teredo = matches!(ip.segments(), [0x2001, 0, ..]);
    let places: &'static [Places] = match ip.segments() {
        // Compatible (RFC 4291), and translated (RFC 2765).
        [0, 0, 0, 0, 0, 0, ..] | [0, 0, 0, 0, 0xffff, 0, ..] => &[LAST],
        // NAT64 of a network's own (RFC 8215), by each length a prefix can have there.
        [0x64, 0xff9b, 1, ..] => &[[6, 7, 9, 10], [7, 9, 10, 11], [9, 10, 11, 12], LAST],
        // 6to4 (RFC 3056).
        [0x2002, ..] => &[[2, 3, 4, 5]],
        // Teredo's server (RFC 4380).
        _ if is_teredo => &[[4, 5, 6, 7]],
        _ => &[],
    };
    // Teredo's client, whose bits are inverted.
    let client = is_teredo.then(|| Ipv4Addr::from_bits(!embedded(ip, LAST).to_bits()));
    places.iter().map(move |places| embedded(ip, *places)).chain(client)
}

/// Link-local addresses and those where clouds serve their machines' secrets.
fn is_never_allowed(ip: IpAddr) -> bool {
    const METADATA: [Ipv4Addr; 3] = [
        Ipv4Addr::new(168, 63, 129, 16),
        Ipv4Addr::new(100, 100, 100, 200),
        Ipv4Addr::new(192, 0, 0, 192),
    ];
    match ip {
        IpAddr::V4(v4) => {
            METADATA.contains(&v4) || v4.is_link_local() || v4.octets()[0] == 0 || v4.is_broadcast()
        }
        IpAddr::V6(v6) => {
            let is_metadata =
                matches!(v6.segments(), [0xfd00, 0xec2, ..] | [0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254]);
            let is_loopback = v6.is_loopback();
            is_metadata
                || v6.is_unicast_link_local()
                || v6.is_unspecified()
                || (!is_loopback && hidden(v6).any(|v4| is_never_allowed(IpAddr::V4(v4))))
        }
    }
}

/// Whether the address is one of the open internet, by IANA's registries of special addresses.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            !(a == 0
                || a == 10
                || a == 127
                || (a == 100 && (64..128).contains(&b))
                || (a == 169 && b == 254)
                || (a == 172 && (16..32).contains(&b))
                || (a == 192 && b == 168)
                || (a == 192 && b == 0 && (c == 0 || c == 2))
                || (a == 192 && b == 88 && c == 99)
                || (a == 198 && (b == 18 || b == 19))
                || (a == 198 && b == 51 && c == 100)
                || (a == 203 && b == 0 && c == 113)
                || a >= 224)
        }
        // Of IPv6 only global unicast is public, and of that neither IETF protocols (Teredo among
        // them) nor documentation nor 6to4, whose relays are gone.
        IpAddr::V6(v6) => {
            let s = v6.segments();
            s[0] & 0xe000 == 0x2000
                && !(s[0] == 0x2001 && (s[1] < 0x200 || s[1] == 0xdb8))
                && s[0] != 0x2002
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
mod tests;
