//! The inputs that several actions ask for, in the same words.

use crate::descriptor::{Choice, Field, Kind, Options};

/// The greatest id of a work item.
const ID_MAX: i64 = 2_147_483_647;

/// Another organization than the account's own.
pub fn organization() -> Field {
    Field::text("organization", "Organization").hint(
        "Another organization that the account may use: its name or address. Left out, the one that was connected.",
    )
}

/// The project, where it is needed.
pub fn project() -> Field {
    Field::picked("project", "Project", "projects", &["organization"])
        .required()
        .hint("The project's name or id.")
}

/// The project, where an id says enough.
pub fn project_if_known() -> Field {
    Field::picked("project", "Project", "projects", &["organization"])
        .hint("The project's name or id. Left out, the item is looked for in all projects.")
}

/// A work item.
pub fn id() -> Field {
    Field::integer("id", "Work item", 1, ID_MAX).required().hint("The id of the work item.")
}

/// Markdown or HTML.
pub fn format_kind() -> Kind {
    let options = vec![Choice::new("html", "HTML"), Choice::new("markdown", "Markdown")];
    Kind::Choice { options: Options::Static(options), open: false }
}

/// What people fill in most, each on its own. Area and iteration come from the project's tree.
pub fn usual_fields() -> Vec<Field> {
    const OF_PROJECT: &[&str] = &["organization", "project"];
    const OF_TYPE: &[&str] = &["organization", "project", "type"];
    vec![
        Field::long_text("description", "Description"),
        Field::new("description_format", "Format of the description", format_kind())
            .hint("Left out, the field stays in the format it has; that of a new item is HTML."),
        Field::picked("state", "State", "states", OF_TYPE)
            .hint("One that the type's rules let follow."),
        Field::picked("assigned_to", "Assigned to", "people", OF_PROJECT)
            .hint("A person's e-mail address or display name."),
        Field::picked("area", "Area", "areas", OF_PROJECT)
            .hint("Such as Project\\Team; slashes and a leading Area level are understood."),
        Field::picked("iteration", "Iteration", "iterations", OF_PROJECT).hint(
            "Such as Project\\Sprint 1; slashes and a leading Iteration level are understood.",
        ),
    ]
}

/// Any other fields of the type.
pub fn more_fields() -> Vec<Field> {
    vec![
        Field::loaded("fields", "More fields", "fields", &["organization", "project", "type"])
            .hint("By reference name, such as Microsoft.VSTS.Common.Priority, custom ones too."),
        Field::new("formats", "Formats of long texts", Kind::Map(Box::new(format_kind())))
            .hint("By reference name: html or markdown. What is not named stays as it is."),
    ]
}

/// How the write is treated.
pub fn treatment() -> Vec<Field> {
    vec![
        Field::boolean("bypass_rules", "Bypass rules").hint(
            "Write values that the type's rules refuse. The account needs the permission for it.",
        ),
        Field::boolean("suppress_notifications", "Suppress notifications")
            .hint("Send no mails about it. The account needs the permission for it."),
    ]
}
