//! Reads one expression. Operators bind as their `power` says; filters bind tightest.

use std::borrow::Cow;

use serde_json::Value;

use super::bind::Binder;
use super::budget::Budget;
use super::filters::{self, Filter};
use super::lexer::{Lexer, Token};
use super::numeric::Numeric;
use super::syntax::{Binary, Expression, Segment};
use super::{EXPRESSION_DEPTH_MAX, EXPRESSION_PARTS_MAX};

/// Words that cannot be the name of a root.
const WORDS: [&str; 8] = ["and", "else", "false", "if", "in", "not", "null", "or"];
const END: Token<'static> = Token::Symbol("}}");
const END_BYTES: usize = 2;
const POWER_OF_NOT: u8 = 4;
const POWER_OF_NEGATION: u8 = 9;

/// Reads the expression that begins after a `{{`.
///
/// Returns how many bytes were read, its `}}` included. A fault is a sentence and where reading
/// stopped; faults of names are gathered by the binder instead, and reading goes on.
pub(super) fn parse(
    text: &str,
    binder: &mut Binder<'_>,
) -> Result<(Expression, usize), (String, usize)> {
    let begin = Token::Symbol("{{");
    let mut parser = Parser { lexer: Lexer::new(text), ahead: begin, binder, depth: 0, parts: 0 };
    let read = parser.whole();
    let position = parser.lexer.position;
    // After a fault, what follows the next `}}` is read as usual.
    let stopped = if parser.ahead == END { position - END_BYTES } else { position };
    read.map(|expression| (expression, position)).map_err(|message| (message, stopped))
}

struct Parser<'s, 'b, 'x> {
    lexer: Lexer<'s>,
    ahead: Token<'s>,
    binder: &'b mut Binder<'x>,
    depth: usize,
    parts: usize,
}

impl<'s> Parser<'s, '_, '_> {
    fn whole(&mut self) -> Result<Expression, String> {
        self.advance()?;
        if self.ahead == END {
            return Err("The expression is empty.".to_owned());
        }
        let expression = self.expression(0)?;
        if self.ahead == END { Ok(expression) } else { Err(unexpected(&self.ahead)) }
    }

