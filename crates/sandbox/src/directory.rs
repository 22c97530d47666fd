//! Who exists: people, tenants, organizations and client applications, the same in every run.

use std::sync::Arc;

use http::Uri;
use uuid::{Uuid, uuid};

mod pat;
mod seed;

pub use pat::Pat;

/// The client id of the application that development mode signs people in with.
pub const DEVELOPMENT_CLIENT_ID: &str = "5a4db0c5-0000-4000-8000-000000000001";
/// Its client secret.
pub const DEVELOPMENT_CLIENT_SECRET: &str = "sandbox~development~client~secret";
/// A public client (no secret), for clients on a person's own machine.
pub const PUBLIC_CLIENT_ID: &str = "5a4db0c5-0000-4000-8000-000000000002";
/// An application whose only secret has expired: every token request fails with AADSTS7000222.
pub const EXPIRED_SECRET_CLIENT_ID: &str = "5a4db0c5-0000-4000-8000-000000000003";
/// The expired secret itself.
pub const EXPIRED_CLIENT_SECRET: &str = "sandbox~expired~client~secret";
/// An application its owner has disabled: AADSTS7000112.
pub const DISABLED_CLIENT_ID: &str = "5a4db0c5-0000-4000-8000-000000000004";
/// Its client secret.
pub const DISABLED_CLIENT_SECRET: &str = "sandbox~disabled~client~secret";

/// The tenant of acme and globex and of the people who work there.
pub const ACME_TENANT: Uuid = uuid!("ac3e0000-0000-4000-8000-000000000001");
/// The tenant of initech, where only an administrator may consent to applications.
pub const INITECH_TENANT: Uuid = uuid!("141eccc0-0000-4000-8000-000000000001");
/// The tenant that every personal Microsoft account is in.
pub const PERSONAL_TENANT: Uuid = uuid!("9188040d-6c67-4c5b-b112-36a304b66dad");

/// Everyone and everything that exists. It never changes while the sandbox runs.
#[derive(Debug)]
pub struct Directory {
    /// Every tenant.
    pub tenants: Vec<Tenant>,
    /// Every Azure DevOps organization.
    pub organizations: Vec<Organization>,
    /// Everyone who can sign in.
    pub people: Vec<Arc<Person>>,
    /// The identities applications act under when they act for themselves.
    pub service_principals: Vec<Arc<Person>>,
    /// Every registered client application.
    pub applications: Vec<ClientApp>,
}

/// A directory of Entra ID.
#[derive(Debug)]
pub struct Tenant {
    /// Its id.
    pub id: Uuid,
    /// Its domain, which stands for the id in addresses.
    pub domain: String,
    /// What pages call it.
    pub name: String,
    /// Whether people cannot consent to applications themselves.
    pub admin_consent_required: bool,
}

/// An Azure DevOps organization.
#[derive(Debug)]
pub struct Organization {
    /// Its name in addresses.
    pub name: String,
    /// Its id.
    pub id: Uuid,
    /// The tenant whose people it admits.
    pub tenant_id: Uuid,
}

/// How an account came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonKind {
    /// A member of a company's tenant.
    Work,
    /// A personal Microsoft account.
    Personal,
    /// Someone from elsewhere who was invited into the tenant.
    Guest,
    /// No person: an application that acts for itself.
    ServicePrincipal,
}

/// Someone who can call: a person, or an application that acts for itself.
#[derive(Debug)]
pub struct Person {
    /// The short name by which tests and pages pick them: "ann".
    pub name: String,
    /// The name people read.
    pub display_name: String,
    /// The sign-in name.
    pub upn: String,
    /// The address where mail reaches them (for a guest not the sign-in name).
    pub mail: String,
    /// The id of the account in its tenant.
    pub object_id: Uuid,
    /// The tenant their tokens are issued for.
    pub tenant_id: Uuid,
    /// How the account came to be.
    pub kind: PersonKind,
    /// Whether they administer their tenant and can consent for all of it.
    pub administrator: bool,
    /// Other tenants that have invited them.
    pub guest_of: Vec<Uuid>,
    /// The organizations they see listed, by name.
    pub organizations: Vec<String>,
    /// Organizations that admit them though no list shows them, by name.
    pub unlisted_organizations: Vec<String>,
    /// Their personal access tokens: a live one per organization and an expired one.
    pub pats: Vec<Pat>,
    /// One sentence for pages: what this person is there to show.
    pub about: String,
}

