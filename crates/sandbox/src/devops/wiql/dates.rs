//! Dates as queries write them, and the arithmetic of days, weeks, months and years.

use std::time::Duration;

use base::Timestamp;

use super::refused;
use crate::devops::problem::Problem;
use crate::devops::time;

const DAY_SECS: i64 = 86_400;

/// A date in ISO 8601, or in the form of the service's home: `1/31/2026 5:00 PM`.
pub fn read(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if !text.contains('/') {
        return time::parse(text);
    }
    let (date, clock) = text.split_once(' ').unwrap_or((text, ""));
    let mut numbers = date.split('/').map(|number| number.parse::<u32>().ok());
    let (month, day, year) = (numbers.next()??, numbers.next()??, numbers.next()??);
    if numbers.next().is_some() {
        return None;
    }
    let day = time::parse(&format!("{year:04}-{month:02}-{day:02}"))?;
    if clock.is_empty() {
        return Some(day);
    }
    let (clock, half) = clock.trim().split_once(' ').unwrap_or((clock.trim(), ""));
    let mut parts = clock.split(':').map(|part| part.parse::<u64>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    let hour = match half.to_ascii_uppercase().as_str() {
        "PM" => hour % 12 + 12,
        "AM" => hour % 12,
        "" => hour,
        _ => return None,
    };
    (hour < 24 && minute < 60 && second < 60)
        .then(|| day + Duration::from_secs(hour * 3_600 + minute * 60 + second))
}

/// A date to compare with; without time precision it must not have a time of day.
pub fn literal(text: &str, time_precision: bool) -> Result<Timestamp, Problem> {
    let moment = read(text).ok_or_else(|| refused("This is not a date.", &format!("'{text}'")))?;
    if !time_precision && moment != start_of_day(moment) {
        return Err(refused(
            "You cannot supply a time with the date when running a query using date precision.",
            &format!("'{text}'"),
        ));
    }
    Ok(moment)
}

/// Midnight before a moment.
pub fn start_of_day(moment: Timestamp) -> Timestamp {
    Timestamp::from_secs(moment.as_secs().div_euclid(DAY_SECS) * DAY_SECS)
}

/// Midnight before the Sunday before a moment.
pub fn start_of_week(moment: Timestamp) -> Timestamp {
    let days = moment.as_secs().div_euclid(DAY_SECS);
    // The epoch was a Thursday.
    let since_sunday = (days + 4).rem_euclid(7);
    Timestamp::from_secs((days - since_sunday) * DAY_SECS)
}

/// Midnight before the first day of the month, or of the year.
pub fn start_of(moment: Timestamp, of_year: bool) -> Timestamp {
    let (year, month) = year_and_month(moment);
    first_of(year, if of_year { 1 } else { month })
}

/// A moment some months later; a day that the month does not have becomes its last.
pub fn add_months(moment: Timestamp, months: i64) -> Timestamp {
    let (year, month) = year_and_month(moment);
    let count = year * 12 + month - 1 + months;
    let first = first_of(count.div_euclid(12), count.rem_euclid(12) + 1);
    let next = first_of((count + 1).div_euclid(12), (count + 1).rem_euclid(12) + 1);
    let since = moment.as_secs() - first_of(year, month).as_secs();
    let last_day = next.as_secs() - first.as_secs() - DAY_SECS;
    let (days, rest) = (since / DAY_SECS * DAY_SECS, since % DAY_SECS);
    Timestamp::from_secs(first.as_secs() + days.min(last_day) + rest)
}

/// A moment some seconds later.
pub fn add_secs(moment: Timestamp, secs: i64) -> Timestamp {
    Timestamp(moment.0.saturating_add(secs.saturating_mul(1_000_000)))
}

fn first_of(year: i64, month: i64) -> Timestamp {
    time::parse(&format!("{year:04}-{month:02}-01")).unwrap_or_default()
}

fn year_and_month(moment: Timestamp) -> (i64, i64) {
    let text = moment.to_rfc3339();
    let number = |range: std::ops::Range<usize>| text[range].parse().unwrap_or(1);
    (number(0..4), number(5..7))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(moment: Timestamp) -> String {
        moment.to_rfc3339()[..16].to_owned()
    }

    #[test]
    fn dates_of_both_forms_are_read() {
        for (text, expected) in [
            ("2026-01-31", "2026-01-31T00:00"),
            ("2026-01-31T10:00:00Z", "2026-01-31T10:00"),
            ("1/31/2026", "2026-01-31T00:00"),
            ("1/31/2026 5:30 PM", "2026-01-31T17:30"),
            ("1/31/2026 12:30:10 AM", "2026-01-31T00:30"),
        ] {
            assert_eq!(read(text).map(shown).as_deref(), Some(expected), "{text}");
        }
        for text in ["31/1/2026", "1/2/3/4", "1/31/2026 noon", "1/31/2026 5:00 XM", "soon"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert!(literal("2026-01-31T10:00:00Z", false).is_err());
        assert!(literal("2026-01-31T10:00:00Z", true).is_ok());
        assert!(literal("2026-01-31T00:00:00Z", false).is_ok());
    }

    #[test]
    fn periods_begin_where_people_expect() {
        let moment = read("2026-03-31T10:20:00Z").expect("a date");
        assert_eq!(shown(start_of_day(moment)), "2026-03-31T00:00");
        assert_eq!(shown(start_of_week(moment)), "2026-03-29T00:00");
        assert_eq!(shown(start_of(moment, false)), "2026-03-01T00:00");
        assert_eq!(shown(start_of(moment, true)), "2026-01-01T00:00");
        assert_eq!(shown(add_months(moment, -1)), "2026-02-28T10:20");
        assert_eq!(shown(add_months(moment, 12)), "2027-03-31T10:20");
        assert_eq!(shown(add_secs(moment, -3_600)), "2026-03-31T09:20");
    }
}
