//! YAML: reading it strictly, and writing what people like to read.

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Value;
use serde_saphyr::LitStr;

/// A document as it is written: members in an order, not in that of their names.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// Anything but an object or an array.
    Scalar(Value),
    /// An array.
    List(Vec<Self>),
    /// An object.
    Members(Vec<(String, Self)>),
}

impl Shown {
    /// Any value, its members in the order of their names.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Object(members) => Self::Members(
                members.iter().map(|(name, value)| (name.clone(), Self::of(value))).collect(),
            ),
            Value::Array(items) => Self::List(items.iter().map(Self::of).collect()),
            scalar => Self::Scalar(scalar.clone()),
        }
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Scalar(Value::String(text)) if text.contains('\n') => {
                LitStr(text).serialize(serializer)
            }
            Self::Scalar(scalar) => scalar.serialize(serializer),
            Self::List(items) => serializer.collect_seq(items),
            Self::Members(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

/// Writes a document. Should the text not read back as it (some odd texts have no good form in
/// YAML), it is written as JSON, which is YAML too.
pub fn write(shown: &Shown, document: &Value) -> String {
    let options = serde_saphyr::ser_options! {
        folded_wrap_chars: usize::MAX,
        prefer_block_scalars: false,
    };
    let written = serde_saphyr::to_string_with_options(shown, options).ok();
    written.filter(|text| read(text).as_ref() == Ok(document)).unwrap_or_else(|| {
        let json = serde_json::to_string_pretty(document).unwrap_or_default();
        format!("{json}\n")
    })
}

/// Reads a document: one of JSON's values, in YAML 1.2. `yes` and `010` are texts, and nothing
/// stands twice.
///
/// # Errors
/// A sentence that says where it stops being readable.
pub fn read(text: &str) -> Result<Value, String> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let said = error.to_string();
        format!("This is not readable as YAML: {}.", said.trim().trim_end_matches('.'))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(document: &Value) -> String {
        write(&Shown::of(document), document)
    }

    #[test]
    fn what_is_written_reads_back_the_same() {
        for text in [
            "",
            " ",
            "yes",
            "no",
            "on",
            "null",
            "~",
            "12",
            "1e3",
            "0x1f",
            "010",
            "1_000",
            ".inf",
            "true",
            "- a",
            "a: b",
            "a #b",
            "#a",
            "*a",
            "&a",
            "!a",
            "@a",
            "`a",
            "%a",
            "|",
            ">",
            "{{ a }}",
            "{a}",
            "[a]",
            "a\tb",
            "\ta",
            "a\nb",
            "a\nb\n",
            "a\n\n",
            "\na",
            "  a\n b\n",
            "a \n b \n",
            "a\r\nb",
            "\u{85}",
            "\u{2028}",
            "\u{feff}a",
            "🦊\n🦊",
            "'a'",
            "\"a\"",
            "a\\b",
            "---",
            "...",
            "2026-01-01",
            "12:30:45",
            "=",
            "<<",
            "key: {{ a }}\n# no comment\n",
        ] {
            let document = json!({ "text": text, "list": [text], text: 1 });
            assert_eq!(read(&written(&document)), Ok(document.clone()), "{text:?}");
        }
        let numbers = json!({ "a": 9_007_199_254_740_993_i64, "b": 1.5, "c": -0.25, "d": 1e300 });
        assert_eq!(read(&written(&numbers)), Ok(numbers.clone()));
        let empty = json!({ "a": {}, "b": [], "c": null, "d": [[], [1, [2]], {}], "e": false });
        assert_eq!(read(&written(&empty)), Ok(empty.clone()));
    }

    #[test]
    fn text_of_several_lines_stands_as_it_is() {
        let document = json!({ "source": "function a() {\n  return 1;\n}\n" });
        let expected = "source: |\n  function a() {\n    return 1;\n  }\n";
        assert_eq!(written(&document), expected);
    }

    #[test]
    fn what_stands_twice_and_what_is_more_than_one_document_is_refused() {
        for text in ["a: 1\na: 2\n", "a: 1\n---\nb: 2\n", "a: [1\n", "a: b: c\n"] {
            assert!(read(text).is_err(), "{text:?}");
        }
        assert_eq!(read("a: yes\nb: 010\n"), Ok(json!({ "a": "yes", "b": "010" })));
    }
}
