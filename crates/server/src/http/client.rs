//! Where a request comes from.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;

use crate::config::Network;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The client's address. `X-Forwarded-For` is believed as far as reverse proxies that we trust
/// have written it: the last address in it that is not one of theirs is the client's.
pub fn address(peer: SocketAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let mut client = peer.ip().to_canonical();
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let named: Vec<&str> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
        .collect();
    for text in named.into_iter().rev() {
        match text.trim().parse::<IpAddr>() {
            Ok(before) if is_trusted(client) => client = before.to_canonical(),
            _ => break,
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded_for: &str, trusted: &[&str]) -> String {
        let trusted: Vec<Network> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        headers.insert(FORWARDED_FOR, forwarded_for.parse().unwrap());
        address(SocketAddr::new(peer.parse().unwrap(), 1), &headers, &trusted).to_string()
    }

    #[test]
    fn only_what_trusted_reverse_proxies_wrote_is_believed() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(client("192.0.2.1", "198.51.100.7", &trusted), "192.0.2.1");
        assert_eq!(client("10.0.0.1", "198.51.100.7", &trusted), "198.51.100.7");
        assert_eq!(client("10.0.0.1", "1.1.1.1, 198.51.100.7, 10.0.0.2", &trusted), "198.51.100.7");
        assert_eq!(client("::ffff:10.0.0.1", "nonsense, 198.51.100.7", &trusted), "198.51.100.7");
        assert_eq!(client("10.0.0.1", "nonsense", &trusted), "10.0.0.1");
    }
}
