//! The body of a notification.

use serde_json::{Map, Value, json};
use uuid::{Builder, Uuid};

use super::catalog::{PUBLISHER, event};
use super::state::{Inputs, Subscription};
use crate::devops::call::{Call, Query};
use crate::devops::state::{Happening, Kind, Organization, Revision, Update, WorkItem, text};
use crate::devops::version::Version;
use crate::devops::work_items::render::{self, View, Wanted};
use crate::devops::work_items::{history, links};
use crate::html::escape;

/// Writes the body for one subscription. `shown_as` is the id it has in the body: a test
/// notification of nobody's subscription has none.
pub fn write(
    call: &Call<'_>,
    organization: &Organization,
    subscription: &Subscription,
    shown_as: Uuid,
    item: &WorkItem,
    happening: Happening,
    number: u32,
) -> Value {
    let inputs = &subscription.consumer_inputs;
    let call = &in_version(call, &subscription.resource_version);
    let update = item.updates.iter().find(|update| update.id == happening.update);
    let rev = update.map_or(item.current().rev, |update| update.rev);
    let revision = item.revisions.iter().find(|one| one.rev == rev).unwrap_or(item.current());
    let whole = match (happening.kind, update) {
        (Kind::Updated, Some(update)) => updated(call, organization, item, update, revision),
        (kind, _) => resource(call, organization, item, revision, kind),
    };
    let message = Message::about(call, organization, item, revision, happening.kind);
    json!({
        "subscriptionId": shown_as,
        "notificationId": number,
        "id": Builder::from_random_bytes(call.random.bytes()).into_uuid(),
        "eventType": event(&subscription.event_type).map_or("", |event| event.id),
        "publisherId": PUBLISHER,
        "message": chosen(message.brief(), inputs, "messagesToSend"),
        "detailedMessage": chosen(message.detailed(), inputs, "detailedMessagesToSend"),
        "resource": details(whole, inputs),
        "resourceVersion": subscription.resource_version,
        "resourceContainers": containers(call, organization, revision),
        "createdDate": call.now.to_rfc3339(),
    })
}

/// The call as if it asked for the form of a resource version: people are words in the old one.
fn in_version<'a>(call: &Call<'a>, resource_version: &str) -> Call<'a> {
    let number = resource_version.split('-').next().unwrap_or_default();
    let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
    let version = Version::plain(major.parse().unwrap_or(1), minor.parse().unwrap_or(0));
    Call {
        directory: call.directory,
        caller: call.caller,
        origin: call.origin,
        path: call.path.clone(),
        query: Query::default(),
        version,
        headers: call.headers,
        now: call.now,
        method: call.method,
        random: call.random,
        hooks: call.hooks,
    }
}

/// The item, as all events but changes have it.
fn resource(
    call: &Call<'_>,
    organization: &Organization,
    item: &WorkItem,
    revision: &Revision,
    kind: Kind,
) -> Value {
    let view = View::of_revision(item, revision, links::visible(organization, &item.relations));
    let wanted = Wanted { links: true, relations: true, ..Wanted::default() };
    let mut body = render::item(call, organization, &view, &wanted);
    if kind == Kind::Deleted {
        body["url"] = json!(format!("{}/_apis/wit/recyclebin/{}", call.base(), item.id));
    }
    body
}

/// A change: its id is that of the update, and the item is told beside.
fn updated(
    call: &Call<'_>,
    organization: &Organization,
    item: &WorkItem,
    update: &Update,
    revision: &Revision,
) -> Value {
    let mut body = history::update_body(call, organization, item, update);
    let url = render::item_url(call, item.id);
    body["_links"] = json!({
        "self": { "href": body["url"] },
        "parent": { "href": url },
        "workItemUpdates": { "href": format!("{url}/updates") },
    });
    let view = View::of_revision(item, revision, links::visible(organization, &item.relations));
    let wanted = Wanted { relations: true, ..Wanted::default() };
    let mut after = render::item(call, organization, &view, &wanted);
    after["url"] = json!(format!("{url}/revisions/{}", revision.rev));
    body["revision"] = after;
    body
}

