//! Reads the words of a query by its grammar.

use super::ast::{Condition, Macro, Mode, Name, Node, Operator, Query, Side, Term};
use super::lexer::{Token, tokens};
use super::refused;
use crate::devops::problem::Problem;

/// The longest query.
pub const MAX_QUERY_CHARS: usize = 32_000;
/// How deep parentheses and negations may stand in one another.
const MAX_DEPTH: usize = 100;
/// How many values a list may have.
const MAX_VALUES: usize = 1_000;

/// Reads a query.
pub fn parse(text: &str) -> Result<Query, Problem> {
    let length = text.chars().count();
    if length > MAX_QUERY_CHARS {
        return Err(Problem::tracking(
            "WorkItemTrackingQueryException",
            format!(
                "VS402328: The query has {length} characters; it must not have more than {MAX_QUERY_CHARS}."
            ),
        ));
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    parser.query()
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn query(&mut self) -> Result<Query, Problem> {
        self.expect_word("SELECT")?;
        let mut select = vec![self.name()?];
        while self.takes_symbol(",") {
            select.push(self.name()?);
        }
        if !self.takes_word("FROM") {
            return Err(self.wrong("TF51006: The query statement is missing a FROM clause."));
        }
        let is_linked = if self.takes_word("WorkItems") {
            false
        } else if self.takes_word("WorkItemLinks") {
            true
        } else {
            return Err(self.wrong("Expecting WorkItems or WorkItemLinks."));
        };
        let filter = if self.takes_word("WHERE") { Some(self.alternatives()?) } else { None };
        let order = if self.takes_word("ORDER") { self.order()? } else { Vec::new() };
        let as_of = if self.takes_word("ASOF") { Some(self.date()?) } else { None };
        let mode = if self.takes_word("MODE") { self.mode()? } else { Mode::MustContain };
        if self.peek().is_some() {
            return Err(self.wrong("Expecting the end of the query."));
        }
        if !is_linked && mode != Mode::MustContain {
            return Err(refused("A mode is for queries of links only.", "MODE"));
        }
        Ok(Query { select, is_linked, filter, order, as_of, mode })
    }

    fn order(&mut self) -> Result<Vec<(Name, bool)>, Problem> {
        self.expect_word("BY")?;
        let mut order = Vec::new();
        loop {
            let name = self.name()?;
            let descending = self.takes_word("DESC");
            if !descending {
                self.takes_word("ASC");
            }
            order.push((name, descending));
            if !self.takes_symbol(",") {
                return Ok(order);
            }
        }
    }

    fn date(&mut self) -> Result<String, Problem> {
        match self.next() {
            Some(Token::Text(text)) => Ok(text),
            _ => Err(self.wrong_before("Expecting a date in quotes.")),
        }
    }

    fn mode(&mut self) -> Result<Mode, Problem> {
        self.expect_symbol("(")?;
        let modes = [
            ("MustContain", Mode::MustContain),
            ("MayContain", Mode::MayContain),
            ("DoesNotContain", Mode::DoesNotContain),
            ("Recursive", Mode::Recursive),
        ];
        let found = modes.into_iter().find(|(word, _)| self.takes_word(word));
        let (_, mut mode) = found.ok_or_else(|| self.wrong("Expecting a mode."))?;
        if mode == Mode::Recursive && self.takes_symbol(",") {
            self.expect_word("ReturnMatchingChildren")?;
            mode = Mode::RecursiveMatchingChildren;
        }
        self.expect_symbol(")")?;
        Ok(mode)
    }

    /// `a OR b`, and so on.
    fn alternatives(&mut self) -> Result<Node, Problem> {
        let mut nodes = vec![self.conjunction()?];
        while self.takes_word("OR") {
            nodes.push(self.conjunction()?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::Or(nodes) })
    }

    /// `a AND b`, and so on.
    fn conjunction(&mut self) -> Result<Node, Problem> {
        let mut nodes = vec![self.negation()?];
        while self.takes_word("AND") {
            nodes.push(self.negation()?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::And(nodes) })
    }

    fn negation(&mut self) -> Result<Node, Problem> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.wrong("The conditions stand too deep in one another."));
        }
        let node = if self.takes_word("NOT") {
            Node::Not(Box::new(self.negation()?))
        } else if self.takes_word("EVER") {
            let parenthesis = self.takes_symbol("(");
            let condition = Condition { ever: true, ..self.condition()? };
            if parenthesis {
                self.expect_symbol(")")?;
            }
            Node::Condition(condition)
        } else if self.takes_symbol("(") {
            let node = self.alternatives()?;
            self.expect_symbol(")")?;
            node
        } else {
            Node::Condition(self.condition()?)
        };
        self.depth -= 1;
        Ok(node)
    }

    fn condition(&mut self) -> Result<Condition, Problem> {
        let field = self.name()?;
        let was = self.takes_word("WAS");
        let ever = self.takes_word("EVER");
        if was && !ever {
            return Err(self.wrong("Expecting EVER."));
        }
        let operator = self.operator()?;
        let operator = match operator {
            Some(operator) => operator,
            None if ever => Operator::Equal,
            None => return Err(self.wrong("Expecting an operator.")),
        };
        let terms = match operator {
            Operator::IsEmpty | Operator::IsNotEmpty => Vec::new(),
            Operator::In | Operator::NotIn => self.list()?,
            _ => vec![self.term()?],
        };
        Ok(Condition { ever, field, operator, terms })
    }

    fn operator(&mut self) -> Result<Option<Operator>, Problem> {
        let comparisons = [
            ("=", Operator::Equal),
            ("<>", Operator::NotEqual),
            (">=", Operator::GreaterOrEqual),
            ("<=", Operator::LessOrEqual),
            (">", Operator::Greater),
            ("<", Operator::Less),
        ];
        if let Some((_, operator)) =
            comparisons.into_iter().find(|(symbol, _)| self.takes_symbol(symbol))
        {
            return Ok(Some(operator));
        }
        if self.takes_word("IS") {
            let negative = self.takes_word("NOT");
            self.expect_word("EMPTY")?;
            return Ok(Some(if negative { Operator::IsNotEmpty } else { Operator::IsEmpty }));
        }
        let negative = self.takes_word("NOT");
        let (positive, opposite) = if self.takes_word("IN") {
            if self.takes_word("GROUP") {
                (Operator::InGroup, Operator::NotInGroup)
            } else {
                (Operator::In, Operator::NotIn)
            }
        } else if self.takes_word("UNDER") {
            (Operator::Under, Operator::NotUnder)
        } else if self.takes_word("CONTAINS") {
            if self.takes_word("WORDS") {
                (Operator::ContainsWords, Operator::NotContainsWords)
            } else {
                (Operator::Contains, Operator::NotContains)
            }
        } else if negative {
            return Err(self.wrong("Expecting IN, UNDER or CONTAINS."));
        } else {
            return Ok(None);
        };
        Ok(Some(if negative { opposite } else { positive }))
    }

    fn list(&mut self) -> Result<Vec<Term>, Problem> {
        self.expect_symbol("(")?;
        let mut terms = vec![self.term()?];
        while self.takes_symbol(",") {
            terms.push(self.term()?);
            if terms.len() > MAX_VALUES {
                return Err(self.wrong("A list has too many values."));
            }
        }
        self.expect_symbol(")")?;
        Ok(terms)
    }

    fn term(&mut self) -> Result<Term, Problem> {
        if self.takes_symbol("-") {
            return match self.next() {
                Some(Token::Number(number)) => Ok(Term::Number(-number)),
                _ => Err(self.wrong_before("Expecting a number.")),
            };
        }
        if self.takes_word("TRUE") {
            return Ok(Term::Boolean(true));
        }
        if self.takes_word("FALSE") {
            return Ok(Term::Boolean(false));
        }
        let term = match self.peek().cloned() {
            Some(Token::Text(text)) => Term::Text(text),
            Some(Token::Number(number)) => Term::Number(number),
            Some(Token::Macro(name)) => {
                self.at += 1;
                return self.parse_macro(name);
            }
            Some(Token::Bracketed(name)) if name.eq_ignore_ascii_case("any") => Term::Any,
            Some(Token::Bracketed(_) | Token::Word(_)) => return self.name().map(Term::Field),
            _ => return Err(self.wrong("Expecting a value.")),
        };
        self.at += 1;
        Ok(term)
    }

    fn parse_macro(&mut self, name: String) -> Result<Term, Problem> {
        if name.eq_ignore_ascii_case("any") {
            return Ok(Term::Any);
        }
        let mut argument = None;
        if self.takes_symbol("(") {
            argument = match self.next() {
                Some(Token::Text(text)) => Some(text),
                _ => return Err(self.wrong_before("Expecting a text in quotes.")),
            };
            self.expect_symbol(")")?;
        }
        let sign = if self.takes_symbol("+") {
            1
        } else if self.takes_symbol("-") {
            -1
        } else {
            return Ok(Term::Macro(Macro { name, argument, offset: 0 }));
        };
        match self.next() {
            Some(Token::Number(number)) if number.fract() == 0.0 && number < 1e6 => {
                Ok(Term::Macro(Macro { name, argument, offset: sign * number as i64 }))
            }
            _ => Err(self.wrong_before("Expecting a whole number.")),
        }
    }

    /// `[System.Id]`, `System.Id`, `[Source].[System.Id]`.
    fn name(&mut self) -> Result<Name, Problem> {
        let first = self.plain_name()?;
        let sides = [("Source", Side::Source), ("Target", Side::Target)];
        // Without brackets the end of the link and the field are one word.
        let joined = sides.into_iter().find_map(|(word, side)| {
            let (start, rest) = first.split_once('.')?;
            start.eq_ignore_ascii_case(word).then(|| (side, rest.to_owned()))
        });
        if let Some((side, name)) = joined {
            return Ok(Name { side: Some(side), name });
        }
        if !self.takes_symbol(".") {
            return Ok(Name { side: None, name: first });
        }
        let side = sides.into_iter().find(|(word, _)| first.eq_ignore_ascii_case(word));
        let (_, side) = side.ok_or_else(|| refused("Expecting Source or Target.", &first))?;
        Ok(Name { side: Some(side), name: self.plain_name()? })
    }

    fn plain_name(&mut self) -> Result<String, Problem> {
        match self.next() {
            Some(Token::Bracketed(name) | Token::Word(name)) => Ok(name),
            _ => Err(self.wrong_before("Expecting the name of a field.")),
        }
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(one)) if one.eq_ignore_ascii_case(word));
        self.at += usize::from(found);
        found
    }

    fn takes_symbol(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Symbol(one)) if *one == symbol);
        self.at += usize::from(found);
        found
    }

    fn expect_word(&mut self, word: &str) -> Result<(), Problem> {
        if self.takes_word(word) { Ok(()) } else { Err(self.wrong(&format!("Expecting {word}."))) }
    }

    fn expect_symbol(&mut self, symbol: &str) -> Result<(), Problem> {
        if self.takes_symbol(symbol) {
            Ok(())
        } else {
            Err(self.wrong(&format!("Expecting {symbol}.")))
        }
    }

    /// A refusal that blames the word that comes next.
    fn wrong(&self, message: &str) -> Problem {
        let cause = self.peek().map_or_else(|| "the end of the query".to_owned(), Token::shown);
        refused(message, &cause)
    }

    /// A refusal that blames the word that was just taken.
    fn wrong_before(&mut self, message: &str) -> Problem {
        self.at = self.at.saturating_sub(1);
        self.wrong(message)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Words that queries are made of, in any order.
    fn word() -> impl Strategy<Value = String> {
        let words = "SELECT FROM WHERE ORDER BY ASOF MODE WorkItems WorkItemLinks AND OR NOT EVER \
                     IN GROUP UNDER CONTAINS WORDS IS EMPTY ( ) , = <> <= [System.Id] [Source] . \
                     'a' \"b\" @Today + - 7 [Any] TRUE Recursive é";
        let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        proptest::sample::select(words)
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,200}") {
            let _ = parse(&text);
        }

        #[test]
        fn any_words_are_read_or_refused(words in prop::collection::vec(word(), 0..40)) {
            let _ = parse(&words.join(" "));
            let _ = parse(&format!("SELECT [System.Id] FROM WorkItems WHERE {}", words.join(" ")));
        }
    }
}
