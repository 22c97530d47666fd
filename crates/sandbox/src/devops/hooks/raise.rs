//! Makes notifications of what a call did, for everyone who wished to be told.

use super::payload;
use super::rights;
use super::state::{Inputs, Status, Subscription};
use crate::devops::call::Call;
use crate::devops::catalog::fields;
use crate::devops::state::{Happening, Kind, Organization, Update, WorkItem, text};
use crate::devops::wiql::is_under;
use crate::devops::work_items::history;

/// Turns what happened into notifications, and says whether there are any.
pub fn raise(call: &Call<'_>, organization: &mut Organization) -> bool {
    let happenings = std::mem::take(&mut organization.happenings);
    if call.query.is_true("suppressNotifications") {
        return false;
    }
    let mut made = Vec::new();
    for happening in happenings {
        let Some(item) = organization.items.get(&happening.item) else { continue };
        for subscription in organization.hooks.subscriptions.values() {
            // On probation what happens is lost.
            let listens = subscription.status == Status::Enabled
                && wants(organization, subscription, item, happening);
            if listens {
                let (id, before) = (subscription.id, subscription.last_notification);
                // One call may do several things.
                let earlier = made.iter().filter(|(other, _)| *other == id).count();
                let number = before + u32::try_from(earlier).unwrap_or(u32::MAX - before) + 1;
                let event =
                    payload::write(call, organization, subscription, id, item, happening, number);
                made.push((id, event));
            }
        }
    }
    let any = !made.is_empty();
    for (id, event) in made {
        if let Some(subscription) = organization.hooks.subscriptions.get_mut(&id) {
            subscription.notify(|_| event, call.now);
        }
    }
    any
}

/// Whether a subscription is about what happened.
fn wants(
    organization: &Organization,
    subscription: &Subscription,
    item: &WorkItem,
    happening: Happening,
) -> bool {
    let event = match happening.kind {
        Kind::Created => "workitem.created",
        Kind::Updated => "workitem.updated",
        Kind::Commented => "workitem.commented",
        Kind::Deleted => "workitem.deleted",
        Kind::Restored => "workitem.restored",
    };
    if subscription.event_type != event {
        return false;
    }
    let fields = &item.current().fields;
    let in_project = rights::project_of(subscription)
        .is_none_or(|id| organization.project_of(fields).is_some_and(|project| project.id == id));
    let inputs = &subscription.publisher_inputs;
    let under = |path: &str| {
        is_under(&text(fields, "System.AreaPath").to_lowercase(), &path.to_lowercase())
    };
    in_project
        && asked(inputs, "areaPath").is_none_or(under)
        && asked(inputs, "workItemType")
            .is_none_or(|name| name.eq_ignore_ascii_case(item.type_name()))
        && asked(inputs, "commentPattern").is_none_or(|pattern| {
            let said = text(fields, "System.History").to_lowercase();
            said.contains(&pattern.to_lowercase())
        })
        && item
            .updates
            .iter()
            .find(|update| update.id == happening.update)
            .is_none_or(|update| changes_what_is_asked(organization, inputs, item, update))
}

fn asked<'i>(inputs: &'i Inputs, name: &str) -> Option<&'i str> {
    inputs.get(name).map(String::as_str).filter(|value| !value.is_empty())
}

fn changes_what_is_asked(
    organization: &Organization,
    inputs: &Inputs,
    item: &WorkItem,
    update: &Update,
) -> bool {
    let links = asked(inputs, "linksChanged").is_some_and(|one| one.eq_ignore_ascii_case("true"));
    if links && update.added.is_empty() && update.removed.is_empty() {
        return false;
    }
    let Some(names) = asked(inputs, "changedFields") else { return true };
    let changed = history::changed_fields(organization, item, update);
    names
        .split(',')
        .filter_map(|name| fields::find(name.trim()))
        .any(|field| changed.iter().any(|name| name == field.reference))
}
