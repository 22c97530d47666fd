//! Times as expressions and conditions read and write them.

use std::fmt::Write;

use base::Timestamp;

const DAY_SECS: i64 = 86_400;
/// The year 0 and the end of the year 9999: RFC 3339 writes years with four digits.
const MICROS_MIN: i64 = -62_167_219_200_000_000;
const MICROS_MAX: i64 = 253_402_300_799_999_999;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Reads RFC 3339, with or without its zone, or a date alone. Without a zone it is UTC; a date is
/// its first moment.
pub(crate) fn read(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    let is_date = text.len() == 10;
    format!("{text}{}", if is_date { "T00:00:00Z" } else { "Z" }).parse().ok()
}

/// What one unit of [`add`] is, in seconds.
pub(crate) fn unit_secs(unit: &str) -> Option<i64> {
    Some(match unit {
        "second" | "seconds" => 1,
        "minute" | "minutes" => 60,
        "hour" | "hours" => 3_600,
        "day" | "days" => DAY_SECS,
        "week" | "weeks" => 7 * DAY_SECS,
        _ => return None,
    })
}

/// `count` times `unit_secs` after `time`; `None` outside of the years 0 to 9999.
pub(crate) fn add(time: Timestamp, count: i64, unit_secs: i64) -> Option<Timestamp> {
    let micros = count.checked_mul(unit_secs)?.checked_mul(1_000_000)?;
    let sum = time.0.checked_add(micros)?;
    (MICROS_MIN..=MICROS_MAX).contains(&sum).then_some(Timestamp(sum))
}

/// Writes `time` as `pattern` says; the fault is a letter after `%` that means nothing.
pub(crate) fn format(time: Timestamp, pattern: &str) -> Result<String, char> {
    let rfc3339 = time.to_rfc3339();
    let digits = |from: usize, to: usize| rfc3339.get(from..to).unwrap_or_default();
    let number = |from, to| digits(from, to).parse::<usize>().unwrap_or_default();
    let (month, day, hour) = (number(5, 7), number(8, 10), number(11, 13));
    let weekday = (time.as_secs().div_euclid(DAY_SECS) + 4).rem_euclid(7);
    let weekday = WEEKDAYS[usize::try_from(weekday).unwrap_or_default()];
    let month_name = MONTHS[month.saturating_sub(1).min(11)];
    let mut text = String::with_capacity(pattern.len() + 16);
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            text.push(letter);
            continue;
        }
        let written = match letters.next().unwrap_or(' ') {
            'Y' => write!(text, "{}", digits(0, 4)),
            'y' => write!(text, "{}", digits(2, 4)),
            'm' => write!(text, "{month:02}"),
            'd' => write!(text, "{day:02}"),
            'e' => write!(text, "{day}"),
            'B' => write!(text, "{month_name}"),
            'b' => write!(text, "{}", &month_name[..3]),
            'A' => write!(text, "{weekday}"),
            'a' => write!(text, "{}", &weekday[..3]),
            'H' => write!(text, "{hour:02}"),
            'I' => write!(text, "{:02}", (hour + 11) % 12 + 1),
            'p' => write!(text, "{}", if hour < 12 { "AM" } else { "PM" }),
            'M' => write!(text, "{}", digits(14, 16)),
            'S' => write!(text, "{}", digits(17, 19)),
            'L' => write!(text, "{}", digits(20, 23)),
            's' => write!(text, "{}", time.as_secs()),
            '%' => write!(text, "%"),
            other => return Err(other),
        };
        written.unwrap_or_else(|_| unreachable!("a String takes every text"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_with_and_without_zone_and_as_a_date() {
        let secs = |text| read(text).map(Timestamp::as_secs);
        assert_eq!(secs("2026-01-31"), Some(1_769_817_600));
        assert_eq!(secs("2026-01-31T00:00:00"), Some(1_769_817_600));
        assert_eq!(secs(" 2026-01-31T02:00:00+02:00 "), Some(1_769_817_600));
        assert_eq!(secs("2026-01-31T00:00:00.1234567Z"), Some(1_769_817_600));
        for text in ["", "2026", "31.01.2026", "2026-02-30", "today", "1769817600", "𝟚026-01-31"]
        {
            assert_eq!(secs(text), None, "{text}");
        }
    }

    #[test]
    fn every_letter_of_a_pattern_is_written() {
        let time = read("2026-03-01T15:04:05.006Z").expect("a time");
        let pattern = "%Y %y %m %d %e %B %b %A %a %H %I %p %M %S %L %s %%";
        let written = format(time, pattern);
        let expected = "2026 26 03 01 1 March Mar Sunday Sun 15 03 PM 04 05 006 1772377445 %";
        assert_eq!(written.as_deref(), Ok(expected));
        assert_eq!(format(time, "%Q"), Err('Q'));
        let midnight = read("1969-12-31").map(|time| format(time, "%a %I %p"));
        assert_eq!(midnight, Some(Ok("Wed 12 AM".to_owned())));
    }

    #[test]
    fn a_sum_outside_of_four_digit_years_does_not_exist() {
        let time = read("9999-12-31").expect("a time");
        assert_eq!(
            add(time, 1, 3_600).map(|t| t.to_rfc3339()).as_deref(),
            Some("9999-12-31T01:00:00.000Z")
        );
        assert_eq!(add(time, 1, DAY_SECS), None);
        assert_eq!(add(time, i64::MAX, DAY_SECS), None);
    }
}
