//! What a refusal of Azure DevOps means: whose fault it is, and what to do.

use base::{ErrorKind, Result};
use serde_json::{Value, json};

use crate::context::{ActionContext, Answer};

/// The longest sentence of the service that is repeated.
const SAID_CHARS_MAX: usize = 1_000;

/// The code of the error when somebody else changed the work item.
pub const CONFLICT: &str = "revision_conflict";
/// The code of the error when a query finds more than the service counts.
pub const TOO_MANY: &str = "too_many_results";
/// The code of the error when there is no such work item.
pub const NO_WORK_ITEM: &str = "work_item_not_found";
/// The code of the error when there is no such thing of another kind.
pub const NOT_FOUND: &str = "not_found";

/// The document of a success; what a refusal means.
pub fn judge(context: &ActionContext, answer: Answer) -> Result<Value> {
    let document = answer.document();
    if answer.status.is_success() {
        return Ok(document);
    }
    let said = said(&document);
    let type_key = document["typeKey"].as_str().unwrap_or_default();
    let broken = broken_rules(&document);
    let (kind, code, sentence) = match (type_key, answer.status.as_u16()) {
        (_, 500..) => (ErrorKind::Provider, "azure_devops_failed", failed(&said)),
        _ if !broken.is_empty() => (ErrorKind::Invalid, "rule_violation", violated(&broken)),
        (key, status) => refused(key, status, &said),
    };
    let mut meta = json!({ "typeKey": type_key });
    if !broken.is_empty() {
        meta["fields"] = broken.into();
    }
    if let Some(activity) = answer.headers.get("activityid").and_then(|v| v.to_str().ok()) {
        meta["activityId"] = activity.into();
    }
    Err(context.refused(&answer, (kind, code), sentence, &said, meta))
}

/// The service's own sentence, whichever of its shapes it came in.
fn said(document: &Value) -> String {
    let sentence = document["message"]
        .as_str()
        .or_else(|| document["value"]["Message"].as_str())
        .or_else(|| document["Message"].as_str());
    sentence.unwrap_or_default().chars().take(SAID_CHARS_MAX).collect()
}

/// A refusal of a kind that is known: kind, code, sentence, and whether the service's own sentence
/// says more.
type Meaning = (ErrorKind, &'static str, &'static str, bool);

const SOMEBODY_FASTER: Meaning = (
    ErrorKind::Conflict,
    CONFLICT,
    "Somebody else changed the work item in the meantime; read it again and repeat the change.",
    false,
);
const NO_PROJECT: Meaning = (
    ErrorKind::NotFound,
    "project_not_found",
    "There is no such project in this organization, or the connected account may not see it: check \
     the project's name.",
    false,
);
const NO_NODE: Meaning = (
    ErrorKind::Invalid,
    "unknown_path",
    "The area or iteration does not exist in the project: pick one it has.",
    true,
);

/// Refusals by the name of the service's exception.
const BY_TYPE: [(&str, Meaning); 9] = [
    ("TestPatchOperationFailedException", SOMEBODY_FASTER),
    ("WorkItemRevisionMismatchException", SOMEBODY_FASTER),
    (
        "WorkItemUnauthorizedAccessException",
        (
            ErrorKind::NotFound,
            NO_WORK_ITEM,
            "There is no such work item in this organization, or the connected account may not see \
             it: check the id and the account's permissions.",
            false,
        ),
    ),
    ("ProjectDoesNotExistWithNameException", NO_PROJECT),
    ("ProjectDoesNotExistException", NO_PROJECT),
    (
        "WorkItemTypeNotFoundException",
        (
            ErrorKind::NotFound,
            "type_not_found",
            "The project has no work item type of this name: choose one it has.",
            true,
        ),
    ),
    (
        "WorkItemTrackingFieldDefinitionNotFoundException",
        (
            ErrorKind::Invalid,
            "unknown_field",
            "A field does not exist: name fields by their reference names.",
            true,
        ),
    ),
    ("WorkItemFieldInvalidTreeNameException", NO_NODE),
    (
        "WorkItemTrackingQueryException",
        (ErrorKind::Invalid, "query_refused", "Azure DevOps does not take the query:", true),
    ),
];

