//! Statements over several rows at once. Each comes in three sizes, so that a database prepares it
//! at most three times however many rows a commit carries.

use std::fmt::Write as _;

/// How many rows the sizes of a statement hold.
pub(crate) const SIZES: [usize; 3] = [64, 8, 1];

/// One statement in its three sizes.
pub(crate) struct Sized([&'static str; 3]);

impl Sized {
    /// Puts `rows` times the `columns` between `before` and `after`. A column is the type its
    /// parameter is cast to, or empty where the database knows it by itself.
    ///
    /// The texts live as long as the process: call this once for each statement.
    pub(crate) fn new(before: &str, columns: &[&str], after: &str) -> Self {
        Self(SIZES.map(|rows| {
            let mut sql = before.to_owned();
            for row in 0..rows {
                sql.push_str(if row == 0 { "(" } else { ", (" });
                for (place, cast) in columns.iter().enumerate() {
                    let comma = if place == 0 { "" } else { ", " };
                    let number = row * columns.len() + place + 1;
                    let written = if cast.is_empty() {
                        write!(sql, "{comma}${number}")
                    } else {
                        write!(sql, "{comma}cast(${number} as {cast})")
                    };
                    written.expect("a string takes all that is written");
                }
                sql.push(')');
            }
            sql.push_str(after);
            &*sql.leak()
        }))
    }

    /// Splits rows into the largest sizes that they fill, each with its statement.
    pub(crate) fn split<'r, T>(
        &self,
        mut rows: &'r [T],
    ) -> impl Iterator<Item = (&'static str, &'r [T])> {
        let texts = self.0;
        std::iter::from_fn(move || {
            let size = SIZES.iter().position(|size| *size <= rows.len())?;
            let (head, tail) = rows.split_at(SIZES[size]);
            rows = tail;
            Some((texts[size], head))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_split_into_the_largest_sizes() {
        let statement = Sized::new("values ", &["", "bigint"], "");
        let rows: Vec<u8> = (0..82).collect();
        let sizes: Vec<usize> = statement.split(&rows).map(|(_, part)| part.len()).collect();
        assert_eq!(sizes, [64, 8, 8, 1, 1]);
        let (text, _) = statement.split(&rows[..1]).next().expect("one part");
        assert_eq!(text, "values ($1, cast($2 as bigint))");
    }
}
