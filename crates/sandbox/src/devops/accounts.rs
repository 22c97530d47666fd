//! The organizations a person belongs to.

use serde_json::json;
use uuid::Uuid;

use super::DevOps;
use super::call::{Answer, Answered, Call};
use super::problem::Problem;
use super::profile::profile_id;
use crate::site::Site;

/// `GET …/_apis/accounts?memberId=` (or `ownerId=`): those of the token's tenant, and only one's
/// own list. An id that is not one's profile id belongs to nobody, and nobody has organizations.
pub fn list(call: &Call<'_>, _: &DevOps) -> Answered {
    let Some(wanted) = call.query.get("memberId").or_else(|| call.query.get("ownerId")) else {
        return Err(Problem::invalid(
            "You must specify either the memberId or the ownerId parameter.",
        ));
    };
    let person = &call.caller.person;
    let own = Uuid::try_parse(wanted) == Ok(profile_id(person));
    let accounts = call
        .directory
        .organizations
        .iter()
        .filter(|organization| own && organization.tenant_id == call.caller.tenant)
        .filter(|organization| person.organizations.contains(&organization.name))
        .map(|organization| {
            json!({
                "accountId": organization.id,
                "accountUri": format!("{}/{}/", call.origin.base_of(Site::Vssps), organization.name),
                "accountName": organization.name,
                "properties": {},
            })
        });
    Ok(Answer::list(accounts.collect()))
}
