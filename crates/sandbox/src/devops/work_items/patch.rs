//! Reads a JSON Patch document as official and other clients write it.

use serde_json::{Map, Value};

use crate::devops::problem::Problem;

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Sets a field, or adds to a list.
    Add,
    /// Takes away.
    Remove,
    /// Sets.
    Replace,
    /// Takes a field's value to another field.
    Move,
    /// Copies a field's value to another field.
    Copy,
    /// Lets the whole patch fail unless the value is this.
    Test,
}

/// What a step is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pointer {
    /// `/fields/System.Title`.
    Field(String),
    /// `/relations/-`.
    NewRelation,
    /// `/relations/2`.
    Relation(usize),
    /// `/relations/2/attributes/comment`.
    RelationAttribute(usize, String),
    /// `/rev`.
    Rev,
    /// `/id`: a temporary number that only a batch has a use for.
    Id,
    /// `/multilineFieldsFormat/System.Description`.
    Format(String),
}

/// One step of a patch.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What it does.
    pub op: Op,
    /// What to.
    pub pointer: Pointer,
    /// The path as written, for messages.
    pub path: String,
    /// With what; null when there is none.
    pub value: Value,
    /// Where a move or a copy takes the value from.
    pub from: Option<Pointer>,
}

/// Reads the document: an array of operations.
pub fn parse(document: &Value) -> Result<Vec<Step>, Problem> {
    let steps = document.as_array().ok_or_else(Problem::no_patch_document)?;
    if steps.is_empty() {
        return Err(Problem::no_patch_document());
    }
    steps.iter().map(step).collect()
}

fn step(step: &Value) -> Result<Step, Problem> {
    let step = step.as_object().ok_or_else(Problem::no_patch_document)?;
    let path = key(step, "path").and_then(Value::as_str).ok_or_else(Problem::no_patch_document)?;
    let from = match key(step, "from").and_then(Value::as_str) {
        Some(from) => Some(pointer(from)?),
        None => None,
    };
    Ok(Step {
        op: op(key(step, "op")).ok_or_else(Problem::no_patch_document)?,
        pointer: pointer(path)?,
        path: path.to_owned(),
        value: key(step, "value").cloned().unwrap_or(Value::Null),
        from,
    })
}

/// A member whatever the case of its name: some clients write `Path`.
fn key<'a>(step: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    step.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// An operation by its name in any case, or by the number official clients send.
fn op(value: Option<&Value>) -> Option<Op> {
    const BY_NUMBER: [(&str, Op); 6] = [
        ("add", Op::Add),
        ("remove", Op::Remove),
        ("replace", Op::Replace),
        ("move", Op::Move),
        ("copy", Op::Copy),
        ("test", Op::Test),
    ];
    match value? {
        Value::Number(number) => {
            let index = usize::try_from(number.as_u64()?).ok()?;
            BY_NUMBER.get(index).map(|(_, op)| *op)
        }
        Value::String(name) => {
            BY_NUMBER.iter().find(|(one, _)| one.eq_ignore_ascii_case(name)).map(|(_, op)| *op)
        }
        _ => None,
    }
}

fn pointer(path: &str) -> Result<Pointer, Problem> {
    let mut parts = path.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~"));
    let root = parts.next().unwrap_or_default().to_ascii_lowercase();
    let (first, second, third) = (parts.next(), parts.next(), parts.next());
    let index = first.as_deref().and_then(|part| part.parse().ok());
    let pointer = match (root.as_str(), first, second, third) {
        ("fields", Some(field), None, None) if !field.is_empty() => Some(Pointer::Field(field)),
        ("relations", Some(dash), None, None) if dash == "-" => Some(Pointer::NewRelation),
        ("relations", Some(_), None, None) => index.map(Pointer::Relation),
        ("relations", Some(_), Some(attributes), Some(name)) if attributes == "attributes" => {
            index.map(|index| Pointer::RelationAttribute(index, name))
        }
        ("rev", None, None, None) => Some(Pointer::Rev),
        ("id", None, None, None) => Some(Pointer::Id),
        ("multilinefieldsformat", Some(field), None, None) => Some(Pointer::Format(field)),
        _ => None,
    };
    pointer.ok_or_else(|| {
        Problem::invalid(format!(
            "VS403690: The path \"{path}\" of a patch operation is not one that work items have."
        ))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_operation_may_be_a_word_in_any_case_or_a_number() {
        for op in [json!("add"), json!("Add"), json!(0)] {
            let document =
                json!([{ "op": op, "path": "/fields/System.Title", "from": null, "value": "x" }]);
            let steps = parse(&document).expect("a patch");
            assert_eq!(steps[0].op, Op::Add);
            assert_eq!(steps[0].pointer, Pointer::Field("System.Title".to_owned()));
        }
    }

    #[test]
    fn what_is_not_a_patch_is_refused() {
        for document in [
            json!({}),
            json!([]),
            json!([1]),
            json!([{ "op": "add" }]),
            json!([{ "op": "bake", "path": "/rev" }]),
            json!([{ "op": 6, "path": "/rev" }]),
            json!([{ "op": "add", "path": "title" }]),
            json!([{ "op": "add", "path": "/relations/x" }]),
        ] {
            assert!(parse(&document).is_err(), "{document}");
        }
    }
}
