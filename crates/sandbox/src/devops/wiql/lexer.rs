//! The words of a query.

use super::refused;
use crate::devops::problem::Problem;

/// One word of a query.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// A keyword or a name without brackets: `SELECT`, `System.Id`.
    Word(String),
    /// A name in brackets, without them: `[Work Item Type]`.
    Bracketed(String),
    /// A text in single or double quotes, without them.
    Text(String),
    /// A number.
    Number(f64),
    /// A macro, without its sign: `Today` of `@Today`.
    Macro(String),
    /// Punctuation and comparisons.
    Symbol(&'static str),
}

/// Longer ones first, so that `<=` is not read as `<`.
const SYMBOLS: [&str; 12] = ["<>", "<=", ">=", "=", "<", ">", "(", ")", ",", "+", "-", "."];

impl Token {
    /// As it stands in a query, for sentences.
    pub fn shown(&self) -> String {
        match self {
            Self::Word(word) => word.clone(),
            Self::Bracketed(name) => format!("[{name}]"),
            Self::Text(text) => format!("'{text}'"),
            Self::Number(number) => number.to_string(),
            Self::Macro(name) => format!("@{name}"),
            Self::Symbol(symbol) => (*symbol).to_owned(),
        }
    }
}

/// Splits a query into its words.
pub fn tokens(query: &str) -> Result<Vec<Token>, Problem> {
    let mut tokens = Vec::new();
    let mut rest = query.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '\'' | '"' => text(rest, first)?,
            '[' => bracketed(rest)?,
            '@' => {
                let name = name_at(&rest[1..]);
                if name.is_empty() {
                    return Err(refused("A macro has no name.", rest));
                }
                (Token::Macro(name.to_owned()), 1 + name.len())
            }
            first if first.is_ascii_digit() => number(rest)?,
            first if first.is_alphabetic() || first == '_' => {
                let name = name_at(rest);
                (Token::Word(name.to_owned()), name.len())
            }
            _ => {
                let found = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol));
                let symbol = found.ok_or_else(|| refused("Unexpected character.", rest))?;
                (Token::Symbol(symbol), symbol.len())
            }
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

/// The quote itself is written twice inside the text.
fn text(rest: &str, quote: char) -> Result<(Token, usize), Problem> {
    let mut content = String::new();
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character != quote {
            content.push(character);
        } else if characters.next_if(|(_, next)| *next == quote).is_some() {
            content.push(quote);
        } else {
            return Ok((Token::Text(content), at + quote.len_utf8()));
        }
    }
    Err(refused("A text has no closing quotation mark.", rest))
}

fn bracketed(rest: &str) -> Result<(Token, usize), Problem> {
    let end = rest.find(']').ok_or_else(|| refused("A bracket is not closed.", rest))?;
    Ok((Token::Bracketed(rest[1..end].trim().to_owned()), end + 1))
}

fn number(rest: &str) -> Result<(Token, usize), Problem> {
    let end = rest.find(|one: char| !one.is_ascii_digit() && one != '.').unwrap_or(rest.len());
    let number = rest[..end].parse().map_err(|_| refused("This is not a number.", rest))?;
    Ok((Token::Number(number), end))
}

/// The name a text begins with; a dot belongs to it when the name goes on after it.
fn name_at(rest: &str) -> &str {
    let is_part = |one: char| one.is_alphanumeric() || one == '_';
    let mut end = 0;
    let mut characters = rest.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let goes_on = characters.peek().is_some_and(|(_, next)| is_part(*next));
        if !(is_part(character) || character == '.' && goes_on) {
            break;
        }
        end = at + character.len_utf8();
    }
    &rest[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_falls_into_its_words() {
        let read = |query| tokens(query).expect("it can be read");
        assert_eq!(
            read("Source.[System.Id]>='it''s' \"a\"\"b\" @Today-1.5 x.y"),
            [
                Token::Word("Source".to_owned()),
                Token::Symbol("."),
                Token::Bracketed("System.Id".to_owned()),
                Token::Symbol(">="),
                Token::Text("it's".to_owned()),
                Token::Text("a\"b".to_owned()),
                Token::Macro("Today".to_owned()),
                Token::Symbol("-"),
                Token::Number(1.5),
                Token::Word("x.y".to_owned()),
            ]
        );
        for broken in ["'open", "[open", "a ; b", "@", "1.2.3", "§"] {
            assert!(tokens(broken).is_err(), "{broken}");
        }
    }
}