/// As much of the resource as the subscription wants.
fn details(whole: Value, inputs: &Inputs) -> Value {
    match inputs.get("resourceDetailsToSend").map(|one| one.to_ascii_lowercase()).as_deref() {
        Some("none") => Value::Null,
        Some("minimal") => {
            let kept = ["id", "workItemId", "rev", "url"];
            let kept = kept.iter().filter_map(|name| {
                whole.get(*name).map(|value| ((*name).to_owned(), value.clone()))
            });
            Value::Object(kept.collect())
        }
        _ => whole,
    }
}

/// The forms of a message that the subscription wants.
fn chosen(forms: Map<String, Value>, inputs: &Inputs, input: &str) -> Value {
    let wanted = inputs.get(input).map(|one| one.to_ascii_lowercase()).unwrap_or_default();
    match wanted.as_str() {
        "none" => Value::Null,
        "" | "all" => Value::Object(forms),
        one => Value::Object(forms.into_iter().filter(|(name, _)| name == one).collect()),
    }
}

fn containers(call: &Call<'_>, organization: &Organization, revision: &Revision) -> Value {
    let base = format!("{}/", call.base());
    let container = |id: Uuid| json!({ "id": id, "baseUrl": base });
    let mut containers = json!({
        "collection": container(organization.id),
        "account": container(organization.id),
    });
    if let Some(project) = organization.project_of(&revision.fields) {
        containers["project"] = container(project.id);
    }
    containers
}

/// What people read.
struct Message {
    /// `Bug 5 (Title)`, and where it is.
    item: String,
    url: String,
    /// `created by Ann Archer`.
    event: String,
    facts: Vec<(&'static str, String)>,
}

impl Message {
    fn about(
        call: &Call<'_>,
        organization: &Organization,
        item: &WorkItem,
        revision: &Revision,
        kind: Kind,
    ) -> Self {
        let fields = &revision.fields;
        let held = |field: &str| text(fields, field).to_owned();
        let place = organization.project_of(fields).map(|one| one.id.to_string());
        let who = call.directory.subject(revision.by);
        let who = who.map(|one| one.display_name.clone()).unwrap_or_default();
        let done = match kind {
            Kind::Created => "created",
            Kind::Updated => "updated",
            Kind::Commented => "commented on",
            Kind::Deleted => "deleted",
            Kind::Restored => "restored",
        };
        let type_name = held("System.WorkItemType");
        let title = held("System.Title");
        let mut facts = vec![
            ("Area", held("System.AreaPath")),
            ("Iteration", held("System.IterationPath")),
            ("State", held("System.State")),
        ];
        if kind == Kind::Commented {
            facts.push(("Comment", held("System.History")));
        }
        Self {
            item: format!("{type_name} {} ({title})", item.id),
            url: format!(
                "{}/{}/_workitems/edit/{}",
                call.base(),
                place.unwrap_or_default(),
                item.id
            ),
            event: format!("{done} by {who}"),
            facts,
        }
    }

    fn brief(&self) -> Map<String, Value> {
        let Self { item, url, event, .. } = self;
        let (safe, safe_event) = (escape(item), escape(event));
        forms(
            format!("{item} {event}.\r\n({url})"),
            format!("<a href=\"{}\">{safe}</a> {safe_event}.", escape(url)),
            format!("[{item}]({url}) {event}."),
        )
    }

    fn detailed(&self) -> Map<String, Value> {
        let Self { item, url, event, facts } = self;
        let (safe, safe_event) = (escape(item), escape(event));
        let lines = |line: &dyn Fn(&str, &str) -> String| -> String {
            facts.iter().map(|(name, value)| line(name, value)).collect()
        };
        let html = lines(&|name, value| format!("<li>{name}: {}</li>", escape(value)));
        forms(
            format!(
                "{item} {event}.\r\n({url})\r\n{}",
                lines(&|name, value| format!("\r\n- {name}: {value}"))
            ),
            format!("<a href=\"{}\">{safe}</a> {safe_event}.<ul>{html}</ul>", escape(url)),
            format!(
                "[{item}]({url}) {event}.\r\n{}",
                lines(&|name, value| format!("\r\n* {name}: {value}"))
            ),
        )
    }
}

fn forms(text: String, html: String, markdown: String) -> Map<String, Value> {
    let forms = [("text", text), ("html", html), ("markdown", markdown)];
    forms.into_iter().map(|(name, form)| (name.to_owned(), json!(form))).collect()
}
