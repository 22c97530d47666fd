//! Texts with `{names}` in them.

use base::{Error, Result};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a value may hold unescaped inside a path segment or a query value.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Fills each `{name}` by what `value` answers, escaped for an address.
pub fn fill_url<'v>(template: &str, value: impl Fn(&str) -> Option<&'v str>) -> Result<String> {
    fill(template, |name| value(name).map(|v| utf8_percent_encode(v, VALUE).to_string()))
}

/// Fills each `{name}` by what `value` answers, as it is.
pub fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> Result<String> {
    let mut filled = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        filled.push_str(before);
        filled.push_str(&value(name).ok_or_else(|| unknown(name))?);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// The names in a template.
pub fn names(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|part| part.split('}').next())
}

fn unknown(name: &str) -> Error {
    Error::invalid(
        "missing_account_value",
        format!("The connected account does not tell its {name}; connect it again, or name one."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_leave_its_segment() {
        let filled = fill_url("/{organization}/_apis", |_| Some("a/../b?c"));
        assert_eq!(filled.unwrap(), "/a%2F..%2Fb%3Fc/_apis");
        let error = fill_url("/{organization}", |_| None).expect_err("no value");
        assert_eq!(error.code(), "missing_account_value");
    }
}
