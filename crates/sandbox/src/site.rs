//! Which of the provider's hosts a request is for, and what addresses in the answer look like.

use std::net::IpAddr;

use http::uri::Authority;

/// One of the provider's hosts, or this machine, where all of them are served on one origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Site {
    /// `localhost` or a loopback address: everything is served.
    Any,
    /// `login.microsoftonline.com`: Entra ID.
    Login,
    /// `dev.azure.com`, and `{organization}.visualstudio.com`.
    DevAzure,
    /// `vssps.dev.azure.com`: profiles, identities, graph and tokens of one organization.
    Vssps,
    /// `app.vssps.visualstudio.com`: profile and accounts, with no organization in the path.
    AppVssps,
    /// `vsaex.dev.azure.com`: entitlements.
    Vsaex,
    /// `vsrm.dev.azure.com`: releases.
    Vsrm,
    /// `almsearch.dev.azure.com`: search.
    Almsearch,
    /// `feeds.dev.azure.com`: artifact feeds.
    Feeds,
    /// `pkgs.dev.azure.com`: packages.
    Pkgs,
    /// `analytics.dev.azure.com`: OData.
    Analytics,
    /// `auditservice.dev.azure.com`: the audit log.
    AuditService,
    /// `extmgmt.dev.azure.com`: extensions.
    Extmgmt,
    /// `advsec.dev.azure.com`: Advanced Security.
    Advsec,
}

/// Every site that has a host of its own.
pub const PROVIDER_HOSTS: [(Site, &str); 13] = [
    (Site::Login, "login.microsoftonline.com"),
    (Site::DevAzure, "dev.azure.com"),
    (Site::Vssps, "vssps.dev.azure.com"),
    (Site::AppVssps, "app.vssps.visualstudio.com"),
    (Site::Vsaex, "vsaex.dev.azure.com"),
    (Site::Vsrm, "vsrm.dev.azure.com"),
    (Site::Almsearch, "almsearch.dev.azure.com"),
    (Site::Feeds, "feeds.dev.azure.com"),
    (Site::Pkgs, "pkgs.dev.azure.com"),
    (Site::Analytics, "analytics.dev.azure.com"),
    (Site::AuditService, "auditservice.dev.azure.com"),
    (Site::Extmgmt, "extmgmt.dev.azure.com"),
    (Site::Advsec, "advsec.dev.azure.com"),
];

/// Hosts that carry an organization in front.
const ORGANIZATION_HOSTS: [(&str, Site); 2] =
    [(".vssps.visualstudio.com", Site::Vssps), (".visualstudio.com", Site::DevAzure)];

/// How the caller addressed the sandbox; every request carries it as an extension.
///
/// A request for `{organization}.visualstudio.com` arrives with the organization put in front of
/// its path and [`Site::DevAzure`], so a handler sees one form only. Repeated slashes in a path
/// are collapsed before any handler sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Which host it is for.
    pub site: Site,
    /// `http` or `https`.
    pub scheme: &'static str,
    /// Host and port as the caller wrote them.
    pub authority: Authority,
}

impl Origin {
    /// Scheme, host and port at which *this caller* reaches `site`, with no slash at the end: on
    /// this machine the origin they called, else the provider's own host.
    pub fn base_of(&self, site: Site) -> String {
        let host = PROVIDER_HOSTS.iter().find(|(one, _)| *one == site).map(|(_, host)| *host);
        match host {
            Some(host) if self.site != Site::Any => format!("https://{host}"),
            _ => format!("{}://{}", self.scheme, self.authority),
        }
    }
}

impl Site {
    /// The site a host name stands for, and the organization it names, if it is of the older form
    /// that carries one. `None` for a host that is none of the provider's and not this machine.
    pub(crate) fn of_host(host: &str) -> Option<(Self, Option<String>)> {
        let host = host.to_ascii_lowercase();
        if let Some((site, _)) = PROVIDER_HOSTS.iter().find(|(_, name)| *name == host) {
            return Some((*site, None));
        }
        for (suffix, site) in ORGANIZATION_HOSTS {
            if let Some(organization) = host.strip_suffix(suffix)
                && !organization.contains('.')
            {
                return Some((site, Some(organization.to_owned())));
            }
        }
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        let local = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
        local.then_some((Self::Any, None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_stands_for_one_site_and_an_older_host_for_its_organization_too() {
        let old = Some("acme".to_owned());
        assert_eq!(Site::of_host("DEV.azure.com"), Some((Site::DevAzure, None)));
        assert_eq!(Site::of_host("acme.visualstudio.com"), Some((Site::DevAzure, old.clone())));
        assert_eq!(Site::of_host("acme.vssps.visualstudio.com"), Some((Site::Vssps, old)));
        assert_eq!(Site::of_host("app.vssps.visualstudio.com"), Some((Site::AppVssps, None)));
        assert_eq!(Site::of_host("[::1]"), Some((Site::Any, None)));
        assert_eq!(Site::of_host("127.0.0.1"), Some((Site::Any, None)));
        assert_eq!(Site::of_host("example.com"), None);
    }
}
