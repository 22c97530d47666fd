//! A query as its text says it, before anybody has looked whether its fields exist.

/// A whole query.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The columns.
    pub select: Vec<Name>,
    /// Whether it is about links and not about items.
    pub is_linked: bool,
    /// Which rows.
    pub filter: Option<Node>,
    /// The order: fields, and whether from large to small.
    pub order: Vec<(Name, bool)>,
    /// The past moment at which it is asked.
    pub as_of: Option<String>,
    /// Which rows a query of links gives.
    pub mode: Mode,
}

/// What a query of links gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Items with at least one such link, and those links.
    MustContain,
    /// Items, and such links if there are any.
    MayContain,
    /// Items with no such link.
    DoesNotContain,
    /// Items and everything below them.
    Recursive,
    /// Items that match below those that match above, with the way between.
    RecursiveMatchingChildren,
}

/// A condition, or several.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// All of them.
    And(Vec<Self>),
    /// One of them.
    Or(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
    /// A comparison.
    Condition(Condition),
}

/// A comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// Whether it is enough that it was true once.
    pub ever: bool,
    /// The field.
    pub field: Name,
    /// How it is compared.
    pub operator: Operator,
    /// What with: none for `Is Empty`, several for `In`.
    pub terms: Vec<Term>,
}

/// The name of a field, by reference or as people say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The end of a link it is meant at.
    pub side: Option<Side>,
    /// The name.
    pub name: String,
}

/// One end of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Where it begins.
    Source,
    /// Where it leads.
    Target,
}

/// Something a field is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// A text, a date or a name in quotes.
    Text(String),
    /// A number.
    Number(f64),
    /// True or false.
    Boolean(bool),
    /// Another field.
    Field(Name),
    /// `[Any]`: whatever.
    Any,
    /// `@Name('argument') + offset`.
    Macro(Macro),
}

/// A macro.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Macro {
    /// Its name, without its sign.
    pub name: String,
    /// What stands in its parentheses.
    pub argument: Option<String>,
    /// What is added to it.
    pub offset: i64,
}

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// The same.
    Equal,
    /// Another.
    NotEqual,
    /// Larger, or later.
    Greater,
    /// Smaller, or earlier.
    Less,
    /// Larger or the same.
    GreaterOrEqual,
    /// Smaller or the same.
    LessOrEqual,
    /// One of a list.
    In,
    /// None of a list.
    NotIn,
    /// In a part of a tree.
    Under,
    /// Outside a part of a tree.
    NotUnder,
    /// With a piece of text.
    Contains,
    /// Without a piece of text.
    NotContains,
    /// With all words.
    ContainsWords,
    /// Without one of the words.
    NotContainsWords,
    /// In a group of people or of types.
    InGroup,
    /// Not in a group.
    NotInGroup,
    /// Without a value.
    IsEmpty,
    /// With a value.
    IsNotEmpty,
}

impl Operator {
    /// As a query writes it, with its name for programs.
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Equal => ("=", "SupportedOperations.Equals"),
            Self::NotEqual => ("<>", "SupportedOperations.NotEquals"),
            Self::Greater => (">", "SupportedOperations.GreaterThan"),
            Self::Less => ("<", "SupportedOperations.LessThan"),
            Self::GreaterOrEqual => (">=", "SupportedOperations.GreaterThanEquals"),
            Self::LessOrEqual => ("<=", "SupportedOperations.LessThanEquals"),
            Self::In => ("In", "SupportedOperations.In"),
            Self::NotIn => ("Not In", "SupportedOperations.NotIn"),
            Self::Under => ("Under", "SupportedOperations.Under"),
            Self::NotUnder => ("Not Under", "SupportedOperations.NotUnder"),
            Self::Contains => ("Contains", "SupportedOperations.Contains"),
            Self::NotContains => ("Does Not Contain", "SupportedOperations.NotContains"),
            Self::ContainsWords => ("Contains Words", "SupportedOperations.ContainsWords"),
            Self::NotContainsWords => {
                ("Does Not Contain Words", "SupportedOperations.NotContainsWords")
            }
            Self::InGroup => ("In Group", "SupportedOperations.InGroup"),
            Self::NotInGroup => ("Not In Group", "SupportedOperations.NotInGroup"),
            Self::IsEmpty => ("Is Empty", "SupportedOperations.IsEmpty"),
            Self::IsNotEmpty => ("Is Not Empty", "SupportedOperations.IsNotEmpty"),
        }
    }

    /// The same comparison without its `Not`, and whether it had one.
    pub const fn positive(self) -> (Self, bool) {
        match self {
            Self::NotEqual => (Self::Equal, true),
            Self::NotIn => (Self::In, true),
            Self::NotUnder => (Self::Under, true),
            Self::NotContains => (Self::Contains, true),
            Self::NotContainsWords => (Self::ContainsWords, true),
            Self::NotInGroup => (Self::InGroup, true),
            Self::IsNotEmpty => (Self::IsEmpty, true),
            other => (other, false),
        }
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.side {
            Some(Side::Source) => write!(f, "[Source].[{}]", self.name),
            Some(Side::Target) => write!(f, "[Target].[{}]", self.name),
            None => write!(f, "[{}]", self.name),
        }
    }
}

impl std::fmt::Display for Term {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Field(name) => write!(f, "{name}"),
            Self::Any => f.write_str("[Any]"),
            Self::Macro(one) => write!(f, "{one}"),
        }
    }
}

impl std::fmt::Display for Macro {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "@{}", self.name)?;
        if let Some(argument) = &self.argument {
            write!(f, "('{argument}')")?;
        }
        match self.offset {
            0 => Ok(()),
            offset if offset < 0 => write!(f, " - {}", -offset),
            offset => write!(f, " + {offset}"),
        }
    }
}