    /// Gives the token that comes next and reads the one after it. What follows the end is text
    /// and not for us to read.
    fn advance(&mut self) -> Result<Token<'s>, String> {
        if self.ahead == END {
            return Ok(END);
        }
        let next = self.lexer.read()?;
        Ok(std::mem::replace(&mut self.ahead, next))
    }

    /// Steps over `symbol` if it comes next.
    fn accept(&mut self, symbol: &'static str) -> Result<bool, String> {
        let comes = self.ahead == Token::Symbol(symbol);
        if comes {
            self.advance()?;
        }
        Ok(comes)
    }

    fn expect(&mut self, symbol: &'static str) -> Result<(), String> {
        if self.accept(symbol)? {
            return Ok(());
        }
        Err(format!("Expected `{symbol}`, found {}.", self.ahead.describe()))
    }

    fn accept_word(&mut self, word: &'static str) -> Result<bool, String> {
        let comes = self.ahead == Token::Name(word);
        if comes {
            self.advance()?;
        }
        Ok(comes)
    }

    fn count_part(&mut self) -> Result<(), String> {
        self.parts += 1;
        if self.parts > EXPRESSION_PARTS_MAX {
            return Err(format!(
                "It has more than {EXPRESSION_PARTS_MAX} parts; let a function step do this."
            ));
        }
        Ok(())
    }

    /// An expression whose operators bind at least as tightly as `power`.
    fn expression(&mut self, power: u8) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > EXPRESSION_DEPTH_MAX {
            return Err(format!("It nests deeper than {EXPRESSION_DEPTH_MAX} levels."));
        }
        let mut left = self.prefixed()?;
        while let Some(operator) = self.binary() {
            if operator.power() < power {
                break;
            }
            self.count_part()?;
            self.advance()?;
            if operator == Binary::NotIn && !self.accept_word("in")? {
                return Err("Expected \"in\" after \"not\".".to_owned());
            }
            let right = self.expression(operator.power() + 1)?;
            left = Expression::Binary(operator, Box::new(left), Box::new(right));
        }
        if power == 0 && self.accept_word("if")? {
            left = self.choice(left)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    fn choice(&mut self, then: Expression) -> Result<Expression, String> {
        self.count_part()?;
        // One above the choice itself, so that `a if b if c` is no riddle.
        let condition = self.expression(1)?;
        let otherwise = match self.accept_word("else")? {
            true => self.expression(0)?,
            false => Expression::Literal(Value::Null),
        };
        Ok(Expression::Choice {
            condition: Box::new(condition),
            then: Box::new(then),
            otherwise: Box::new(otherwise),
        })
    }

    fn binary(&self) -> Option<Binary> {
        Some(match self.ahead {
            Token::Name("or") => Binary::Or,
            Token::Name("and") => Binary::And,
            Token::Name("in") => Binary::In,
            Token::Name("not") => Binary::NotIn,
            Token::Symbol("==") => Binary::Equal,
            Token::Symbol("!=") => Binary::Unequal,
            Token::Symbol("<") => Binary::Less,
            Token::Symbol("<=") => Binary::AtMost,
            Token::Symbol(">") => Binary::Greater,
            Token::Symbol(">=") => Binary::AtLeast,
            Token::Symbol("~") => Binary::Join,
            Token::Symbol("+") => Binary::Add,
            Token::Symbol("-") => Binary::Subtract,
            Token::Symbol("*") => Binary::Multiply,
            Token::Symbol("/") => Binary::Divide,
            Token::Symbol("%") => Binary::Remainder,
            _ => return None,
        })
    }

    fn prefixed(&mut self) -> Result<Expression, String> {
        self.count_part()?;
        if self.accept_word("not")? {
            return Ok(Expression::Not(Box::new(self.expression(POWER_OF_NOT)?)));
        }
        if self.accept("-")? {
            return Ok(negated(self.expression(POWER_OF_NEGATION)?));
        }
        let mut expression = self.primary()?;
        loop {
            let segments = self.segments()?;
            if !segments.is_empty() {
                expression = Expression::Path(Box::new(expression), segments);
            }
            if !self.accept("|")? {
                return Ok(expression);
            }
            expression = self.filtered(expression)?;
        }
    }

    fn primary(&mut self) -> Result<Expression, String> {
        match self.advance()? {
            Token::Text(text) => Ok(Expression::Literal(Value::String(text))),
            Token::Number(number) => Ok(Expression::Literal(Value::Number(number))),
            Token::Name("true") => Ok(Expression::Literal(Value::Bool(true))),
            Token::Name("false") => Ok(Expression::Literal(Value::Bool(false))),
            Token::Name("null") => Ok(Expression::Literal(Value::Null)),
            Token::Name(word) if WORDS.contains(&word) => Err(unexpected(&Token::Name(word))),
            Token::Name(root) => {
                let segments = self.segments()?;
                Ok(self.binder.bind(root, segments))
            }
            Token::Symbol("(") => {
                let inner = self.expression(0)?;
                self.expect(")")?;
                Ok(inner)
            }
            Token::Symbol("[") => Ok(Expression::List(self.listed("]")?)),
            Token::Symbol("{") => Err("Objects cannot be written inside an expression; write \
                 the object as JSON and put expressions into its fields."
                .to_owned()),
            other => Err(unexpected(&other)),
        }
    }

    /// Expressions with commas between them, up to `end`.
    fn listed(&mut self, end: &'static str) -> Result<Vec<Expression>, String> {
        let mut items = Vec::new();
        while !self.accept(end)? {
            items.push(self.expression(0)?);
            if self.ahead != Token::Symbol(end) {
                self.expect(",")?;
            }
        }
        Ok(items)
    }

    fn segments(&mut self) -> Result<Vec<Segment>, String> {
        let mut segments = Vec::new();
        loop {
            if self.accept(".")? {
                segments.push(match self.advance()? {
                    Token::Name(key) => Segment::Key(key.to_owned()),
                    Token::Number(number) => {
                        return Err(format!("Write an index in brackets: `[{number}]`."));
                    }
                    other => {
                        let found = other.describe();
                        return Err(format!("Expected a name after the `.`, found {found}."));
                    }
                });
            } else if self.accept("[")? {
                segments.push(segment(self.expression(0)?));
                self.expect("]")?;
            } else {
                return Ok(segments);
            }
            self.count_part()?;
        }
    }

    fn filtered(&mut self, input: Expression) -> Result<Expression, String> {
        self.count_part()?;
        let name = match self.advance()? {
            Token::Name(name) => name,
            other => {
                let found = other.describe();
                return Err(format!("Expected a filter's name after the `|`, found {found}."));
            }
        };
        let filter = filters::find(name)?;
        let arguments = if self.accept("(")? { self.listed(")")? } else { Vec::new() };
        check_arguments(filter, &arguments)?;
        Ok(Expression::Filtered { input: Box::new(input), filter, arguments })
    }
}

fn unexpected(token: &Token<'_>) -> String {
    match *token {
        END => "It ends too early.".to_owned(),
        Token::Symbol("(") => "There is nothing to call here; filters are written \
             `value | filter(arguments)`."
            .to_owned(),
        ref token => format!("There is {} where it is not expected.", token.describe()),
    }
}

fn segment(index: Expression) -> Segment {
    match &index {
        Expression::Literal(Value::String(key)) => Segment::Key(key.clone()),
        Expression::Literal(Value::Number(number)) => match number.as_i64() {
            Some(index) => Segment::Index(index),
            None => Segment::Computed(index),
        },
        _ => Segment::Computed(index),
    }
}

/// A number with a minus before it is one literal, so that it can be checked at deploy.
fn negated(inner: Expression) -> Expression {
    if let Expression::Literal(Value::Number(number)) = &inner
        && let Some(number) = Numeric::of(number)
        && let Some(value) = number.negated().to_value()
    {
        return Expression::Literal(value);
    }
    Expression::Negated(Box::new(inner))
}

/// Filters look at their arguments before their input, so that applying one to null finds what is
/// wrong with arguments that are written out.
fn check_arguments(filter: &Filter, arguments: &[Expression]) -> Result<(), String> {
    filter.check_count(arguments.len())?;
    let written = arguments.iter().map(|argument| match argument {
        Expression::Literal(value) => Some(Cow::Borrowed(value)),
        _ => None,
    });
    if let Some(written) = written.collect::<Option<Vec<_>>>() {
        let input = Cow::Owned(Value::Null);
        filter.apply(input, &written, &mut Budget::full()).map_err(|fault| format!("{fault}."))?;
    }
    Ok(())
}
