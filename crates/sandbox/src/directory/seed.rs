//! The people and things that every sandbox starts with.

use std::sync::Arc;

use uuid::{Uuid, uuid};

use super::{
    ACME_TENANT, ClientApp, ClientSecret, DEVELOPMENT_CLIENT_ID, DEVELOPMENT_CLIENT_SECRET,
    DISABLED_CLIENT_ID, DISABLED_CLIENT_SECRET, Directory, EXPIRED_CLIENT_SECRET,
    EXPIRED_SECRET_CLIENT_ID, INITECH_TENANT, Organization, PERSONAL_TENANT, PUBLIC_CLIENT_ID, Pat,
    Person, PersonKind, Tenant,
};

/// Where the sandbox's applications let people be sent back to: Gangway's own address for it, on
/// any port, and the bare address that clients on a person's own machine listen on.
const REDIRECT_URIS: [&str; 4] = [
    "http://localhost/oauth",
    "http://127.0.0.1/oauth",
    "http://localhost",
    "http://localhost/redirect",
];

impl Directory {
    /// The directory as it always is.
    pub fn seeded() -> Self {
        Self {
            tenants: tenants(),
            organizations: organizations(),
            people: people().into_iter().map(Arc::new).collect(),
            service_principals: vec![Arc::new(service_principal())],
            applications: applications(),
        }
    }
}

fn tenants() -> Vec<Tenant> {
    let tenant = |id, domain: &str, name: &str, admin_consent_required| Tenant {
        id,
        domain: domain.to_owned(),
        name: name.to_owned(),
        admin_consent_required,
    };
    vec![
        tenant(ACME_TENANT, "acme.example", "Acme", false),
        tenant(INITECH_TENANT, "initech.example", "Initech", true),
        tenant(PERSONAL_TENANT, "consumers", "Personal accounts", false),
    ]
}

fn organizations() -> Vec<Organization> {
    let organization =
        |name: &str, id, tenant_id| Organization { name: name.to_owned(), id, tenant_id };
    vec![
        organization("acme", uuid!("0acce000-0000-4000-8000-000000000001"), ACME_TENANT),
        organization("globex", uuid!("0acce000-0000-4000-8000-000000000002"), ACME_TENANT),
        organization("initech", uuid!("0acce000-0000-4000-8000-000000000003"), INITECH_TENANT),
    ]
}

fn people() -> Vec<Person> {
    vec![
        Person {
            organizations: owned(&["acme"]),
            ..person(1, "ann", "Ann Archer", "has one organization, acme")
        },
        Person {
            organizations: owned(&["acme", "globex"]),
            ..person(2, "ben", "Ben Baker", "has two organizations, acme and globex")
        },
        Person {
            upn: "gus_guild.example#EXT#@acme.example".to_owned(),
            mail: "gus@guild.example".to_owned(),
            kind: PersonKind::Guest,
            unlisted_organizations: owned(&["globex"]),
            ..person(
                3,
                "gus",
                "Gus Gardner",
                "is a guest: no organization is listed, globex admits them by name",
            )
        },
        Person {
            upn: "pia@mail.example".to_owned(),
            mail: "pia@mail.example".to_owned(),
            tenant_id: PERSONAL_TENANT,
            kind: PersonKind::Personal,
            ..person(4, "pia", "Pia Parker", "has a personal account, which has no access here")
        },
        Person {
            organizations: owned(&["initech"]),
            ..of_initech(person(
                5,
                "tess",
                "Tess Tailor",
                "needs an administrator to approve the application first",
            ))
        },
        Person {
            organizations: owned(&["initech"]),
            administrator: true,
            ..of_initech(person(
                6,
                "ada",
                "Ada Abbott",
                "administers Tess's tenant and can approve applications for it",
            ))
        },
        Person {
            organizations: owned(&["globex"]),
            unlisted_organizations: owned(&["initech"]),
            guest_of: vec![INITECH_TENANT],
            ..person(7, "kim", "Kim Keeper", "is a guest of initech's tenant besides her own")
        },
    ]
    .into_iter()
    .map(with_pats)
    .collect()
}

fn person(number: u128, name: &str, display_name: &str, about: &str) -> Person {
    Person {
        name: name.to_owned(),
        display_name: display_name.to_owned(),
        upn: format!("{name}@acme.example"),
        mail: format!("{name}@acme.example"),
        object_id: account_id(number),
        tenant_id: ACME_TENANT,
        kind: PersonKind::Work,
        administrator: false,
        guest_of: Vec::new(),
        organizations: Vec::new(),
        unlisted_organizations: Vec::new(),
        pats: Vec::new(),
        about: about.to_owned(),
    }
}

fn of_initech(person: Person) -> Person {
    let login = format!("{}@initech.example", person.name);
    Person { upn: login.clone(), mail: login, tenant_id: INITECH_TENANT, ..person }
}

fn with_pats(mut person: Person) -> Person {
    let admitting: Vec<&String> =
        person.organizations.iter().chain(&person.unlisted_organizations).collect();
    let live = admitting.iter().map(|name| Pat::seeded(&person.name, name, false));
    let expired = admitting.first().map(|name| Pat::seeded(&person.name, name, true));
    person.pats = live.chain(expired).collect();
    person
}

/// The development application acting for itself; acme has added it as a member.
fn service_principal() -> Person {
    Person {
        upn: DEVELOPMENT_CLIENT_ID.to_owned(),
        mail: String::new(),
        kind: PersonKind::ServicePrincipal,
        organizations: owned(&["acme"]),
        ..person(101, "application", "Gangway (development)", "is an application, not a person")
    }
}

fn applications() -> Vec<ClientApp> {
    vec![
        ClientApp {
            secrets: vec![secret(1, DEVELOPMENT_CLIENT_SECRET, false)],
            ..application(DEVELOPMENT_CLIENT_ID, "Gangway (development)")
        },
        application(PUBLIC_CLIENT_ID, "Command-line client"),
        ClientApp {
            secrets: vec![secret(3, EXPIRED_CLIENT_SECRET, true)],
            ..application(EXPIRED_SECRET_CLIENT_ID, "Application with an expired secret")
        },
        ClientApp {
            secrets: vec![secret(4, DISABLED_CLIENT_SECRET, false)],
            disabled: true,
            ..application(DISABLED_CLIENT_ID, "Disabled application")
        },
    ]
}

fn application(client_id: &str, name: &str) -> ClientApp {
    ClientApp {
        client_id: client_id.to_owned(),
        name: name.to_owned(),
        secrets: Vec::new(),
        redirect_uris: owned(&REDIRECT_URIS),
        permissions: owned(&["user_impersonation"]),
        disabled: false,
    }
}

fn secret(number: u128, value: &str, expired: bool) -> ClientSecret {
    let key_id = Uuid::from_u128(0x5ec2e700_0000_4000_8000_000000000000 + number);
    ClientSecret { key_id, value: value.to_owned(), expired }
}

const fn account_id(number: u128) -> Uuid {
    Uuid::from_u128(0x0e050000_0000_4000_8000_000000000000 + number)
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}
