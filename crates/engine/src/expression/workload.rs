//! Expressions of the kinds that workflows use, for whoever measures them.

use serde_json::{Value, json};

use super::{Context, Place, RenderError, Scope, Template, find_in};

/// A template and the values it is rendered with.
#[derive(Debug)]
pub struct Workload {
    template: Template,
    values: Value,
}

impl Workload {
    /// One path that keeps its type.
    pub fn path() -> Self {
        Self::of(&json!("{{ steps.search.output.items[0].id }}"))
    }

    /// A text with two paths in it.
    pub fn text() -> Self {
        Self::of(&json!("Work item {{ trigger.id }}: {{ trigger.title }}"))
    }

    /// Filters and operators.
    pub fn filters() -> Self {
        Self::of(&json!("{{ steps.search.output.items | map(\"title\") | join(\", \") | upper }}"))
    }

    /// A body with ten fields, half of which are expressions.
    pub fn body() -> Self {
        let paths: Vec<_> = (0..5)
            .map(|n| json!({ "op": "add", "value": format!("{{{{ trigger.id }}}}-{n}") }))
            .collect();
        Self::of(&json!(paths))
    }

    /// Renders it once.
    ///
    /// # Errors
    /// None that a workload of here meets.
    pub fn render(&self) -> Result<Value, RenderError> {
        let find = find_in(&self.values);
        self.template.render(&Context::new(&find))
    }

    fn of(template: &Value) -> Self {
        let scope =
            Scope { steps: ["search".to_owned()].into(), trigger: true, ..Scope::default() };
        let template = Template::compile(template, &scope, Place::Output)
            .unwrap_or_else(|problems| panic!("a workload does not compile: {problems:?}"));
        let items: Vec<_> =
            (0..100).map(|id| json!({ "id": id, "title": format!("Item {id}") })).collect();
        let values = json!({
            "steps": { "search": { "output": { "items": items } } },
            "trigger": { "id": 4711, "title": "The login page is slow" },
        });
        Self { template, values }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_workload_renders() {
        assert_eq!(Workload::path().render(), Ok(json!(0)));
        assert_eq!(Workload::text().render(), Ok(json!("Work item 4711: The login page is slow")));
        assert!(Workload::filters().render().is_ok_and(|value| value.is_string()));
        assert!(Workload::body().render().is_ok_and(|value| value[4]["value"] == "4711-4"));
    }
}