/// Refusals with status 400 by the number with which the service's sentence begins. They come
/// before those by type, which can be the same for several.
const BY_NUMBER: [(&str, Meaning); 3] = [
    ("TF401347", NO_NODE),
    (
        "VS402337",
        (
            ErrorKind::TooLarge,
            TOO_MANY,
            "The query finds more than the 20,000 work items that Azure DevOps counts: narrow it, or \
             leave out the order so that it can be answered piece by piece.",
            false,
        ),
    ),
    (
        "VS402335",
        (
            ErrorKind::Timeout,
            "query_too_slow",
            "The query took Azure DevOps longer than its 30 seconds: narrow it.",
            false,
        ),
    ),
];

fn refused(type_key: &str, status: u16, said: &str) -> (ErrorKind, &'static str, String) {
    let by_number = BY_NUMBER.iter().find(|(begin, _)| status == 400 && said.starts_with(begin));
    let known = by_number.or_else(|| BY_TYPE.iter().find(|(name, _)| *name == type_key));
    let (kind, code, sentence, says_more) = match (known, status) {
        (Some((_, meaning)), _) => *meaning,
        (None, 409 | 412) => SOMEBODY_FASTER,
        (None, 401 | 403) => (
            ErrorKind::Invalid,
            "not_permitted",
            "The connected account may not do this in Azure DevOps: give it the permission, or \
             connect one that has it.",
            true,
        ),
        (None, 404) => (
            ErrorKind::NotFound,
            NOT_FOUND,
            "Azure DevOps has no such thing, or the account may not see it.",
            true,
        ),
        (None, _) => (ErrorKind::Invalid, "refused", "Azure DevOps refuses this:", true),
    };
    let sentence = if says_more { format!("{sentence} {said}") } else { sentence.to_owned() };
    (kind, code, sentence.trim_end().to_owned())
}

fn failed(said: &str) -> String {
    format!("Azure DevOps failed to handle the request; try again later. {said}").trim().to_owned()
}

/// Every rule that was broken: field, sentence and in which ways.
fn broken_rules(document: &Value) -> Vec<Value> {
    let details = &document["customProperties"]["RuleValidationErrors"];
    let one = |detail: &Value| {
        let field = detail["fieldReferenceName"].as_str()?;
        let flags = detail["fieldStatusFlags"].as_str().unwrap_or_default();
        let flags: Vec<&str> = flags.split(", ").filter(|flag| !flag.is_empty()).collect();
        Some(json!({ "field": field, "message": detail["errorMessage"], "flags": flags }))
    };
    details.as_array().map(|all| all.iter().filter_map(one).collect()).unwrap_or_default()
}

fn violated(broken: &[Value]) -> String {
    let one = |rule: &Value| {
        let field = rule["field"].as_str().unwrap_or_default();
        format!("{field} ({})", what(&rule["flags"]))
    };
    let fields: Vec<String> = broken.iter().map(one).collect();
    format!(
        "The rules of the work item type do not allow these values: {}. Change these fields.",
        fields.join("; ")
    )
}

/// In which way a value is wrong, in words.
fn what(flags: &Value) -> &'static str {
    let has = |wanted: &str| {
        flags.as_array().is_some_and(|flags| flags.iter().any(|flag| flag == wanted))
    };
    match () {
        () if has("readOnly") => "only Azure DevOps writes it",
        () if has("invalidEmpty") && has("required") => "it must have a value",
        () if has("invalidListValue") => "the value is not one of those allowed, or may not follow",
        () if has("invalidDate") => "it must be a date",
        () if has("invalidTooLong") => "the text is too long",
        () if has("invalidType") => "the value is of another type",
        () => "a rule of the process refuses the value",
    }
}
