//! Searching words in long texts.

/// Whether a text, HTML or not, has every word of a search; `word*` is the beginning of one.
pub fn contains_all(text: &str, search: &[String]) -> bool {
    let plain = without_tags(text).to_lowercase();
    let words: Vec<&str> = split(&plain).collect();
    search.iter().all(|wanted| match wanted.strip_suffix('*') {
        Some(start) => words.iter().any(|word| word.starts_with(start)),
        None => words.iter().any(|word| word == wanted),
    })
}

/// The words of a search, in lower case.
pub fn of_search(text: &str) -> Vec<String> {
    let is_part = |one: char| one.is_alphanumeric() || one == '_' || one == '*';
    let lower = text.to_lowercase();
    let words = lower.split(|one: char| !is_part(one)).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(|one: char| !one.is_alphanumeric() && one != '_').filter(|word| !word.is_empty())
}

/// A text with a blank in place of each HTML tag.
fn without_tags(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut inside = false;
    for one in text.chars() {
        match one {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                plain.push(' ');
            }
            one if !inside => plain.push(one),
            _ => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whole_or_by_their_beginning() {
        let found = |search| contains_all("<p>The Payment<br>page fails.</p>", &of_search(search));
        assert!(found("page PAYMENT"));
        assert!(found("fail*"));
        assert!(!found("pay"));
        assert!(!found("page missing"));
        assert!(!found("br"));
    }
}
