//! Cuts the text of an expression into tokens, up to its `}}`.

use serde_json::Number;

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'s> {
    /// A name or a word of the language.
    Name(&'s str),
    /// A quoted text.
    Text(String),
    /// A number without sign.
    Number(Number),
    /// One of [`SYMBOLS`].
    Symbol(&'static str),
}

/// Longer ones first. `}}` ends an expression.
const SYMBOLS: [&str; 22] = [
    "}}", "==", "!=", "<=", ">=", "(", ")", "[", "]", ".", ",", "|", "~", "+", "-", "*", "/", "%",
    "<", ">", "{", "}",
];

impl Token<'_> {
    /// For sentences.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Name(name) => format!("\"{name}\""),
            Self::Text(_) => "a quoted text".to_owned(),
            Self::Number(number) => format!("the number {number}"),
            Self::Symbol("}}") => "the end of the expression".to_owned(),
            Self::Symbol(symbol) => format!("`{symbol}`"),
        }
    }
}

/// Reads tokens one after the other.
pub(super) struct Lexer<'s> {
    text: &'s str,
    /// How many bytes are read.
    pub(super) position: usize,
}

impl<'s> Lexer<'s> {
    /// Begins after the `{{`.
    pub(super) const fn new(text: &'s str) -> Self {
        Self { text, position: 0 }
    }

    /// The next token.
    pub(super) fn read(&mut self) -> Result<Token<'s>, String> {
        let rest = &self.text[self.position..];
        let trimmed = rest.trim_start();
        self.position += rest.len() - trimmed.len();
        let Some(first) = trimmed.chars().next() else {
            return Err("It begins with `{{` but does not end with `}}`.".to_owned());
        };
        match first {
            'a'..='z' | 'A'..='Z' | '_' | '$' => Ok(Token::Name(self.take(is_of_name))),
            '0'..='9' => self.number(),
            '"' | '\'' => self.text(first),
            other => self.symbol(other),
        }
    }

    fn take(&mut self, belongs: impl Fn(char) -> bool) -> &'s str {
        let rest = &self.text[self.position..];
        let end = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.position += end;
        &rest[..end]
    }

    fn symbol(&mut self, first: char) -> Result<Token<'s>, String> {
        let rest = &self.text[self.position..];
        let symbol = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol));
        let symbol = symbol.ok_or_else(|| {
            format!("`{first}` means nothing in an expression; put texts into quotes.")
        })?;
        self.position += symbol.len();
        Ok(Token::Symbol(symbol))
    }

    fn number(&mut self) -> Result<Token<'s>, String> {
        let begin = self.position;
        self.take(|c| c.is_ascii_digit());
        let has_digit_after = |text: &str| text[1..].starts_with(|c: char| c.is_ascii_digit());
        let rest = &self.text[self.position..];
        if rest.starts_with('.') && has_digit_after(rest) {
            self.position += 1;
            self.take(|c| c.is_ascii_digit());
        }
        self.take(is_of_name);
        let written = &self.text[begin..self.position];
        serde_json::from_str(written)
            .map(Token::Number)
            .map_err(|_| format!("\"{written}\" is not a number such as 12 or 0.5."))
    }

    fn text(&mut self, quote: char) -> Result<Token<'s>, String> {
        self.position += 1;
        let mut text = String::new();
        let mut chars = self.text[self.position..].char_indices();
        while let Some((offset, c)) = chars.next() {
            if c == quote {
                self.position += offset + 1;
                return Ok(Token::Text(text));
            }
            if c != '\\' {
                text.push(c);
                continue;
            }
            text.push(match chars.next() {
                Some((_, 'n')) => '\n',
                Some((_, 'r')) => '\r',
                Some((_, 't')) => '\t',
                Some((_, c @ ('\\' | '"' | '\''))) => c,
                _ => {
                    let known = r#"\n, \r, \t, \\, \" and \'"#;
                    return Err(format!("After a `\\` in a quoted text only {known} are known."));
                }
            });
        }
        Err(format!("A quoted text has no closing {quote}."))
    }
}

const fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}
