//! A work item while a patch is applied to it: a copy, so that a patch that fails half way leaves
//! nothing behind.

use std::collections::BTreeSet;

use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::commit::{Plan, Writer};
use super::patch::{Op, Pointer, Step};
use super::rules::{self, Violation};
use super::{links, state_change, tags, values};
use crate::devops::call::Call;
use crate::devops::catalog::ItemType;
use crate::devops::catalog::fields::{self, Field};
use crate::devops::problem::Problem;
use crate::devops::state::{
    Fields, Node, Organization, Project, Relation, WorkItem, path_of, text,
};

/// Fields that only the service writes, but for a caller who may bypass rules.
const IMPORTED: [&str; 4] =
    ["System.CreatedDate", "System.CreatedBy", "System.ChangedDate", "System.ChangedBy"];

/// An item as the patch makes it.
pub struct Draft<'a> {
    call: &'a Call<'a>,
    organization: &'a Organization,
    id: Option<u32>,
    rev: u32,
    before: Fields,
    fields: Fields,
    markdown: Vec<String>,
    relations_before: Vec<Relation>,
    relations: Vec<Relation>,
    written: BTreeSet<&'static str>,
    violations: Vec<Violation>,
    bypasses_rules: bool,
}

impl<'a> Draft<'a> {
    /// A new item with its defaults.
    pub fn new(
        call: &'a Call<'a>,
        organization: &'a Organization,
        project: &Project,
        item_type: &ItemType,
    ) -> Self {
        let mut fields = Fields::new();
        let mut set = |field: &str, value: &str| fields.insert(field.to_owned(), json!(value));
        set("System.TeamProject", &project.name);
        set("System.WorkItemType", item_type.name);
        set("System.AreaPath", &project.name);
        set("System.IterationPath", &project.name);
        if let Some(state) = item_type.states.first() {
            set("System.State", state.name);
            set("System.Reason", state.reason);
        }
        fill_defaults(call, organization, item_type, &mut fields);
        Self {
            call,
            organization,
            id: None,
            rev: 0,
            before: Fields::new(),
            fields,
            markdown: Vec::new(),
            relations_before: Vec::new(),
            relations: Vec::new(),
            written: BTreeSet::new(),
            violations: Vec::new(),
            bypasses_rules: false,
        }
    }

    /// An item that exists.
    pub fn of(call: &'a Call<'a>, organization: &'a Organization, item: &WorkItem) -> Self {
        let current = item.current();
        let mut fields = current.fields.clone();
        // A comment belongs to the revision it was made in.
        fields.remove("System.History");
        let relations = links::visible(organization, &item.relations);
        Self {
            call,
            organization,
            id: Some(item.id),
            rev: current.rev,
            before: fields.clone(),
            fields,
            markdown: current.markdown.clone(),
            relations_before: relations.clone(),
            relations,
            written: BTreeSet::new(),
            violations: Vec::new(),
            bypasses_rules: false,
        }
    }

    /// The fields as they are so far.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Lets the write break rules, if the caller may.
    pub fn bypass_rules(&mut self, project: &Project) -> Result<(), Problem> {
        require_administrator(self.call, project, "Bypass rules on work item updates")?;
        self.bypasses_rules = true;
        Ok(())
    }

    /// Applies all steps in order.
    pub fn apply(&mut self, steps: &[Step]) -> Result<(), Problem> {
        steps.iter().try_for_each(|step| self.apply_step(step))
    }

    fn apply_step(&mut self, step: &Step) -> Result<(), Problem> {
        match (&step.pointer, step.op) {
            (Pointer::Rev, Op::Test) => self.test(step, &json!(self.rev)),
            (Pointer::Field(name), op) => self.apply_to_field(step, name, op),
            (Pointer::Format(name), Op::Add | Op::Replace) => self.set_format(name, &step.value),
            (Pointer::NewRelation, Op::Add) => {
                let relation = links::read(self.organization, &step.value, self.call.now)?;
                links::check(self.organization, self.id, &self.relations, &relation)?;
                self.relations.push(relation);
                Ok(())
            }
            (Pointer::Relation(index), Op::Remove) => {
                self.relation(*index)?;
                self.relations.remove(*index);
                Ok(())
            }
            (Pointer::RelationAttribute(index, name), Op::Add | Op::Replace | Op::Remove)
                if name == "comment" =>
            {
                let comment = step.value.as_str().filter(|comment| !comment.is_empty());
                self.relation(*index)?.comment = comment.map(str::to_owned);
                Ok(())
            }
            // A number for use inside a batch; alone it has no meaning.
            (Pointer::Id, Op::Add) => Ok(()),
            _ => Err(Problem::invalid(format!(
                "VS403691: The operation is not supported for the path \"{}\".",
                step.path
            ))),
        }
    }

