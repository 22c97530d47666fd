//! What the language does, by its public interface.

mod faults;
mod language;
mod limits;
mod properties;
mod published;
mod references;

use serde_json::{Value, json};

use super::{Context, Place, RenderError, Scope, Template, find_in};
use crate::definition::Problem;

/// A scope in which everything exists.
fn scope() -> Scope {
    Scope {
        steps: ["fetch".to_owned(), "search".to_owned()].into(),
        trigger: true,
        user: true,
        account: true,
        fan_out: true,
        pagination: true,
        ..Scope::default()
    }
}

fn values() -> Value {
    json!({
        "steps": {
            "search": { "output": {
                "items": [
                    { "id": 7, "fields": { "System.Title": "First", "tags": "a; b" } },
                    { "id": 8, "fields": { "System.Title": "Second" } },
                ],
                "count": 2,
                "large": 9_007_199_254_740_993_i64,
                "largest": u64::MAX,
                "none": null,
                "flag": false,
            } },
        },
        "trigger": { "name": "Ann", "at": "2026-01-31T10:00:00+01:00", "empty": "" },
        "settings": { "project": "Fabrikam" },
        "user": { "id": "u-1", "metadata": { "plan": "pro" } },
        "account": { "id": "a-1", "data": { "organization": "fabrikam" } },
        "item": { "id": 3 },
        "index": 2,
        "self": { "pageToken": "t2" },
    })
}

fn render_at(place: Place, template: &Value, values: &Value) -> Result<Value, RenderError> {
    let template = Template::compile(template, &scope(), place).expect("it compiles");
    let find = find_in(values);
    template.render(&Context::new(&find))
}

fn render(template: &str) -> Value {
    render_at(Place::Output, &json!(template), &values())
        .unwrap_or_else(|error| panic!("{template}: {error}"))
}

fn failure(template: &str) -> String {
    match render_at(Place::Output, &json!(template), &values()) {
        Ok(value) => panic!("{template} is {value}"),
        Err(error) => error.to_string(),
    }
}

fn problems(template: &Value) -> Vec<Problem> {
    Template::compile(template, &scope(), Place::Output).err().unwrap_or_default()
}

fn lines(problems: &[Problem]) -> String {
    let line = |problem: &Problem| match problem.path.as_str() {
        "" => problem.message.clone(),
        path => format!("{path}: {}", problem.message),
    };
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}
