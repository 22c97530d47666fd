//! Where in an execution a step runs: its key, and the items of the fan outs around it.

use std::fmt;
use std::str::FromStr;

use base::{Error, Result};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The place of one run of a step. Text form: `each_project[3].each_item[0].update`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    /// The fan outs around it with the positions of their items, the outermost first.
    pub items: Vec<(String, u32)>,
    /// The step's key.
    pub step: String,
}

impl Address {
    /// A step outside of every fan out.
    pub fn top(step: impl Into<String>) -> Self {
        Self { items: Vec::new(), step: step.into() }
    }

    /// Another step on the same path.
    #[must_use]
    pub fn beside(&self, step: impl Into<String>) -> Self {
        Self { items: self.items.clone(), step: step.into() }
    }

    /// A step on the path of one item, where this is a fan out.
    #[must_use]
    pub fn inside(&self, index: u32, step: impl Into<String>) -> Self {
        let mut items = self.items.clone();
        items.push((self.step.clone(), index));
        Self { items, step: step.into() }
    }

    /// The fan out on whose path this stands, with the item's position.
    pub fn around(&self) -> Option<(Self, u32)> {
        let ((step, index), outer) = self.items.split_last()?;
        Some((Self { items: outer.to_vec(), step: step.clone() }, *index))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (fan_out, index) in &self.items {
            write!(f, "{fan_out}[{index}].")?;
        }
        f.write_str(&self.step)
    }
}

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::invalid("invalid_step", format!("\"{text}\" is no step's address."));
        let (around, step) = match text.rsplit_once('.') {
            Some((around, step)) => (around, step),
            None => ("", text),
        };
        let items = around.split('.').filter(|part| !part.is_empty()).map(|part| {
            let (fan_out, index) = part.strip_suffix(']')?.split_once('[')?;
            Some((fan_out.to_owned(), index.parse().ok()?))
        });
        let items = items.collect::<Option<_>>().ok_or_else(wrong)?;
        Ok(Self { items, step: step.to_owned() })
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_as_it_is_written() {
        for text in ["search", "each[0].update", "projects[12].items[3].update"] {
            assert_eq!(text.parse::<Address>().expect("an address").to_string(), text);
        }
        for wrong in ["each[x].a", "each.a", "each[1.a"] {
            assert!(wrong.parse::<Address>().is_err(), "{wrong}");
        }
        let update: Address = "projects[12].items[3].update".parse().expect("an address");
        let (around, index) = update.around().expect("it stands in a fan out");
        assert_eq!((around.to_string().as_str(), index), ("projects[12].items", 3));
        assert_eq!(around.inside(index, "update"), update);
    }
}
