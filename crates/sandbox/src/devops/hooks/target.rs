//! Where notifications may be sent.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::settings::HookTargets;

/// The address of a target, if it may be one; else why not.
pub fn check(text: &str, has_password: bool, allowed: HookTargets) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("'{text}' is not a URL: {error}."))?;
    if !["http", "https"].contains(&url.scheme()) {
        return Err(format!("The URL '{text}' must begin with http or https."));
    }
    let is_local = match url.host() {
        Some(Host::Domain(name)) => is_local_name(name),
        Some(Host::Ipv4(address)) => !is_public(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => !is_public(IpAddr::V6(address)),
        None => return Err(format!("The URL '{text}' has no host.")),
    };
    if allowed == HookTargets::PublicHttps {
        if is_local {
            return Err(format!("The URL '{text}' is not a public address."));
        }
        if url.scheme() != "https" {
            return Err(format!("The URL '{text}' must begin with https."));
        }
    }
    if has_password && url.scheme() != "https" && !is_local {
        return Err("Basic authentication needs a URL that begins with https.".to_owned());
    }
    Ok(url)
}

fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost") || !name.contains('.')
}

/// Whether an address is one of the public network.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => is_public_v4(address),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    let shared = first == 100 && (64..128).contains(&second);
    !(address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_unspecified()
        || address.is_broadcast()
        || address.is_multicast()
        || shared)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    !(address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || address.is_unique_local()
        || address.is_unicast_link_local())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_a_target_until_the_strict_rule_is_on() {
        let ok = |text: &str, password, allowed| check(text, password, allowed).is_ok();
        use HookTargets::{Anywhere, PublicHttps};
        for local in
            ["http://localhost:80/x", "http://127.0.0.1/", "http://[::1]/", "http://10.0.0.1"]
        {
            assert!(ok(local, true, Anywhere), "{local}");
            assert!(!ok(local, false, PublicHttps), "{local}");
            assert!(!ok(&local.replace("http:", "https:"), false, PublicHttps), "{local}");
        }
        assert!(ok("https://example.com/x", true, PublicHttps));
        assert!(!ok("http://example.com/x", false, PublicHttps));
        assert!(ok("http://example.com/x", false, Anywhere));
        assert!(!ok("http://example.com/x", true, Anywhere));
        assert!(!ok("ftp://example.com/x", false, Anywhere));
        assert!(!ok("nonsense", false, Anywhere));
        assert!(!ok("https://[::ffff:10.0.0.1]/", false, PublicHttps));
    }
}
