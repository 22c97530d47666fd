//! The processes an organization can give a project.

use http::StatusCode;
use serde_json::{Value, json};

use super::call::{Answer, Answered, Call};
use super::catalog::{PROCESSES, Process};
use super::problem::Problem;
use super::state::Organization;

/// `GET …/_apis/process/processes` and `…/processes/{processId}`.
pub fn get_or_list(call: &Call<'_>, organization: &Organization) -> Answered {
    let known = PROCESSES.into_iter().filter(|process| {
        // A process that a customer made is theirs alone.
        !process.inherited
            || organization.projects.iter().any(|project| project.process == process.name)
    });
    match call.path.get("processId") {
        None => Ok(Answer::list(known.map(|process| body(call, process)).collect())),
        Some(id) => known
            .into_iter()
            .find(|process| process.id.eq_ignore_ascii_case(id))
            .map(|process| Answer::one(body(call, process)))
            .ok_or_else(|| {
                Problem::request(
                    "ProcessNotFoundByTypeIdException",
                    format!("VS402362: There is no process with the id {id}."),
                )
                .with_status(StatusCode::NOT_FOUND)
            }),
    }
}

fn body(call: &Call<'_>, process: &Process) -> Value {
    json!({
        "id": process.id,
        "name": process.name,
        "description": process.description,
        "type": if process.inherited { "inherited" } else { "system" },
        "isDefault": process.name == "Agile",
        "url": format!("{}/_apis/process/processes/{}", call.base(), process.id),
    })
}
