//! Reads the forms of a moment that clients send.

use std::time::Duration;

use base::Timestamp;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// A moment as ISO 8601 (`2026-01-31`, `2026-01-31T10:00:00Z`, with a fraction or an offset; UTC
/// where none is given) or as HTTP writes it (`Sat, 31 Jan 2026 10:00:00 GMT`).
pub fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.contains(", ") { parse_http(text) } else { parse_iso(text) }
}

fn parse_http(text: &str) -> Option<Timestamp> {
    let mut words = text.split_once(", ")?.1.split_whitespace();
    let day = words.next()?.parse().ok()?;
    let name = words.next()?.to_ascii_lowercase();
    let month = MONTHS.iter().position(|month| *month == name)?;
    let year = words.next()?.parse().ok()?;
    moment(year, i64::try_from(month).ok()? + 1, day, words.next()?, 0)
}

fn parse_iso(text: &str) -> Option<Timestamp> {
    let (date, time) = text.split_once(['T', 't', ' ']).unwrap_or((text, "00:00:00"));
    let mut numbers = date.splitn(3, '-').map(|number| number.parse::<i64>().ok());
    let (year, month, day) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let time = time.trim_end_matches(['Z', 'z']);
    let (time, offset_secs) = match time.rfind(['+', '-']) {
        Some(at) => {
            let sign = if time.as_bytes()[at] == b'-' { -1 } else { 1 };
            (&time[..at], sign * clock_secs(&time[at + 1..])?)
        }
        None => (time, 0),
    };
    moment(year, month, day, time, offset_secs)
}

/// Hours and minutes, with or without seconds, as seconds.
fn clock_secs(text: &str) -> Option<i64> {
    let mut parts = text.split(':').map(|part| part.parse::<i64>().ok());
    let (hours, minutes) = (parts.next()??, parts.next().unwrap_or(Some(0))?);
    let seconds = parts.next().unwrap_or(Some(0))?;
    let sensible = (0..=23).contains(&hours)
        && (0..=59).contains(&minutes)
        && (0..=60).contains(&seconds)
        && parts.next().is_none();
    sensible.then_some(hours * 3600 + minutes * 60 + seconds)
}

fn moment(year: i64, month: i64, day: i64, time: &str, offset_secs: i64) -> Option<Timestamp> {
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let (clock, fraction) = time.split_once('.').unwrap_or((time, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let micros = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    let secs = days_from_civil(year, month, day) * 86_400 + clock_secs(clock)? - offset_secs;
    Some(Timestamp::from_secs(secs) + Duration::from_micros(micros))
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_same_moment_reads_the_same() {
        let moment = parse("2026-01-31T10:00:00Z").expect("a moment");
        assert_eq!(moment.to_rfc3339(), "2026-01-31T10:00:00.000Z");
        for form in [
            "2026-01-31T10:00:00.000",
            "2026-01-31 10:00",
            "2026-01-31T12:00:00+02:00",
            "Sat, 31 Jan 2026 10:00:00 GMT",
        ] {
            assert_eq!(parse(form), Some(moment), "{form}");
        }
        let day = parse("2000-02-29").map(Timestamp::to_rfc3339);
        assert_eq!(day.as_deref(), Some("2000-02-29T00:00:00.000Z"));
        for nonsense in
            ["", "yesterday", "2026-13-01", "2026-01-31T25:00:00Z", "2026-01-31T10:00:00.x"]
        {
            assert_eq!(parse(nonsense), None, "{nonsense}");
        }
    }
}
