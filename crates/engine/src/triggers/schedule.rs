//! When a schedule runs: six cron fields in the time zone of a person.
//!
//! What clocks do twice a year is answered as follows. A schedule that names its hours runs as often
//! as people expect by their calendar: a time that the clock skips runs at the shift, one that it
//! shows twice runs once, the first time. A schedule for every hour goes by time that passes: there
//! is no extra run and no gap.

use std::sync::OnceLock;

use base::Timestamp;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};

use crate::definition::{CatchUp, Problem, Schedule};
use crate::expression::{Context, Place, Root, Scope, Template};

#[cfg(test)]
mod tests;

/// How late a run may be and still count as on time: a busy server is no missed run.
pub const GRACE_SECS: i64 = 60;
/// How many missed times are made up for at most, where each of them is.
pub const CATCH_UP_MAX: usize = 100;
/// How long the text of a schedule may be, in bytes.
const CRON_BYTES_MAX: usize = 256;
/// How many shifts of the clock one search looks past: more than a hundred years of them.
const SHIFTS_MAX: usize = 256;

/// When something runs.
#[derive(Clone, Debug)]
pub struct Timetable {
    cron: Cron,
    zone: TimeZone,
    /// Whether it runs in every hour, and so goes by time that passes.
    is_hourly: bool,
}

impl Timetable {
    /// Reads a schedule for somebody: `user` is what templates see as `user`.
    ///
    /// # Errors
    /// Every fault, with its member.
    pub fn read(schedule: &Schedule, user: &serde_json::Value) -> Result<Self, Vec<Problem>> {
        let cron = read_cron(&schedule.cron);
        let zone = read_zone(&schedule.timezone, user);
        match (cron, zone) {
            (Ok(cron), Ok(zone)) => {
                let runs_in = |hour| cron.pattern.hour_match(hour).unwrap_or(false);
                let is_hourly = (0..24).all(runs_in);
                Ok(Self { cron, zone, is_hourly })
            }
            (cron, zone) => Err([cron.err(), zone.err()].into_iter().flatten().collect()),
        }
    }

    /// The name of the time zone.
    pub fn zone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// The first time after `time`; none when there is none in the next thousands of years.
    pub fn next_after(&self, time: Timestamp) -> Option<Timestamp> {
        let after = jiff::Timestamp::from_second(time.as_secs()).ok()?;
        let next = if self.is_hourly { self.elapsed(after) } else { self.by_calendar(after) }?;
        Some(Timestamp::from_secs(next.as_second()))
    }

    /// The next match on a clock that never shifts.
    fn match_after(&self, civil: DateTime, inclusive: bool) -> Option<DateTime> {
        let start = civil.to_zoned(TimeZone::UTC).ok()?;
        let found = self.cron.find_next_occurrence(&start, inclusive).ok()?;
        Some(found.datetime())
    }

    fn by_calendar(&self, after: jiff::Timestamp) -> Option<jiff::Timestamp> {
        let mut civil = self.zone.to_datetime(after);
        // Times that the clock shows twice lie behind us the second time.
        loop {
            civil = self.match_after(civil, false)?;
            let instant = self.instant(civil)?;
            if instant > after {
                return Some(instant);
            }
        }
    }

    /// When the clock shows `civil` for the first time, or is put past it.
    fn instant(&self, civil: DateTime) -> Option<jiff::Timestamp> {
        match self.zone.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(civil).ok(),
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(civil).ok(),
            AmbiguousOffset::Gap { after, .. } => {
                // By the later offset a skipped time lies before the shift.
                let before = after.to_timestamp(civil).ok()?;
                self.zone.following(before).next().map(|shift| shift.timestamp())
            }
        }
    }

    fn elapsed(&self, after: jiff::Timestamp) -> Option<jiff::Timestamp> {
        let (mut from, mut inclusive) = (after, false);
        for _ in 0..SHIFTS_MAX {
            let offset: Offset = self.zone.to_offset(from);
            let civil = self.match_after(offset.to_datetime(from), inclusive)?;
            let instant = offset.to_timestamp(civil).ok()?;
            match self.zone.following(from).next().map(|shift| shift.timestamp()) {
                Some(shift) if shift <= instant => (from, inclusive) = (shift, true),
                _ => return Some(instant),
            }
        }
        None
    }
}

