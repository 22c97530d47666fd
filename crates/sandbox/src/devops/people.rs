//! Looking for people: identities by what is known of them, and users of the graph.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use super::call::{Answer, Answered, Call};
use super::identity::{descriptor, unique_name};
use super::problem::Problem;
use super::state::Organization;
use crate::directory::{Person, PersonKind};
use crate::site::Site;

/// How many people a search gives.
const MAX_FOUND: usize = 100;

/// Everyone whom the organization admits.
fn members<'c>(
    call: &'c Call<'_>,
    organization: &'c Organization,
) -> impl Iterator<Item = &'c Arc<Person>> {
    let all = call.directory.people.iter().chain(&call.directory.service_principals);
    all.filter(|person| person.may_use(&organization.name))
}

/// `GET …/_apis/identities?searchFilter=General&filterValue=`, or by `identityIds`,
/// `descriptors` or `subjectDescriptors`. What nobody has is left out, or null where an id asked.
pub fn identities(call: &Call<'_>, organization: &Organization) -> Answered {
    let id = |person: &Person| organization.identity_id(person.object_id);
    let shown = |person: &Arc<Person>| identity(organization, person);
    for (parameter, kind) in [("identityIds", 0), ("subjectDescriptors", 1), ("descriptors", 2)] {
        let Some(wanted) = call.query.list(parameter) else { continue };
        let found = wanted.iter().map(|wanted| {
            let mut members = members(call, organization);
            let person = members.find(|person| {
                let own = match kind {
                    0 => id(person).to_string(),
                    1 => descriptor(person, id(person)),
                    _ => claims_descriptor(person),
                };
                own.eq_ignore_ascii_case(wanted)
            });
            person.map_or(Value::Null, shown)
        });
        return Ok(Answer::list(found.collect()));
    }
    let (Some(filter), Some(value)) =
        (call.query.get("searchFilter"), call.query.get("filterValue"))
    else {
        return Err(Problem::invalid(
            "You must pass searchFilter and filterValue, or the ids or descriptors of identities.",
        ));
    };
    let value = value.to_lowercase();
    let name = |person: &Person| person.display_name.to_lowercase();
    let account = |person: &Person| unique_name(person).to_lowercase();
    let login = |person: &Person| person.upn.to_lowercase();
    let found: Vec<Value> = match filter.to_ascii_lowercase().as_str() {
        "general" | "0" => members(call, organization)
            .filter(|one| {
                // The beginning of a name, or a whole address.
                let mut words = name(one).split(' ').map(str::to_owned).collect::<Vec<_>>();
                words.push(name(one));
                words.iter().any(|word| word.starts_with(&value))
                    || account(one).starts_with(&value)
                    || login(one).starts_with(&value)
            })
            .take(MAX_FOUND)
            .map(shown)
            .collect(),
        "displayname" => {
            members(call, organization).filter(|one| name(one) == value).map(shown).collect()
        }
        "mailaddress" | "accountname" => members(call, organization)
            .filter(|one| account(one) == value || login(one) == value)
            .map(shown)
            .collect(),
        "localgroupname" => Vec::new(),
        other => {
            let message = format!("The search filter '{other}' is not supported.");
            return Err(Problem::invalid(message));
        }
    };
    Ok(Answer::list(found))
}

fn claims_descriptor(person: &Person) -> String {
    format!("Microsoft.IdentityModel.Claims.ClaimsIdentity;{}\\{}", person.tenant_id, person.upn)
}

fn identity(organization: &Organization, person: &Arc<Person>) -> Value {
    let id = organization.identity_id(person.object_id);
    let text = |value: &str| json!({ "$type": "System.String", "$value": value });
    json!({
        "id": id,
        "descriptor": claims_descriptor(person),
        "subjectDescriptor": descriptor(person, id),
        "providerDisplayName": person.display_name,
        "isActive": true,
        "isContainer": false,
        "members": [],
        "memberOf": [],
        "memberIds": [],
        "properties": {
            "SchemaClassName": text("User"),
            "Description": text(""),
            "Domain": text(&person.tenant_id.to_string()),
            "Account": text(unique_name(person)),
            "DN": text(""),
            "Mail": text(&person.mail),
            "SpecialType": text("Generic"),
            "http://schemas.microsoft.com/identity/claims/objectidentifier":
                text(&person.object_id.to_string()),
        },
        "resourceVersion": 2,
        "metaTypeId": 0,
    })
}

/// `GET …/_apis/graph/users` and `…/users/{userDescriptor}`.
pub fn users(call: &Call<'_>, organization: &Organization) -> Answered {
    let users = |person: &&Arc<Person>| person.kind != PersonKind::ServicePrincipal;
    let mut shown =
        members(call, organization).filter(users).map(|one| subject(call, organization, one));
    let Some(wanted) = call.path.get("userDescriptor") else {
        return Ok(Answer::list(shown.collect()));
    };
    shown.find(|one| one["descriptor"] == *wanted).map(Answer::one).ok_or_else(|| {
        let message =
            format!("VS860016: Could not find an entity with subject descriptor {wanted}.");
        Problem::request("GraphSubjectNotFoundException", message)
            .with_status(StatusCode::NOT_FOUND)
    })
}

/// `POST …/_apis/graph/subjectQuery` with `{"query": "an", "subjectKind": ["User"]}`: who has a
/// name or an address that begins so.
pub fn subject_query(call: &Call<'_>, organization: &Organization, body: &Value) -> Answered {
    let wanted = body["query"].as_str().unwrap_or_default().trim().to_lowercase();
    if wanted.is_empty() {
        return Err(Problem::invalid("You must pass a query."));
    }
    let kinds = body["subjectKind"].as_array();
    let of_users = kinds.is_none_or(|kinds| {
        kinds.iter().any(|kind| kind.as_str().is_some_and(|one| one.eq_ignore_ascii_case("user")))
    });
    let begins = |text: &str| {
        let text = text.to_lowercase();
        text.starts_with(&wanted) || text.split(' ').any(|word| word.starts_with(&wanted))
    };
    let found = members(call, organization)
        .filter(|_| of_users)
        .filter(|one| begins(&one.display_name) || begins(unique_name(one)) || begins(&one.upn));
    let shown = found.take(MAX_FOUND).map(|one| subject(call, organization, one));
    Ok(Answer::list(shown.collect()))
}

fn subject(call: &Call<'_>, organization: &Organization, person: &Arc<Person>) -> Value {
    let descriptor = descriptor(person, organization.identity_id(person.object_id));
    let graph = format!("{}/_apis/Graph", call.base_on(Site::Vssps));
    let is_application = person.kind == PersonKind::ServicePrincipal;
    let kind = if is_application { "ServicePrincipals" } else { "Users" };
    let url = format!("{graph}/{kind}/{descriptor}");
    json!({
        "subjectKind": if is_application { "servicePrincipal" } else { "user" },
        "domain": person.tenant_id.to_string(),
        "principalName": person.upn,
        "mailAddress": person.mail,
        "origin": if person.kind == PersonKind::Personal { "msa" } else { "aad" },
        "originId": person.object_id,
        "displayName": person.display_name,
        "_links": {
            "self": { "href": url },
            "memberships": { "href": format!("{graph}/Memberships/{descriptor}") },
            "storageKey": { "href": format!("{graph}/StorageKeys/{descriptor}") },
        },
        "url": url,
        "descriptor": descriptor,
    })
}
