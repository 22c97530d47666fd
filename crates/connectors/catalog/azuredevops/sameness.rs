//! Whether what was written is what is there, although the service writes some values its own way.

use serde_json::Value;

/// Whether a field holds this already. People are named by address or name and shown as objects.
pub fn of_values(wanted: &Value, now: &Value) -> bool {
    match (wanted, now) {
        (Value::String(wanted), Value::String(now)) => wanted == now,
        (Value::String(wanted), Value::Object(person)) => {
            let named = |key: &str| person.get(key).and_then(Value::as_str);
            let names = [named("uniqueName"), named("displayName")];
            names.into_iter().flatten().any(|name| name.to_lowercase() == wanted.to_lowercase())
        }
        (Value::String(wanted), Value::Number(now)) => {
            wanted.parse::<f64>().ok() == now.as_f64() && now.as_f64().is_some()
        }
        (Value::Number(wanted), Value::Number(now)) => wanted.as_f64() == now.as_f64(),
        _ => wanted == now,
    }
}

/// Whether both texts read the same, as HTML that was cleaned or not, or as Markdown.
pub fn of_texts(one: &str, other: &str) -> bool {
    plain(one) == plain(other)
}

/// A text without tags, and its blanks made one.
fn plain(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    let mut in_tag = false;
    for c in text.chars() {
        match c {
            '<' => in_tag = true,
            '>' if in_tag => {
                in_tag = false;
                words.push(' ');
            }
            _ if in_tag => {}
            '\u{a0}' => words.push(' '),
            c => words.push(c),
        }
    }
    let words = words
        .replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_is_the_same_however_its_html_is_written() {
        assert!(of_texts("<div>Tom &amp; Jerry<br/></div>", "Tom & Jerry"));
        assert!(of_texts("<p>one</p>\n<p>two</p>", "<p>one</p><p>two</p>"));
        assert!(!of_texts("one", "two"));
    }

    #[test]
    fn a_person_is_the_same_by_address_and_by_name() {
        let ann = json!({ "displayName": "Ann Archer", "uniqueName": "ann@acme.example" });
        assert!(of_values(&json!("ANN@acme.example"), &ann));
        assert!(of_values(&json!("Ann Archer"), &ann));
        assert!(!of_values(&json!("ben@acme.example"), &ann));
        assert!(of_values(&json!("2"), &json!(2)));
        assert!(!of_values(&json!("two"), &json!(2)));
        assert!(of_values(&json!(null), &json!(null)));
    }
}
