//! `/`: tells a newcomer what this is, who lives here and how to call it.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, State};
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;

use crate::World;
use crate::directory::{DEVELOPMENT_CLIENT_ID, DEVELOPMENT_CLIENT_SECRET};
use crate::html::{escape, page};
use crate::site::{Origin, Site};

pub(crate) fn router() -> Router<Arc<World>> {
    Router::new().route("/", get(landing))
}

async fn landing(
    State(world): State<Arc<World>>,
    Extension(origin): Extension<Origin>,
) -> Response {
    let base = escape(&origin.base_of(Site::Any));
    let body = format!(
        "<div class=\"wide\"><p class=\"badge\">Gangway sandbox</p>\
         <h1>Microsoft sign-in and Azure DevOps, on your machine</h1>\
         <p>This stands in for Microsoft Entra ID and Azure DevOps, so that you can build and test \
         without an account. Everyone here is made up, and nothing leaves your machine but the \
         notifications of service hooks, to where you have them sent.</p>\
         <h2 id=\"people\">People</h2>{people}\
         <h2 id=\"organizations\">Organizations</h2>{organizations}\
         <h2 id=\"call\">A first call</h2>\
         <p>With a personal access token, any user name will do:</p>\
         <pre tabindex=\"0\" aria-labelledby=\"call\"><code>{call}</code></pre>\
         <h2 id=\"app\">The registered application</h2>\
         <p>Client id <code>{DEVELOPMENT_CLIENT_ID}</code><br>\
         Client secret <code>{DEVELOPMENT_CLIENT_SECRET}</code><br>\
         Redirect address <code>http://localhost:{{any port}}/oauth</code></p>\
         <h2 id=\"more\">Look inside</h2><ul class=\"plain\">\
         <li><a href=\"/organizations/v2.0/.well-known/openid-configuration\">OpenID \
         configuration</a></li>\
         <li><a href=\"/_sandbox/requests\">The last requests</a></li>\
         <li><a href=\"/_sandbox/faults\">Failures on order</a> (POST one to make the next calls \
         fail)</li>\
         <li><a href=\"/_sandbox/hooks\">Service hooks</a> (PUT to say who may make subscriptions \
         and where they may lead; POST to <code>/_sandbox/hooks/status</code> to switch one off)</li>\
         <li>Many work items at once (POST to <code>/_sandbox/work-items</code>)</li>\
         <li><a href=\"/_sandbox/clock\">The clock</a></li></ul></div>",
        people = people(&world),
        organizations = organizations(&world, &base),
        call = first_call(&world, &base),
    );
    page(StatusCode::OK, "Gangway sandbox", &body)
}

fn people(world: &World) -> String {
    let mut rows = String::new();
    for person in &world.directory.people {
        let tokens: Vec<String> = person
            .pats
            .iter()
            .map(|pat| {
                let expired = if pat.expired { " (expired)" } else { "" };
                format!(
                    "<details><summary>{}{expired}</summary><code>{}</code></details>",
                    escape(&pat.organization),
                    escape(&pat.token)
                )
            })
            .collect();
        // Writing into a string cannot fail.
        let _ = write!(
            rows,
            "<tr><th scope=\"row\">{}</th><td>{}<br><code>{}</code></td><td>{}</td></tr>",
            escape(&person.display_name),
            escape(&person.about),
            escape(&person.upn),
            tokens.join("")
        );
    }
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"people\"><table>\
         <thead><tr><th scope=\"col\">Name</th><th scope=\"col\">Who</th>\
         <th scope=\"col\">Personal access tokens</th></tr></thead><tbody>{rows}</tbody></table>\
         </div>"
    )
}

fn organizations(world: &World, base: &str) -> String {
    let items: String = world
        .directory
        .organizations
        .iter()
        .map(|organization| {
            let name = escape(&organization.name);
            format!("<li><strong>{name}</strong> at <code>{base}/{name}</code></li>")
        })
        .collect();
    format!("<ul class=\"plain\">{items}</ul>")
}

/// A line to paste into a terminal.
fn first_call(world: &World, base: &str) -> String {
    let person = world.directory.people.iter().find(|person| !person.organizations.is_empty());
    let Some(person) = person else { return String::new() };
    let organization = &person.organizations[0];
    let token = person.pat(organization).unwrap_or_default();
    escape(&format!("curl -u :{token} \"{base}/{organization}/_apis/projects?api-version=7.1\""))
}
