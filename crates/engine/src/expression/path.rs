//! Where something stands inside a JSON value, as people read it: `headers.accept`,
//! `items[0].name`, `fields["System.Title"]`.

/// One step of a path, to a field.
pub(super) fn of_key(key: &str) -> String {
    let is_plain =
        !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-$".contains(&b));
    if is_plain { key.to_owned() } else { format!("[{key:?}]") }
}

/// One step of a path, to an item.
pub(super) fn of_position(position: usize) -> String {
    format!("[{position}]")
}

/// A path and what follows it.
pub(super) fn join(path: &str, rest: &str) -> String {
    let separator =
        if path.is_empty() || rest.is_empty() || rest.starts_with('[') { "" } else { "." };
    format!("{path}{separator}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_it_would_be_written() {
        let steps = ["steps", "search", &of_position(0), &of_key("System.Title"), &of_key("a-b")];
        let path = steps.iter().fold(String::new(), |path, step| join(&path, step));
        assert_eq!(path, r#"steps.search[0]["System.Title"].a-b"#);
        assert_eq!(join("steps", ""), "steps");
    }
}