/// What a look at the clock finds to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// The times to run for, in order.
    pub runs: Vec<Run>,
    /// When to look again; none when the schedule has come to its end.
    pub next_at: Option<Timestamp>,
}

/// One run of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The time that the schedule names.
    pub scheduled_at: Timestamp,
    /// Whether it makes up for a time that nothing ran at.
    pub is_late: bool,
}

/// What is to run at `now` when the next time was `next_at`.
pub fn due(table: &Timetable, catch_up: CatchUp, next_at: Timestamp, now: Timestamp) -> Due {
    if next_at > now {
        return Due { runs: Vec::new(), next_at: Some(next_at) };
    }
    let on_time_from = Timestamp(now.0 - GRACE_SECS * 1_000_000);
    let mut runs = Vec::new();
    let mut time = Some(next_at);
    if next_at < on_time_from {
        let missed_max = match catch_up {
            CatchUp::Skip => 0,
            CatchUp::Once => 1,
            CatchUp::All => CATCH_UP_MAX,
        };
        while let Some(at) = time.filter(|at| *at < on_time_from && runs.len() < missed_max) {
            runs.push(Run { scheduled_at: at, is_late: true });
            time = table.next_after(at);
        }
        time = table.next_after(Timestamp(on_time_from.0 - 1)).max(time);
    }
    while let Some(at) = time.filter(|at| *at <= now) {
        runs.push(Run { scheduled_at: at, is_late: false });
        time = table.next_after(at);
    }
    Due { runs, next_at: time }
}

/// What is wrong with a schedule, as far as that can be told without a person.
pub fn check(schedule: &Schedule) -> Vec<Problem> {
    let cron = read_cron(&schedule.cron).err();
    let zone = match template(&schedule.timezone) {
        Err(problems) => problems,
        Ok(template) if template.is_literal() => {
            find_zone(&schedule.timezone).err().into_iter().collect()
        }
        Ok(_) => Vec::new(),
    };
    cron.into_iter().chain(zone).collect()
}

fn read_cron(text: &str) -> Result<Cron, Problem> {
    let faulty = |message: String| Problem::new("cron", message);
    if text.len() > CRON_BYTES_MAX {
        return Err(faulty(format!("A schedule has at most {CRON_BYTES_MAX} characters.")));
    }
    let fields = text.split_whitespace().count();
    if fields != 6 {
        return Err(faulty(format!(
            "A schedule has six fields: second, minute, hour, day of month, month, day of week. \
             This one has {fields}."
        )));
    }
    let parser = CronParser::builder().seconds(Seconds::Required).year(Year::Disallowed).build();
    let cron = parser.parse(text);
    cron.map_err(|error| faulty(format!("\"{text}\" is no schedule: {error}.")))
}

fn template(timezone: &str) -> Result<Template, Vec<Problem>> {
    let scope = Scope { user: true, ..Scope::default() };
    Template::compile_at("timezone", &timezone.into(), &scope, Place::Output)
}

fn read_zone(timezone: &str, user: &serde_json::Value) -> Result<TimeZone, Problem> {
    let template = template(timezone)
        .map_err(|problems| problems.into_iter().next().unwrap_or_else(|| no_zone(timezone)))?;
    if template.is_literal() {
        return find_zone(timezone);
    }
    let find = |root: Root<'_>| (root == Root::User).then_some(user);
    let rendered = template.render(&Context::new(&find));
    let rendered = rendered.map_err(|error| Problem::new("timezone", error.to_string()))?;
    match rendered.as_str() {
        Some(name) => find_zone(name),
        None => Err(Problem::new(
            "timezone",
            format!("The template gives {rendered} for this user instead of a time zone's name."),
        )),
    }
}

fn find_zone(name: &str) -> Result<TimeZone, Problem> {
    /// The database is built in, so that every machine knows the same zones.
    static ZONES: OnceLock<TimeZoneDatabase> = OnceLock::new();
    let zones = ZONES.get_or_init(TimeZoneDatabase::bundled);
    zones.get(name.trim()).map_err(|_| no_zone(name))
}

fn no_zone(name: &str) -> Problem {
    let shown: String = name.chars().take(64).collect();
    let message = format!(
        "\"{shown}\" is no time zone: use a name of the IANA database, such as Europe/Berlin."
    );
    Problem::new("timezone", message)
}
