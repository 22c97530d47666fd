//! People in answers, and people named in requests.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use uuid::Uuid;

use super::call::Call;
use super::state::Organization;
use crate::directory::{Directory, Person, PersonKind};
use crate::site::Site;

/// A person in full, as `IdentityRef`.
pub fn reference(call: &Call<'_>, organization: &Organization, account: Uuid) -> Value {
    let Some(person) = call.directory.subject(account) else { return Value::Null };
    let id = organization.identity_id(account);
    let descriptor = descriptor(person, id);
    let base = call.base();
    json!({
        "displayName": person.display_name,
        "url": format!("{}/_apis/Identities/{id}", call.base_on(Site::Vssps)),
        "_links": {
            "avatar": { "href": format!("{base}/_apis/GraphProfile/MemberAvatars/{descriptor}") }
        },
        "id": id,
        "uniqueName": unique_name(person),
        "imageUrl": format!("{base}/_api/_common/identityImage?id={id}"),
        "descriptor": descriptor,
    })
}

/// A person as old versions and some fields give them: `Name <mail>`.
pub fn in_words(directory: &Directory, account: Uuid) -> String {
    directory.subject(account).map_or_else(String::new, |person| {
        format!("{} <{}>", person.display_name, unique_name(person))
    })
}

/// What tells a person from all others: an address.
pub fn unique_name(person: &Person) -> &str {
    if person.mail.is_empty() { &person.upn } else { &person.mail }
}

/// The descriptor of a person's identity in an organization.
pub fn descriptor(person: &Person, id: Uuid) -> String {
    let kind = match person.kind {
        PersonKind::Personal => "msa",
        PersonKind::ServicePrincipal => "aadsp",
        PersonKind::Work | PersonKind::Guest => "aad",
    };
    format!("{kind}.{}", URL_SAFE_NO_PAD.encode(id.to_string()))
}

/// The account that a request means by an address, a name, `Name <mail>`, an id, or an object
/// with one of them: always someone the organization admits.
pub fn resolve(directory: &Directory, organization: &Organization, given: &Value) -> Option<Uuid> {
    match given {
        Value::String(text) => resolve_text(directory, organization, text),
        Value::Object(object) => ["uniqueName", "id", "descriptor", "displayName"]
            .iter()
            .filter_map(|key| object.get(*key)?.as_str())
            .find_map(|text| resolve_text(directory, organization, text)),
        _ => None,
    }
}

fn resolve_text(directory: &Directory, organization: &Organization, text: &str) -> Option<Uuid> {
    let inside = text.rsplit_once('<').map(|(_, rest)| rest.trim_end_matches('>'));
    let wanted = inside.unwrap_or(text).trim();
    let id = Uuid::try_parse(wanted).ok();
    directory
        .people
        .iter()
        .chain(&directory.service_principals)
        .filter(|person| person.may_use(&organization.name))
        .find(|person| {
            let identity = organization.identity_id(person.object_id);
            id == Some(identity)
                || id == Some(person.object_id)
                || unique_name(person).eq_ignore_ascii_case(wanted)
                || person.upn.eq_ignore_ascii_case(wanted)
                || person.display_name.eq_ignore_ascii_case(wanted)
                || descriptor(person, identity) == wanted
        })
        .map(|person| person.object_id)
}
