//! Tags: a set of words, written as one text.

use crate::devops::problem::Problem;

/// How many tags an item can have.
pub const MAX_TAGS: usize = 100;
/// How long a tag can be.
const MAX_TAG_CHARS: usize = 400;

/// The tags of a text, without doubles (in any case) and empty ones.
pub fn split(text: &str) -> Vec<&str> {
    let mut tags: Vec<&str> = Vec::new();
    for tag in text.split([';', ',']).map(str::trim).filter(|tag| !tag.is_empty()) {
        if !tags.iter().any(|one| one.eq_ignore_ascii_case(tag)) {
            tags.push(tag);
        }
    }
    tags
}

/// The tags of both texts as one, in order of the alphabet; the spelling there was is kept.
pub fn merge(present: &str, added: &str) -> Result<String, Problem> {
    let both = format!("{present}; {added}");
    let mut tags = split(&both);
    tags.sort_by_key(|tag| tag.to_lowercase());
    if tags.len() > MAX_TAGS || tags.iter().any(|tag| tag.chars().count() > MAX_TAG_CHARS) {
        return Err(Problem::tracking(
            "WorkItemTagLimitExceededException",
            format!("A work item can have {MAX_TAGS} tags of {MAX_TAG_CHARS} characters each."),
        ));
    }
    Ok(tags.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_merge_without_doubles() {
        assert_eq!(merge("Beta; alpha", "ALPHA, gamma;;").expect("few tags"), "alpha; Beta; gamma");
    }
}
