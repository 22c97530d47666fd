//! Tells macros of the query language from texts that happen to begin like one.

/// Macros, as they are written without their `@`.
const MACROS: [&str; 13] = [
    "me",
    "project",
    "today",
    "startofday",
    "startofweek",
    "startofmonth",
    "startofyear",
    "currentiteration",
    "teamareas",
    "follows",
    "myrecentactivity",
    "recentmentions",
    "recentprojectactivity",
];

/// Whether the text is a macro such as `@Me`, `@Today - 7`, `@StartOfMonth('+1M')` or
/// `@CurrentIteration('[Project]\Team') + 1`, and nothing more.
pub fn is_macro(text: &str) -> bool {
    let Some(rest) = text.trim().strip_prefix('@') else { return false };
    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    if !MACROS.contains(&name.to_ascii_lowercase().as_str()) {
        return false;
    }
    let rest = rest.trim_start();
    let after = match rest.strip_prefix('(') {
        None => Some(rest),
        Some(argument) => argument.split_once(')').and_then(|(argument, after)| {
            let quoted = argument.trim().strip_prefix('\'')?.strip_suffix('\'')?;
            (!quoted.contains('\'')).then_some(after)
        }),
    };
    after.is_some_and(|after| {
        let after = after.trim();
        after.is_empty() || after.strip_prefix(['+', '-']).is_some_and(is_number)
    })
}

fn is_number(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.len() < 6 && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::is_macro;

    #[test]
    fn a_macro_is_one_only_as_a_whole() {
        for text in [
            "@Me",
            "@today",
            "@Today - 7",
            "@StartOfMonth('+1M') - 2",
            "@CurrentIteration('[Demo]\\Team') + 1",
            " @project ",
        ] {
            assert!(is_macro(text), "{text}");
        }
        for text in [
            "me",
            "@someone",
            "@Me or 1 = 1",
            "@Today - 7 OR [System.Id] > 0",
            "@Today('x') OR ('",
            "@Today('a'b')",
            "@Today -",
            "@",
        ] {
            assert!(!is_macro(text), "{text}");
        }
    }
}