    fn apply_to_field(&mut self, step: &Step, name: &str, op: Op) -> Result<(), Problem> {
        let field = fields::find(name).ok_or_else(|| Problem::no_field(name))?;
        let source = match (&step.from, op) {
            (Some(Pointer::Field(from)), Op::Move | Op::Copy) => {
                Some(fields::find(from).ok_or_else(|| Problem::no_field(from))?)
            }
            (_, Op::Move | Op::Copy) => return Err(Problem::no_patch_document()),
            _ => None,
        };
        match op {
            Op::Test => {
                let actual = self.fields.get(field.reference).cloned().unwrap_or(Value::Null);
                let given = values::read(self.call, self.organization, field, &step.value);
                match given {
                    Ok(given) if given.clone().unwrap_or(Value::Null) == actual => Ok(()),
                    _ => Err(test_failed(step, &actual)),
                }
            }
            Op::Remove => self.set(field, &Value::Null),
            Op::Add if field.reference == "System.Tags" => {
                let given = step.value.as_str().unwrap_or_default();
                let merged = tags::merge(text(&self.fields, field.reference), given)?;
                self.set(field, &json!(merged))
            }
            Op::Replace if field.reference == "System.Tags" => {
                let given = tags::merge("", step.value.as_str().unwrap_or_default())?;
                self.set(field, &json!(given))
            }
            Op::Add | Op::Replace => self.set(field, &step.value),
            Op::Move | Op::Copy => {
                let Some(source) = source else { return Err(Problem::no_patch_document()) };
                let value = self.fields.get(source.reference).cloned().unwrap_or(Value::Null);
                if op == Op::Move {
                    self.set(source, &Value::Null)?;
                }
                self.set(field, &value)
            }
        }
    }

    fn set(&mut self, field: &'static Field, given: &Value) -> Result<(), Problem> {
        let imports = self.bypasses_rules && IMPORTED.contains(&field.reference);
        if field.read_only && !imports {
            self.violations.push(Violation::read_only(field));
            return Ok(());
        }
        let project = self.project()?;
        let known = project
            .item_type(text(&self.fields, "System.WorkItemType"))
            .is_some_and(|item_type| item_type.rule(field.reference).is_some());
        if !known {
            return Err(Problem::no_field(field.reference));
        }
        self.written.insert(field.reference);
        match values::read(self.call, self.organization, field, given) {
            Ok(Some(value)) => {
                self.fields.insert(field.reference.to_owned(), value);
            }
            Ok(None) => {
                self.fields.remove(field.reference);
            }
            Err(violation) => self.violations.push(violation),
        }
        Ok(())
    }

    fn set_format(&mut self, name: &str, value: &Value) -> Result<(), Problem> {
        let field = fields::find(name).ok_or_else(|| Problem::no_field(name))?;
        let given = value.as_str().unwrap_or_default();
        let markdown = given.eq_ignore_ascii_case("Markdown");
        if !field.kind.is_long() || !(markdown || given.eq_ignore_ascii_case("Html")) {
            return Err(Problem::invalid(format!(
                "The format '{given}' is not one that field {} can have.",
                field.reference
            )));
        }
        self.markdown.retain(|one| one != field.reference);
        if markdown {
            self.markdown.push(field.reference.to_owned());
        }
        Ok(())
    }

    fn relation(&mut self, index: usize) -> Result<&mut Relation, Problem> {
        self.relations.get_mut(index).ok_or_else(|| {
            Problem::invalid(format!("VS403692: There is no relation at index {index}."))
        })
    }

    fn test(&self, step: &Step, actual: &Value) -> Result<(), Problem> {
        let given =
            step.value.as_str().and_then(|text| text.parse().ok().map(|rev: u32| json!(rev)));
        if given.as_ref().unwrap_or(&step.value) == actual {
            return Ok(());
        }
        Err(test_failed(step, actual))
    }

