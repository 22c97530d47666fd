//! Reads inputs that were checked before: what is not there is none.

use serde_json::Value;

use crate::action::Inputs;

/// The text of this name, unless it is empty.
pub fn text<'i>(inputs: &'i Inputs, key: &str) -> Option<&'i str> {
    inputs.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

/// The number of this name.
pub fn integer(inputs: &Inputs, key: &str) -> Option<i64> {
    inputs.get(key).and_then(Value::as_i64)
}

/// Whether this is said to be so.
pub fn is_true(inputs: &Inputs, key: &str) -> bool {
    inputs.get(key).and_then(Value::as_bool).unwrap_or(false)
}

/// The object of this name.
pub fn object<'i>(inputs: &'i Inputs, key: &str) -> Option<&'i Inputs> {
    inputs.get(key).and_then(Value::as_object)
}

/// The list of this name.
pub fn list<'i>(inputs: &'i Inputs, key: &str) -> &'i [Value] {
    inputs.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The objects of the list of this name.
pub fn objects<'i>(inputs: &'i Inputs, key: &str) -> impl Iterator<Item = &'i Inputs> {
    list(inputs, key).iter().filter_map(Value::as_object)
}

/// The texts of the list of this name, without empty ones.
pub fn texts<'i>(inputs: &'i Inputs, key: &str) -> Vec<&'i str> {
    let texts = list(inputs, key).iter().filter_map(Value::as_str).map(str::trim);
    texts.filter(|text| !text.is_empty()).collect()
}
