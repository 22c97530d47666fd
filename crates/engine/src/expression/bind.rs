//! Ties the names in expressions to what exists where they stand.

use super::context::Root;
use super::reference::Reference;
use super::scope::{Names, Place, Scope};
use super::syntax::{Expression, Segment};
use super::template::References;

/// How many known names a sentence lists.
const LISTED_NAMES_MAX: usize = 20;

/// Knows what exists, notes what is used, and gathers what does not fit.
pub(super) struct Binder<'x> {
    scope: &'x Scope,
    place: Place,
    /// What was named.
    pub(super) references: References,
    /// What was named and does not exist, as sentences.
    pub(super) faults: Vec<String>,
}

impl<'x> Binder<'x> {
    pub(super) fn new(scope: &'x Scope, place: Place) -> Self {
        Self { scope, place, references: References::default(), faults: Vec::new() }
    }

    /// What `root` with `segments` after it is. After a fault it is null, and faults say why.
    pub(super) fn bind(&mut self, root: &str, segments: Vec<Segment>) -> Expression {
        let bound = match root {
            "steps" => self.step(segments),
            "secrets" => self.secret(&segments),
            "settings" => self.setting(segments),
            "account" if self.scope.account => self.account(segments),
            "user" if self.scope.user => named(&segments, "user", &["id", "metadata"])
                .map(|()| (Root::User, segments))
                .map(path),
            "trigger" if self.scope.trigger => Ok(path((Root::Trigger, segments))),
            "item" if self.scope.fan_out => Ok(path((Root::Item, segments))),
            "index" if self.scope.fan_out => Ok(path((Root::Index, segments))),
            "self" if self.scope.pagination => Ok(path((Root::Page, segments))),
            other => Err(self.unknown(other)),
        };
        bound.unwrap_or_else(|fault| {
            self.faults.push(fault);
            Expression::Literal(serde_json::Value::Null)
        })
    }

    fn step(&mut self, mut segments: Vec<Segment>) -> Result<Expression, String> {
        let known = || list(&self.scope.steps);
        let Some(Segment::Key(key)) = segments.first().cloned() else {
            let known = known();
            return Err(format!("Name a step: `steps.KEY.output`. Known steps: {known}."));
        };
        if !self.scope.steps.contains(&key) {
            let known = known();
            return Err(format!(
                "There is no step \"{key}\" before this one; known steps: {known}."
            ));
        }
        match segments.get(1) {
            Some(Segment::Key(field)) if field == "output" => {}
            Some(Segment::Key(field)) => {
                return Err(format!(
                    "A step has only its output: write `steps.{key}.output` before \"{field}\"."
                ));
            }
            _ => return Err(format!("Write `steps.{key}.output` for what the step gave.")),
        }
        self.references.steps.insert(key.clone());
        segments.drain(..2);
        Ok(inside(Expression::Step(key), segments))
    }

    fn secret(&mut self, segments: &[Segment]) -> Result<Expression, String> {
        let [Segment::Key(name)] = segments else {
            return Err(
                "Name one secret, as in `secrets.API_KEY`; there is nothing inside it.".to_owned()
            );
        };
        if let Names::Known(known) = &self.scope.secrets
            && !known.contains(name)
        {
            let known = list(known);
            return Err(format!("There is no secret \"{name}\"; known secrets: {known}."));
        }
        self.references.secrets.insert(name.clone());
        self.opaque(Reference::Secret { name: name.clone() })
    }

    fn setting(&mut self, segments: Vec<Segment>) -> Result<Expression, String> {
        match segments.first() {
            Some(Segment::Key(name)) => {
                if let Names::Known(known) = &self.scope.settings
                    && !known.contains(name)
                {
                    let known = list(known);
                    return Err(format!(
                        "There is no user setting \"{name}\"; known settings: {known}."
                    ));
                }
                self.references.settings.insert(name.clone());
            }
            Some(_) => return Err("Name a setting, as in `settings.project`.".to_owned()),
            None => {}
        }
        Ok(path((Root::Settings, segments)))
    }

    fn account(&mut self, segments: Vec<Segment>) -> Result<Expression, String> {
        named(&segments, "account", &["data", "id", "token"])?;
        if !matches!(segments.first(), Some(Segment::Key(field)) if field == "token") {
            return Ok(path((Root::Account, segments)));
        }
        if segments.len() > 1 {
            return Err("There is nothing inside `account.token`.".to_owned());
        }
        self.references.token = true;
        self.opaque(Reference::Token { name: "account".to_owned() })
    }

    fn opaque(&self, reference: Reference) -> Result<Expression, String> {
        if self.place == Place::Request {
            return Ok(Expression::Reference(reference));
        }
        Err(format!(
            "{} cannot be used in {}: it may stand only in the address, headers, query, body and \
             authorization of a request.",
            reference.written(),
            self.place.phrase()
        ))
    }

    fn unknown(&self, root: &str) -> String {
        match root {
            "item" | "index" => format!("`{root}` exists only inside a fan out."),
            "self" => "`self` exists only in the fields of pagination.".to_owned(),
            "trigger" | "user" | "account" => format!("There is no `{root}` here."),
            _ => {
                let scope = self.scope;
                let roots = [
                    ("steps", true),
                    ("trigger", scope.trigger),
                    ("settings", true),
                    ("user", scope.user),
                    ("account", scope.account),
                    ("secrets", self.place == Place::Request),
                    ("item", scope.fan_out),
                    ("index", scope.fan_out),
                    ("self", scope.pagination),
                ];
                let known = roots.into_iter().filter(|(_, exists)| *exists);
                let known: Vec<_> = known.map(|(root, _)| root).collect();
                let hint = match self.scope.steps.contains(root) {
                    true => format!(" A step's output is `steps.{root}.output`."),
                    false => String::new(),
                };
                format!("There is no \"{root}\"; known here: {}.{hint}", known.join(", "))
            }
        }
    }
}

/// Holds the first segment against the fields that a root has.
fn named(segments: &[Segment], root: &str, fields: &[&str]) -> Result<(), String> {
    match segments.first() {
        None => Ok(()),
        Some(Segment::Key(field)) if fields.contains(&field.as_str()) => Ok(()),
        Some(Segment::Key(field)) => {
            let fields = fields.join(", ");
            Err(format!("`{root}` has no \"{field}\"; it has: {fields}."))
        }
        Some(_) => Err(format!("Name a field of `{root}`: {}.", fields.join(", "))),
    }
}

fn path((root, segments): (Root<'static>, Vec<Segment>)) -> Expression {
    inside(Expression::Root(root), segments)
}

fn inside(base: Expression, segments: Vec<Segment>) -> Expression {
    if segments.is_empty() { base } else { Expression::Path(Box::new(base), segments) }
}

fn list(names: &std::collections::BTreeSet<String>) -> String {
    let shown: Vec<_> = names.iter().take(LISTED_NAMES_MAX).map(String::as_str).collect();
    match names.len() - shown.len() {
        0 if shown.is_empty() => "none".to_owned(),
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
