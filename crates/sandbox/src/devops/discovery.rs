//! How clients find their way: resource locations, resource areas, connection data.

use serde_json::{Value, json};

use super::call::{Answer, Answered, Call};
use super::identity;
use super::problem::Problem;
use super::routes::LOCATIONS;
use super::state::Organization;
use crate::site::Site;

/// The areas of resources, with their ids and the host each is on.
const AREAS: &[(&str, &str, Site)] = &[
    ("79134c72-4a58-4b42-976c-04e7115f32bf", "core", Site::DevAzure),
    ("5264459e-e5e0-4bd8-b118-0985e68a4ec5", "wit", Site::DevAzure),
    ("1d4f49f9-02b9-4e26-b826-2cdb6195f2a9", "work", Site::DevAzure),
    ("4e40f190-2e3f-4d9f-8331-c7788e833080", "Graph", Site::Vssps),
    ("8a3d49b8-91f0-46ef-b33d-dda338c25db3", "IMS", Site::Vssps),
    ("8ccfef3d-2b87-4e99-8ccb-66e343d2daa8", "Profile", Site::Vssps),
    ("0d55247a-1c47-4462-9b1f-5e2125590ee6", "Account", Site::Vssps),
];

/// `OPTIONS …/_apis` and `OPTIONS …/_apis/{area}`: what is served at this address.
pub fn locations(site: Site, named: bool, path: &[String]) -> Vec<Value> {
    let apis = path.iter().position(|one| one.eq_ignore_ascii_case("_apis")).unwrap_or(0);
    let area = path.get(apis + 1);
    LOCATIONS
        .iter()
        .filter(|location| location.places.iter().any(|place| place.is_at(site, named)))
        .filter(|location| area.is_none_or(|area| location.area.eq_ignore_ascii_case(area)))
        .map(|location| {
            json!({
                "id": location.id,
                "area": location.area,
                "resourceName": location.resource,
                "routeTemplate": location.template,
                "resourceVersion": location.offered.resource_version,
                "minVersion": "1.0",
                "maxVersion": "7.2",
                "releasedVersion": if location.offered.released { "7.1" } else { "0.0" },
            })
        })
        .collect()
}

/// `GET …/_apis/resourceAreas[/{areaId}]`: which host serves which area.
///
/// Where one origin serves all of them there are none, as on a server of one's own: clients then
/// stay at the address they have.
pub fn resource_areas(call: &Call<'_>, _: &Organization) -> Answered {
    let areas = AREAS.iter().map(|(id, name, site)| {
        json!({ "id": id, "name": name, "locationUrl": format!("{}/", call.base_on(*site)) })
    });
    let mut areas = areas.filter(|_| call.origin.site != Site::Any);
    match call.path.get("areaId") {
        None => Ok(Answer::list(areas.collect())),
        Some(id) => areas
            .find(|area| area["id"].as_str().is_some_and(|one| one.eq_ignore_ascii_case(id)))
            .map(Answer::one)
            .ok_or_else(|| {
                Problem::request(
                    "ResourceAreaNotFoundException",
                    format!("There is no resource area with the id {id}."),
                )
                .with_status(http::StatusCode::NOT_FOUND)
            }),
    }
}

/// `GET …/_apis/connectionData`: who the caller is to this organization.
pub fn connection_data(call: &Call<'_>, organization: &Organization) -> Answered {
    let person = &call.caller.person;
    let reference = identity::reference(call, organization, person.object_id);
    let user = json!({
        "id": reference["id"],
        "descriptor": format!(
            "Microsoft.IdentityModel.Claims.ClaimsIdentity;{}\\{}",
            organization.tenant, person.upn
        ),
        "subjectDescriptor": reference["descriptor"],
        "providerDisplayName": person.display_name,
        "isActive": true,
        "properties": {
            "Account": { "$type": "System.String", "$value": identity::unique_name(person) }
        },
        "resourceVersion": 2,
        "metaTypeId": 0,
    });
    Ok(Answer::one(json!({
        "authenticatedUser": user,
        "authorizedUser": user,
        "instanceId": organization.id,
        "deploymentId": super::state::derived_id("deployment"),
        "deploymentType": "hosted",
        "locationServiceData": {
            "serviceOwner": "00025394-6065-48ca-87d9-7f5672854ef7",
            "defaultAccessMappingMoniker": "PublicAccessMapping",
            "lastChangeId": 1,
            "lastChangeId64": 1,
            "accessMappings": [{
                "displayName": "Host Guid Access Mapping",
                "moniker": "PublicAccessMapping",
                "accessPoint": format!("{}/", call.origin.base_of(Site::DevAzure)),
                "serviceOwner": "00000000-0000-0000-0000-000000000000",
                "virtualDirectory": organization.name,
            }],
        },
    })))
}
