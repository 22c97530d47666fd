//! Whether a request brings what its workflow's trigger asks for, and what the workflow sees of it.

use base::{Error, Result};
use engine::definition::{DataType, Expected, RequestTrigger};
use http::HeaderMap;
use serde_json::{Map, Value, json};

use super::request::Brought;

/// Headers that prove who calls: a workflow does not see them, and no journal holds them.
const SECRET_HEADERS: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];
/// How many parameters a query may have.
const PARAMS_MAX: usize = 1_000;

/// Checks a request.
///
/// # Errors
/// `invalid_request` with every fault in `meta.problems`.
pub fn check(trigger: &RequestTrigger, brought: &Brought) -> Result<()> {
    let header = |key: &str| {
        let value = brought.headers.get(key.to_ascii_lowercase())?;
        Some(Value::String(String::from_utf8_lossy(value.as_bytes()).into_owned()))
    };
    let mut problems = Vec::new();
    problems.extend(faults("headers", &trigger.headers, header, true));
    problems.extend(faults(
        "params",
        &trigger.params,
        |key| brought.params.get(key).cloned(),
        true,
    ));
    problems.extend(faults("body", &trigger.body, |key| brought.body.get(key).cloned(), false));
    if problems.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> =
        problems.iter().map(|(path, message)| format!("{path} {message}")).collect();
    let message = format!("The workflow does not take this request: {}.", lines.join("; "));
    let list: Vec<Value> = problems
        .iter()
        .map(|(path, message)| json!({ "path": path, "message": message }))
        .collect();
    Err(Error::invalid("invalid_request", message).with_meta(json!({ "problems": list })))
}

fn faults(
    part: &str,
    expected: &[Expected],
    find: impl Fn(&str) -> Option<Value>,
    is_text: bool,
) -> Vec<(String, String)> {
    let one = |expected: &Expected| {
        let path = format!("{part}.{}", expected.key);
        match (find(&expected.key).filter(|value| !value.is_null()), expected.data_type) {
            (None, _) if expected.required => Some((path, "is missing".to_owned())),
            (Some(value), Some(data_type)) if !is_of(data_type, &value, is_text) => {
                Some((path, format!("must be {}", name(data_type))))
            }
            _ => None,
        }
    };
    expected.iter().filter_map(one).collect()
}

/// Headers and parameters are text always: it has to read as what is asked for.
fn is_of(data_type: DataType, value: &Value, is_text: bool) -> bool {
    let reads_as = |wanted: fn(&Value) -> bool| {
        let text = value.as_str().filter(|_| is_text);
        text.and_then(|text| serde_json::from_str(text).ok()).is_some_and(|read| wanted(&read))
    };
    match data_type {
        DataType::String => value.is_string(),
        DataType::Number => value.is_number() || reads_as(Value::is_number),
        DataType::Boolean => value.is_boolean() || reads_as(Value::is_boolean),
        DataType::Object => value.is_object() || reads_as(Value::is_object),
        DataType::Array => value.is_array() || reads_as(Value::is_array),
    }
}

const fn name(data_type: DataType) -> &'static str {
    match data_type {
        DataType::String => "text",
        DataType::Number => "a number",
        DataType::Boolean => "true or false",
        DataType::Object => "an object",
        DataType::Array => "a list",
    }
}

/// What the workflow sees: `trigger.headers`, `trigger.params` and `trigger.body`.
pub fn input(brought: Brought) -> Value {
    json!({
        "headers": shown(&brought.headers),
        "params": brought.params,
        "body": brought.body,
    })
}

fn shown(headers: &HeaderMap) -> Map<String, Value> {
    let shown = headers.iter().filter(|(name, _)| !SECRET_HEADERS.contains(&name.as_str()));
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    shown.map(|(name, value)| (name.as_str().to_owned(), text(value).into())).collect()
}

/// The parameters of a query.
///
/// # Errors
/// `too_many_params`.
pub fn params(query: Option<&str>) -> Result<Map<String, Value>> {
    let mut params = Map::new();
    let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    for (at, (name, value)) in pairs.enumerate() {
        if at >= PARAMS_MAX {
            let message = format!("A request has at most {PARAMS_MAX} parameters.");
            return Err(Error::invalid("too_many_params", message));
        }
        let (name, value) = (name.replace('\0', ""), Value::from(value.replace('\0', "")));
        match params.get_mut(&name) {
            None => drop(params.insert(name, value)),
            Some(Value::Array(all)) => all.push(value),
            Some(one) => *one = json!([one.take(), value]),
        }
    }
    Ok(params)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(key: &str, data_type: Option<DataType>, required: bool) -> Expected {
        Expected { key: key.to_owned(), data_type, required }
    }

    fn faults_of(body: Value, query: &str) -> Vec<String> {
        let trigger = RequestTrigger {
            headers: vec![expected("X-Source", None, true)],
            body: vec![
                expected("count", Some(DataType::Number), true),
                expected("tags", Some(DataType::Array), false),
            ],
            params: vec![expected("page", Some(DataType::Number), false)],
        };
        let params = params(Some(query)).expect("few parameters");
        let brought = Brought { headers: HeaderMap::new(), params, body };
        let error = check(&trigger, &brought).expect_err("the header is missing");
        let problems = error.meta().expect("meta")["problems"].clone();
        let one = |problem: &Value| {
            let text = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
            format!("{} {}", text("path"), text("message"))
        };
        problems.as_array().expect("a list").iter().map(one).collect()
    }

    #[test]
    fn every_fault_of_a_request_is_told_at_once() {
        let header = "headers.X-Source is missing";
        assert_eq!(faults_of(json!({ "count": 7 }), "page=2"), [header]);
        assert_eq!(
            faults_of(json!({ "count": "7", "tags": null }), "page=two"),
            [header, "params.page must be a number", "body.count must be a number"],
        );
        assert_eq!(faults_of(json!([]), ""), [header, "body.count is missing"]);
    }

    #[test]
    fn what_proves_the_caller_is_kept_from_the_workflow() {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", "Bearer secret".parse().expect("a value"));
        headers.insert("x-source", "crm".parse().expect("a value"));
        let brought = Brought { headers, params: Map::new(), body: Value::Null };
        assert_eq!(input(brought)["headers"], json!({ "x-source": "crm" }));
        let twice = params(Some("a=1&a=2&b=3")).expect("few parameters");
        assert_eq!(Value::Object(twice), json!({ "a": ["1", "2"], "b": "3" }));
    }
}
