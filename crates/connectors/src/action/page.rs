//! The page of the documentation that tells what a connector's actions ask for and answer.

use std::fmt::Write as _;

use super::{Access, Action, Repeat};
use crate::{Connector, descriptor};

impl Connector {
    /// The page in Markdown; none for a connector without actions.
    pub fn actions_page(&self) -> Option<String> {
        if self.actions().is_empty() {
            return None;
        }
        let name = &self.provider.name;
        let mut text = format!(
            "# Actions of {name}\n\n\
             Made by `scripts/generate` from the definitions of the actions: the same that check \
             inputs, draw forms and tell agents what they can call. What an account needs and what \
             errors mean stands in the page of the connector.\n\n\
             | Action | In workflows | For agents |\n|---|---|---|\n"
        );
        for action in self.actions() {
            let (title, key, tool) = (action.title, action.key, action.tool_name);
            let _ = writeln!(text, "| [{title}](#{}) | `{key}` | `{tool}` |", anchor(title));
        }
        for action in self.actions() {
            describe(&mut text, action);
        }
        text.push_str("\n## Lists\n\n");
        text.push_str("Inputs that are picked from a list take other values too.\n\n");
        text.push_str("| List | Key | Read again after |\n|---|---|---|\n");
        for source in self.sources() {
            let minutes = source.life.as_secs() / 60;
            let _ = writeln!(text, "| {} | `{}` | {minutes} minutes |", source.title, source.key);
        }
        Some(text)
    }
}

fn describe(text: &mut String, action: &Action) {
    let _ = write!(text, "\n## {}\n\n{}\n\n", action.title, action.description);
    let access = match action.access {
        Access::Read => "It only reads.",
        Access::Write => "It adds or changes.",
        Access::Delete => "It takes away.",
    };
    let repeat = match action.repeat {
        Repeat::Safe => "It can be repeated without harm.",
        Repeat::Checked(_) => {
            "When it is not known how a try ended, the next one first looks whether that one took \
             effect."
        }
        Repeat::MayRepeat => {
            "When it is not known how a try ended, the next one may take effect a second time."
        }
    };
    let _ = writeln!(text, "{access} {repeat}");
    if let Some(pages) = action.pages {
        let _ = writeln!(
            text,
            "Its answer can be one page of several: give its `{}` to `{}` for the one after, until it \
             is null.",
            pages.next, pages.cursor
        );
    }
    let sample = serde_json::to_string_pretty(&action.output_sample).unwrap_or_default();
    let inputs = descriptor::page(&action.inputs);
    let _ = write!(text, "\n{inputs}\nIt answers:\n\n```json\n{sample}\n```\n");
}

fn anchor(title: &str) -> String {
    title.to_lowercase().replace(' ', "-")
}
