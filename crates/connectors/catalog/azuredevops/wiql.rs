//! Queries in the work item query language: their parts, and how one is written.

use base::{Error, Result};

/// The longest query that the service takes.
const QUERY_CHARS_MAX: usize = 32_000;

/// A query, taken apart so that it can be narrowed to a range of ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// `SELECT … FROM WorkItems`.
    head: String,
    /// What stands after `WHERE`.
    condition: String,
    /// What stands after `ORDER BY`.
    order: String,
    /// `ASOF …` and `MODE …`.
    tail: String,
}

impl Query {
    /// All work items for which the condition holds; an empty one holds for all.
    pub fn of_items(condition: String, order: String) -> Self {
        let head = "SELECT [System.Id] FROM WorkItems".to_owned();
        Self { head, condition, order, tail: String::new() }
    }

    /// Takes a query apart that somebody wrote.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim().trim_end_matches(';').trim_end();
        let words = words_outside(text);
        let is = |place: usize, word: &str| {
            words
                .get(place)
                .is_some_and(|(start, end)| text[*start..*end].eq_ignore_ascii_case(word))
        };
        if !is(0, "select") || !words.iter().enumerate().any(|(place, _)| is(place, "from")) {
            let message = "A query reads SELECT … FROM WorkItems WHERE …; this one does not.";
            return Err(Error::invalid("query_malformed", message));
        }
        let find = |word: &str| (0..words.len()).find(|place| is(*place, word)).map(|p| words[p]);
        let order = (0..words.len()).find(|place| is(*place, "order") && is(place + 1, "by"));
        let order = order.map(|place| (words[place].0, words[place + 1].1));
        let filter = find("where");
        let tail = [find("asof"), find("mode")].into_iter().flatten().map(|(start, _)| start).min();
        let end = text.len();
        let until_order = order.map_or(end, |(start, _)| start).min(tail.unwrap_or(end));
        let head_end = filter.map_or(until_order, |(start, _)| start);
        let part =
            |from: usize, to: usize| text.get(from..to).unwrap_or_default().trim().to_owned();
        Ok(Self {
            head: part(0, head_end),
            condition: filter.map(|(_, from)| part(from, until_order)).unwrap_or_default(),
            order: order.map(|(_, from)| part(from, tail.unwrap_or(end))).unwrap_or_default(),
            tail: tail.map(|from| part(from, end)).unwrap_or_default(),
        })
    }

    /// Whether it asks for links instead of items.
    pub fn is_of_links(&self) -> bool {
        self.head.to_lowercase().contains("workitemlinks")
    }

    /// Whether it says in which order.
    pub fn is_ordered(&self) -> bool {
        !self.order.is_empty()
    }

    /// Whether it compares with times of day, for which the service must be told.
    pub fn has_times(&self) -> bool {
        let is_time = |part: &str| {
            let (date, rest) = part.split_at_checked(10).unwrap_or((part, ""));
            let digits = date.bytes().filter(u8::is_ascii_digit).count();
            digits == 8 && date.as_bytes()[4] == b'-' && rest.starts_with(['T', 't', ' '])
        };
        self.condition.split(['\'', '"']).any(is_time)
    }

    /// As it is sent.
    ///
    /// # Errors
    /// `query_too_long`.
    pub fn text(&self) -> Result<String> {
        let mut text = self.head.clone();
        for (word, part) in [("WHERE", &self.condition), ("ORDER BY", &self.order)] {
            if !part.is_empty() {
                text = format!("{text} {word} {part}");
            }
        }
        if !self.tail.is_empty() {
            text = format!("{text} {}", self.tail);
        }
        if text.chars().count() > QUERY_CHARS_MAX {
            let message = format!(
                "The query is longer than the {QUERY_CHARS_MAX} characters that Azure DevOps takes: \
                 use fewer conditions."
            );
            return Err(Error::invalid("query_too_long", message));
        }
        Ok(text)
    }

    /// The same query for ids above `after`, and up to `last` if that is given, in their order.
    pub fn within(&self, after: i64, last: Option<i64>) -> Self {
        let mut condition = format!("[System.Id] > {after}");
        if let Some(last) = last {
            condition = format!("{condition} AND [System.Id] <= {last}");
        }
        if !self.condition.is_empty() {
            condition = format!("({}) AND {condition}", self.condition);
        }
        Self { condition, order: "[System.Id]".to_owned(), ..self.clone() }
    }
}

/// A text as a literal.
pub fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Where the words stand that are in no literal, no field name and no parentheses.
fn words_outside(text: &str) -> Vec<(usize, usize)> {
    let mut words = Vec::new();
    let (mut depth, mut closing, mut began) = (0_usize, None, None);
    for (place, c) in text.char_indices() {
        let is_word = closing.is_none() && depth == 0 && (c.is_alphanumeric() || c == '_');
        if is_word {
            began.get_or_insert(place);
            continue;
        }
        if let Some(start) = began.take() {
            words.push((start, place));
        }
        match (closing, c) {
            (Some(wanted), c) if c == wanted => closing = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => closing = Some(c),
            (None, '[') => closing = Some(']'),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            (None, _) => {}
        }
    }
    words.extend(began.map(|start| (start, text.len())));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_narrowed_without_changing_what_it_means() {
        let text = "select [System.Id], [Order By] from WorkItems where [System.Title] = \
                    'where order by; (' or ([A] = 1 and \"asof\" = [B]) order by [System.ChangedDate] \
                    desc asof '2026-01-31';";
        let query = Query::parse(text).unwrap();
        assert!(query.is_ordered() && !query.is_of_links());
        assert_eq!(
            query.within(7, Some(9)).text().unwrap(),
            "select [System.Id], [Order By] from WorkItems WHERE ([System.Title] = 'where order by; \
             (' or ([A] = 1 and \"asof\" = [B])) AND [System.Id] > 7 AND [System.Id] <= 9 ORDER BY \
             [System.Id] asof '2026-01-31'"
        );
        let all = Query::parse("SELECT [System.Id] FROM WorkItems").unwrap();
        assert_eq!(
            all.within(0, None).text().unwrap(),
            "SELECT [System.Id] FROM WorkItems WHERE [System.Id] > 0 ORDER BY [System.Id]"
        );
    }

    #[test]
    fn a_query_without_its_parts_is_refused() {
        for text in ["", "DELETE FROM WorkItems", "SELECT [System.Id]", "'SELECT x FROM y'"] {
            assert_eq!(Query::parse(text).unwrap_err().code(), "query_malformed", "{text}");
        }
        let long = Query::of_items(format!("[A] = '{}'", "x".repeat(40_000)), String::new());
        assert_eq!(long.text().unwrap_err().code(), "query_too_long");
    }

    #[test]
    fn a_time_of_day_is_told_from_a_date() {
        let with = |literal: &str| Query::of_items(format!("[D] > '{literal}'"), String::new());
        assert!(with("2026-01-31T10:00:00Z").has_times());
        assert!(with("2026-01-31 10:00").has_times());
        assert!(!with("2026-01-31").has_times());
        assert!(!with("31 January 2026").has_times());
    }
}
