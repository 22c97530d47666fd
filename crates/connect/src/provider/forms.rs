//! Reads the name of an account out of what people paste: a bare name or one of its addresses.

use base::{Error, Result};

use super::{Account, template};

impl Account {
    /// The name in `pasted`.
    ///
    /// # Errors
    /// `invalid_account_name`, with the forms that work.
    pub fn read_name(&self, pasted: &str) -> Result<String> {
        let pasted = pasted.trim().trim_end_matches('/');
        let name = self.forms.iter().find_map(|form| in_form(form, pasted)).unwrap_or(pasted);
        let fits = !name.is_empty()
            && name.len() <= self.length_max
            && name.chars().all(|c| c.is_ascii_alphanumeric() || self.symbols.contains(c))
            && name.contains(|c: char| c.is_ascii_alphanumeric());
        if fits { Ok(name.to_owned()) } else { Err(self.wrong_name()) }
    }

    fn wrong_name(&self) -> Error {
        let label = self.label.to_lowercase();
        let example = self.forms.first().map_or_else(String::new, |form| {
            let shown = template::fill(form, |_| Some(format!("your-{label}"))).unwrap_or_default();
            format!(", as in {shown}")
        });
        Error::invalid("invalid_account_name", format!("Type the name of your {label}{example}."))
    }
}

fn in_form<'t>(form: &str, text: &'t str) -> Option<&'t str> {
    let (before, after) = form.split_once("{value}")?;
    let head = text.get(..before.len())?;
    let rest = text.get(before.len()..)?;
    let name = &rest[..rest.find(['/', '.', '?', '#']).unwrap_or(rest.len())];
    let tail = &rest[name.len()..];
    let ends = tail.get(..after.len()).is_some_and(|end| end.eq_ignore_ascii_case(after))
        && matches!(tail.as_bytes().get(after.len()), None | Some(b'/' | b'?' | b'#'));
    (head.eq_ignore_ascii_case(before) && ends && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn organization() -> Account {
        Account {
            variable: "organization".to_owned(),
            label: "Organization".to_owned(),
            label_plural: "Organizations".to_owned(),
            forms: ["https://dev.azure.com/{value}", "https://{value}.visualstudio.com"]
                .map(str::to_owned)
                .to_vec(),
            length_max: 50,
            symbols: "-".to_owned(),
            listed_only: false,
            tenant_header: None,
            tenant_parameter: None,
        }
    }

    #[test]
    fn an_account_is_named_by_its_bare_name_or_any_of_its_addresses() {
        let pasted = [
            "acme",
            " acme ",
            "https://dev.azure.com/acme",
            "https://dev.azure.com/acme/",
            "HTTPS://dev.azure.com/acme/Project/_boards",
            "https://acme.visualstudio.com/Project",
        ];
        for text in pasted {
            assert_eq!(organization().read_name(text).unwrap(), "acme", "{text}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused_with_an_example() {
        let hostile = ["", "a/b", "..", "https://evil.example/acme", "a b", "acme.evil", "--"];
        for text in hostile {
            let error = organization().read_name(text).expect_err(text);
            assert_eq!(
                error.message(),
                "Type the name of your organization, as in https://dev.azure.com/your-organization."
            );
        }
    }
}