    fn project(&self) -> Result<&'a Project, Problem> {
        let name = text(&self.fields, "System.TeamProject");
        self.organization.project(name).ok_or_else(|| Problem::no_project(name))
    }

    /// Settles what follows from the writes, checks every rule, and says what to commit.
    pub fn finish(mut self) -> Result<Plan, Problem> {
        let project = self.project()?;
        let item_type = {
            let name = text(&self.fields, "System.WorkItemType");
            project.item_type(name).ok_or_else(|| Problem::no_type(name, project.id))?
        };
        self.settle_place(project, item_type)?;
        self.settle_state(item_type);
        if !self.bypasses_rules {
            self.violations.extend(rules::check(item_type, &self.before, &self.fields));
        }
        rules::refuse(&self.violations)?;
        let (is_import, fields) = (self.written.contains("System.ChangedDate"), self.fields);
        Ok(Plan {
            id: self.id,
            fields_changed: fields != self.before,
            is_import,
            fields,
            markdown: self.markdown,
            relations_before: self.relations_before,
            relations: self.relations,
        })
    }

    /// Gives project, type and paths the spelling they have, an item of a new type the presets of
    /// that type, and an item that moved to another project a place there.
    fn settle_place(&mut self, project: &Project, item_type: &ItemType) -> Result<(), Problem> {
        let other_type = text(&self.before, "System.WorkItemType");
        if !other_type.is_empty() && other_type != item_type.name {
            fill_defaults(self.call, self.organization, item_type, &mut self.fields);
        }
        let moved = text(&self.before, "System.TeamProject");
        let moved = !moved.is_empty() && moved != project.name;
        self.fields.insert("System.TeamProject".to_owned(), json!(project.name));
        self.fields.insert("System.WorkItemType".to_owned(), json!(item_type.name));
        for (field, tree) in
            [("System.AreaPath", &project.areas), ("System.IterationPath", &project.iterations)]
        {
            if moved && !self.written.contains(field) {
                self.fields.insert(field.to_owned(), json!(project.name));
            }
            if let Some(path) = self.fields.get(field).and_then(Value::as_str) {
                let spelled = spelled(tree, path).ok_or_else(|| self.bad_path(field))?;
                self.fields.insert(field.to_owned(), json!(spelled));
            }
        }
        Ok(())
    }

    fn bad_path(&self, field: &str) -> Problem {
        let id = self.id.map_or(-1, i64::from);
        Problem::tracking(
            "WorkItemFieldInvalidTreeNameException",
            format!("TF401347: Invalid tree name given for work item {id}, field '{field}'."),
        )
    }

    fn settle_state(&mut self, item_type: &ItemType) {
        let writer = Writer { account: self.call.account(), now: self.call.now };
        let old = item_type.state(text(&self.before, "System.State"));
        let Some(new) = item_type.state(text(&self.fields, "System.State")) else { return };
        self.fields.insert("System.State".to_owned(), json!(new.name));
        if old.is_some_and(|old| old.name == new.name) {
            return;
        }
        if !self.written.contains("System.Reason") {
            self.fields.insert("System.Reason".to_owned(), json!(new.reason));
        }
        state_change::stamp(&mut self.fields, old, new, writer);
    }
}

/// Gives each empty field the value that the type presets for it.
fn fill_defaults(
    call: &Call<'_>,
    organization: &Organization,
    item_type: &ItemType,
    fields: &mut Fields,
) {
    for rule in item_type.all_rules() {
        let Some((field, default)) = fields::find(rule.field).zip(rule.default) else { continue };
        if let Ok(Some(value)) = values::read(call, organization, field, &json!(default)) {
            fields.entry(field.reference).or_insert(value);
        }
    }
}

/// A path in the spelling of the tree; a slash at its start, or forward slashes, are not taken.
fn spelled(tree: &Node, path: &str) -> Option<String> {
    tree.walk(path).map(|way| path_of(&way))
}

fn test_failed(step: &Step, actual: &Value) -> Problem {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Problem::tracking(
        "TestPatchOperationFailedException",
        format!(
            "VS403351: Test Operation for path {} failed, value {} was not equal to test value {}.",
            step.path,
            plain(actual),
            plain(&step.value)
        ),
    )
    .with_status(StatusCode::PRECONDITION_FAILED)
}

/// Refuses whoever does not administer the project: an administrator of its default team does.
pub fn require_administrator(
    call: &Call<'_>,
    project: &Project,
    permission: &str,
) -> Result<(), Problem> {
    let account: Uuid = call.account();
    let administers = project.teams.first().is_some_and(|team| {
        team.members.iter().take(team.administrators).any(|one| *one == account)
    });
    if administers {
        return Ok(());
    }
    Err(Problem::forbidden(&call.caller.person.display_name, permission))
}