/// An application registered with Entra ID.
#[derive(Debug)]
pub struct ClientApp {
    /// Its client id.
    pub client_id: String,
    /// What the consent page calls it.
    pub name: String,
    /// Its client secrets; a public client has none.
    pub secrets: Vec<ClientSecret>,
    /// Where people may be sent back to. The port of a `http://localhost` address does not count.
    pub redirect_uris: Vec<String>,
    /// What it is registered for: what `.default` asks for, by bare names.
    pub permissions: Vec<String>,
    /// Whether the owner has switched it off.
    pub disabled: bool,
}

/// A password of an application.
#[derive(Debug)]
pub struct ClientSecret {
    /// What the portal calls its id: not the secret, though people paste it as if it were.
    pub key_id: Uuid,
    /// The secret itself.
    pub value: String,
    /// Whether its time has passed.
    pub expired: bool,
}

impl Directory {
    /// The person of that short name.
    pub fn person(&self, name: &str) -> Option<&Arc<Person>> {
        self.people.iter().find(|person| person.name == name)
    }

    /// The person with that sign-in name or address, whatever the case.
    pub fn person_by_login(&self, login: &str) -> Option<&Arc<Person>> {
        self.people.iter().find(|person| {
            person.upn.eq_ignore_ascii_case(login) || person.mail.eq_ignore_ascii_case(login)
        })
    }

    /// The person or service principal of that account id.
    pub fn subject(&self, object_id: Uuid) -> Option<&Arc<Person>> {
        self.people
            .iter()
            .chain(&self.service_principals)
            .find(|person| person.object_id == object_id)
    }

    /// The organization of that name, whatever the case.
    pub fn organization(&self, name: &str) -> Option<&Organization> {
        self.organizations.iter().find(|one| one.name.eq_ignore_ascii_case(name))
    }

    /// The tenant with that id or domain.
    pub fn tenant(&self, id_or_domain: &str) -> Option<&Tenant> {
        self.tenants.iter().find(|tenant| {
            tenant.domain.eq_ignore_ascii_case(id_or_domain)
                || tenant.id.to_string().eq_ignore_ascii_case(id_or_domain)
        })
    }

    /// The application of that client id.
    pub fn application(&self, client_id: &str) -> Option<&ClientApp> {
        self.applications.iter().find(|app| app.client_id.eq_ignore_ascii_case(client_id))
    }

    /// The personal access token and its owner.
    pub fn pat(&self, token: &str) -> Option<(&Arc<Person>, &Pat)> {
        self.people.iter().find_map(|person| {
            let pat = person.pats.iter().find(|pat| pat.token == token)?;
            Some((person, pat))
        })
    }
}

impl Person {
    /// Whether an organization admits them, be it listed for them or not.
    pub fn may_use(&self, organization: &str) -> bool {
        self.organizations
            .iter()
            .chain(&self.unlisted_organizations)
            .any(|name| name.eq_ignore_ascii_case(organization))
    }

    /// Their live personal access token for an organization.
    pub fn pat(&self, organization: &str) -> Option<&str> {
        self.pats
            .iter()
            .find(|pat| !pat.expired && pat.organization.eq_ignore_ascii_case(organization))
            .map(|pat| pat.token.as_str())
    }
}

impl ClientApp {
    /// Whether people may be sent back to this address.
    pub fn redirects_to(&self, address: &str) -> bool {
        self.redirect_uris.iter().any(|registered| same_address(registered, address))
    }
}

/// Addresses match to the letter, but for the port of this machine's own name, which a client
/// that listens there cannot know beforehand.
fn same_address(registered: &str, given: &str) -> bool {
    if registered == given {
        return true;
    }
    let (Ok(registered), Ok(given)) = (registered.parse::<Uri>(), given.parse::<Uri>()) else {
        return false;
    };
    let local = matches!(given.host(), Some("localhost" | "127.0.0.1"));
    local
        && registered.scheme_str() == Some("http")
        && given.scheme_str() == Some("http")
        && registered.host() == given.host()
        && registered.path_and_query() == given.path_and_query()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_port_of_this_machine_may_differ_from_the_registered_address() {
        let registered = "http://localhost/oauth";
        assert!(same_address(registered, "http://localhost:8080/oauth"));
        assert!(same_address("http://localhost", "http://localhost:1234"));
        assert!(!same_address(registered, "http://localhost:8080/oauth/"));
        assert!(!same_address(registered, "https://localhost:8080/oauth"));
        assert!(!same_address(registered, "http://example.com/oauth"));
        assert!(!same_address("https://example.com/a", "https://example.com:444/a"));
    }
}
