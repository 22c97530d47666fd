//! What there is to be told of, by whom, and by which means, with the inputs of each.

use serde_json::{Value, json};

use crate::devops::call::Call;

/// The only publisher of the sandbox.
pub const PUBLISHER: &str = "tfs";
/// The only consumer, and its only action.
pub const CONSUMER: &str = "webHooks";
/// What the consumer does.
pub const ACTION: &str = "httpRequest";
/// The forms a resource is sent in; the first is the default.
pub const RESOURCE_VERSIONS: [&str; 5] =
    ["1.0", "1.0-preview.2", "1.0-preview.1", "3.1-preview.3", "5.1-preview.3"];

/// Something that can happen.
#[derive(Debug)]
pub struct EventType {
    /// Its id.
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// What it is.
    description: &'static str,
    /// What can be asked of it.
    pub inputs: &'static [Input],
}

/// An input of an event or of the means.
#[derive(Debug)]
pub struct Input {
    /// Its id.
    pub id: &'static str,
    name: &'static str,
    description: &'static str,
    mode: &'static str,
    /// Whether its value is never told.
    pub is_confidential: bool,
    /// Whether it must be given.
    pub is_required: bool,
    /// The only values it takes; empty for any.
    pub values: &'static [&'static str],
}

const fn input(
    id: &'static str,
    name: &'static str,
    description: &'static str,
    mode: &'static str,
) -> Input {
    Input { id, name, description, mode, is_confidential: false, is_required: false, values: &[] }
}

const fn choice(
    id: &'static str,
    name: &'static str,
    description: &'static str,
    values: &'static [&'static str],
) -> Input {
    Input { values, ..input(id, name, description, "combo") }
}

const AREA: Input =
    input("areaPath", "Area path", "Only work items in this part of the tree of areas.", "combo");
const TYPE: Input =
    input("workItemType", "Work item type", "Only work items of this type.", "combo");

/// The events of work items.
pub static EVENTS: [EventType; 5] = [
    EventType {
        id: "workitem.created",
        name: "Work item created",
        description: "A work item was created.",
        inputs: &[AREA, TYPE],
    },
    EventType {
        id: "workitem.deleted",
        name: "Work item deleted",
        description: "A work item was put into the recycle bin.",
        inputs: &[AREA, TYPE],
    },
    EventType {
        id: "workitem.restored",
        name: "Work item restored",
        description: "A work item was taken out of the recycle bin.",
        inputs: &[AREA, TYPE],
    },
    EventType {
        id: "workitem.updated",
        name: "Work item updated",
        description: "A work item was changed.",
        inputs: &[
            AREA,
            TYPE,
            input("changedFields", "Field", "Only changes of this field.", "combo"),
            choice("linksChanged", "Links", "Only changes of links.", &["true", "false"]),
        ],
    },
    EventType {
        id: "workitem.commented",
        name: "Work item commented on",
        description: "Something was said about a work item.",
        inputs: &[
            AREA,
            TYPE,
            input("commentPattern", "Contains string", "Only comments with this text.", "textBox"),
        ],
    },
];

const DETAILS: &[&str] = &["all", "minimal", "none"];
const MESSAGES: &[&str] = &["all", "text", "html", "markdown", "none"];

/// The inputs of the means.
pub static CONSUMER_INPUTS: [Input; 8] = [
    Input { is_required: true, ..input("url", "URL", "Where to send it.", "textBox") },
    choice(
        "acceptUntrustedCerts",
        "Accept untrusted SSL certificates",
        "Whether the certificate of the target is not checked.",
        &["true", "false"],
    ),
    input("basicAuthUsername", "Basic authentication username", "For HTTPS targets.", "textBox"),
    Input {
        is_confidential: true,
        ..input(
            "basicAuthPassword",
            "Basic authentication password",
            "For HTTPS targets.",
            "passwordBox",
        )
    },
    Input {
        is_confidential: true,
        ..input("httpHeaders", "HTTP headers", "Name:value, one on each line.", "textArea")
    },
    choice("resourceDetailsToSend", "Resource details to send", "How much is sent.", DETAILS),
    choice("messagesToSend", "Messages to send", "Which forms of the message.", MESSAGES),
    choice(
        "detailedMessagesToSend",
        "Detailed messages to send",
        "Which forms of the detailed message.",
        MESSAGES,
    ),
];

/// The inputs that every event has.
pub static PUBLISHER_INPUTS: [Input; 1] =
    [input("projectId", "Project", "Only events of this project.", "combo")];

/// The event of this id, in any letter case.
pub fn event(id: &str) -> Option<&'static EventType> {
    EVENTS.iter().find(|event| event.id.eq_ignore_ascii_case(id))
}

/// An event as answers show it.
pub fn event_body(call: &Call<'_>, event: &EventType) -> Value {
    let inputs: Vec<Value> = event.inputs.iter().map(input_body).collect();
    json!({
        "publisherId": PUBLISHER,
        "id": event.id,
        "url": format!("{}/_apis/hooks/publishers/{PUBLISHER}/eventTypes/{}", call.base(), event.id),
        "name": event.name,
        "description": event.description,
        "supportedResourceVersions": RESOURCE_VERSIONS,
        "inputDescriptors": inputs,
    })
}

/// An input as answers show it.
pub fn input_body(input: &Input) -> Value {
    let possible: Vec<Value> =
        input.values.iter().map(|value| json!({ "value": value, "displayValue": value })).collect();
    json!({
        "id": input.id,
        "name": input.name,
        "description": input.description,
        "inputMode": input.mode,
        "isConfidential": input.is_confidential,
        "useInDefaultDescription": false,
        "validation": {
            "dataType": if input.id == "url" { "uri" } else { "string" },
            "isRequired": input.is_required,
        },
        "values": {
            "defaultValue": "",
            "possibleValues": possible,
            "isLimitedToPossibleValues": !input.values.is_empty(),
        },
        "hasDynamicValueInformation": input.mode == "combo" && input.values.is_empty(),
    })
}
