//! The profile of the signed-in person.

use http::StatusCode;
use serde_json::json;

use super::DevOps;
use super::call::{Answer, Answered, Call};
use super::identity;
use super::problem::Problem;
use super::state::derived_id;
use crate::directory::Person;

/// The id of someone's profile, the same in every organization.
pub fn profile_id(person: &Person) -> uuid::Uuid {
    derived_id(&format!("profile {}", person.object_id))
}

/// `GET …/_apis/profile/profiles/{id}`: one's own, as `me` or by its id.
pub fn get(call: &Call<'_>, _: &DevOps) -> Answered {
    let person = &call.caller.person;
    let id = profile_id(person);
    let wanted = call.path.get("id").unwrap_or_default();
    if !wanted.eq_ignore_ascii_case("me") && uuid::Uuid::try_parse(wanted) != Ok(id) {
        let message = format!("VS402846: There is no profile '{wanted}' that you may read.");
        return Err(Problem::request("ProfileDoesNotExistException", message)
            .with_status(StatusCode::NOT_FOUND));
    }
    Ok(Answer::one(json!({
        "displayName": person.display_name,
        "publicAlias": id,
        "emailAddress": identity::unique_name(person),
        "coreRevision": 1,
        "timeStamp": "2024-01-15T09:00:00.0000000+00:00",
        "id": id,
        "revision": 1,
    })))
}
