//! Where a render finds the values that expressions name.

use serde_json::Value;

/// Where a path begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root<'k> {
    /// What the step with this key gave: `steps.KEY.output`.
    Step(&'k str),
    /// What the trigger gave: `trigger`.
    Trigger,
    /// An object of user settings: `settings`.
    Settings,
    /// An object with `id` and `metadata`: `user`.
    User,
    /// An object with `id` and `data` as the provider gave them: `account`. Never the token.
    Account,
    /// The item of the innermost fan out: `item`.
    Item,
    /// Its position from 0: `index`.
    Index,
    /// What pagination knows of the page before: `self`.
    Page,
}

/// The values of one render. Nothing is asked for before an expression names it, and nothing is
/// copied but what ends in the rendered value.
#[derive(Clone, Copy)]
pub struct Context<'f, 'c> {
    find: &'f (dyn Fn(Root<'_>) -> Option<&'c Value> + 'f),
}

impl<'f, 'c> Context<'f, 'c> {
    /// Values come from `find`; what it does not have is null.
    pub fn new(find: &'f (dyn Fn(Root<'_>) -> Option<&'c Value> + 'f)) -> Self {
        Self { find }
    }

    pub(super) fn find(&self, root: Root<'_>) -> Option<&'c Value> {
        (self.find)(root)
    }
}

/// Finds roots in one object written as expressions see it, `{"steps": {"a": {"output": …}},
/// "trigger": …}`, as previews and tests do.
pub fn find_in<'c>(values: &'c Value) -> impl Fn(Root<'_>) -> Option<&'c Value> {
    move |root| match root {
        Root::Step(key) => values.get("steps")?.get(key)?.get("output"),
        Root::Trigger => values.get("trigger"),
        Root::Settings => values.get("settings"),
        Root::User => values.get("user"),
        Root::Account => values.get("account"),
        Root::Item => values.get("item"),
        Root::Index => values.get("index"),
        Root::Page => values.get("self"),
    }
}
