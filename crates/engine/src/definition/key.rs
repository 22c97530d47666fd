//! Keys of workflows and steps.

/// How long a key may be.
const KEY_BYTES_MAX: usize = 64;

/// Whether this can be the key of a workflow or a step: a letter, then letters, digits and
/// underscores, all lower-case.
pub fn is_key(text: &str) -> bool {
    let is_tail = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    text.len() <= KEY_BYTES_MAX
        && text.bytes().next().is_some_and(|first| first.is_ascii_lowercase())
        && text.bytes().all(is_tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_lower_case_word() {
        assert!(["a", "sync_items_2"].into_iter().all(is_key));
        assert!(!["", "2nd", "_a", "Sync", "a-b", "ä", &"a".repeat(65)].into_iter().any(is_key));
    }
}
