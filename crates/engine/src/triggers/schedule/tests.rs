use base::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn table(cron: &str, zone: &str) -> Timetable {
    let schedule =
        Schedule { cron: cron.to_owned(), timezone: zone.to_owned(), catch_up: CatchUp::default() };
    Timetable::read(&schedule, &Value::Null).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The next runs after a moment, in UTC.
fn runs(cron: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
    let table = table(cron, zone);
    let mut time = at(after);
    let next = || {
        time = table.next_after(time)?;
        Some(time.to_rfc3339().replace(":00.000Z", "Z"))
    };
    std::iter::from_fn(next).take(count).collect()
}

#[test]
fn a_schedule_runs_by_the_clock_of_its_zone() {
    assert_eq!(
        runs("0 0 9 * * MON-FRI", "America/Los_Angeles", "2026-01-30T16:59:59Z", 2),
        ["2026-01-30T17:00Z", "2026-02-02T17:00Z"],
    );
    assert_eq!(
        runs("15 30 8 L * *", "Asia/Kolkata", "2026-02-01T00:00:00Z", 1),
        ["2026-02-28T03:00:15.000Z"]
    );
}

#[test]
fn a_time_that_the_clock_skips_runs_once_at_the_shift() {
    // Berlin goes from 02:00 to 03:00 on 29 March 2026, which is 01:00 UTC.
    let expected = ["2026-03-28T01:30Z", "2026-03-29T01:00Z", "2026-03-30T00:30Z"];
    assert_eq!(runs("0 30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3), expected);
    // Several skipped times are one run, and the time of the shift itself is the same run.
    let expected = ["2026-03-29T01:00Z", "2026-03-29T01:30Z", "2026-03-30T00:00Z"];
    assert_eq!(runs("0 0,30 2,3 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 3), expected);
    // Samoa had no 30 December 2011 at all.
    let expected = ["2011-12-29T22:00Z", "2011-12-30T10:00Z", "2011-12-30T22:00Z"];
    assert_eq!(runs("0 0 12 * * *", "Pacific/Apia", "2011-12-29T10:00:00Z", 3), expected);
}

#[test]
fn a_time_that_the_clock_shows_twice_runs_once() {
    // New York goes from 02:00 back to 01:00 on 1 November 2026, which is 06:00 UTC.
    let expected = ["2026-11-01T05:30Z", "2026-11-02T06:30Z"];
    assert_eq!(runs("0 30 1 * * *", "America/New_York", "2026-11-01T00:00:00Z", 2), expected);
    // Asked within the second showing, too.
    assert_eq!(
        runs("0 30 1 * * *", "America/New_York", "2026-11-01T06:10:00Z", 1),
        ["2026-11-02T06:30Z"]
    );
}

#[test]
fn a_schedule_for_every_hour_goes_by_time_that_passes() {
    let expected = ["2026-03-29T00:30Z", "2026-03-29T01:30Z", "2026-03-29T02:30Z"];
    assert_eq!(runs("0 30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 3), expected);
    let expected = ["2026-10-24T23:30Z", "2026-10-25T00:30Z", "2026-10-25T01:30Z"];
    assert_eq!(runs("0 30 * * * *", "Europe/Berlin", "2026-10-24T23:00:00Z", 3), expected);
    // Lord Howe goes from 02:00 back to 01:30, so that its next full hour is half an hour late.
    let expected = ["2026-04-04T14:00Z", "2026-04-04T15:30Z", "2026-04-04T16:30Z"];
    let halves = runs("0 0 * * * *", "Australia/Lord_Howe", "2026-04-04T13:30:00Z", 3);
    assert_eq!(halves, expected);
}

#[test]
fn a_day_that_never_comes_has_no_time() {
    assert_eq!(table("0 0 0 31 2 *", "UTC").next_after(at("2026-01-01T00:00:00Z")), None);
}

#[test]
fn a_zone_may_come_from_what_is_known_of_the_user() {
    let schedule = |timezone: &str| Schedule {
        cron: "0 0 9 * * *".to_owned(),
        timezone: timezone.to_owned(),
        catch_up: CatchUp::default(),
    };
    let own = schedule("{{ user.metadata.zone | default('UTC') }}");
    let next = |user: Value| {
        let table = Timetable::read(&own, &user).unwrap();
        table.next_after(at("2026-01-01T00:00:00Z")).unwrap().to_rfc3339()
    };
    assert_eq!(next(json!({ "metadata": { "zone": "Asia/Tokyo" } })), "2026-01-02T00:00:00.000Z");
    assert_eq!(next(json!({ "metadata": {} })), "2026-01-01T09:00:00.000Z");
    assert!(check(&own).is_empty());

    let odd = json!({ "metadata": { "zone": 7 } });
    let problems = Timetable::read(&schedule("{{ user.metadata.zone }}"), &odd).unwrap_err();
    assert_eq!(problems[0].path, "timezone");
}

#[test]
fn faults_of_a_schedule_are_named() {
    let faults = |cron: &str, timezone: &str| -> Vec<String> {
        let (cron, timezone) = (cron.to_owned(), timezone.to_owned());
        let problems = check(&Schedule { cron, timezone, catch_up: CatchUp::default() });
        problems.into_iter().map(|problem| problem.path).collect()
    };
    assert_eq!(faults("0 9 * * *", "Mars/Olympus"), ["cron", "timezone"]);
    assert_eq!(faults("@daily", "UTC"), ["cron"]);
    assert_eq!(faults("0 0 25 * * *", "{{ steps.a.output }}"), ["cron", "timezone"]);
    assert_eq!(faults(&"0 ".repeat(200), "UTC"), ["cron"]);
    assert!(faults("*/10 * * * * *", "UTC").is_empty());
}

#[test]
fn missed_times_run_once_or_not_at_all_or_each() {
    let table = table("0 0 * * * *", "UTC");
    let (next_at, now) = (at("2026-05-01T01:00:00Z"), at("2026-05-01T04:00:30Z"));
    let hours = |catch_up| -> Vec<(i64, bool)> {
        let due = due(&table, catch_up, next_at, now);
        assert_eq!(due.next_at, Some(at("2026-05-01T05:00:00Z")));
        let one = |run: &Run| (run.scheduled_at.as_secs() / 3600 % 24, run.is_late);
        due.runs.iter().map(one).collect()
    };
    assert_eq!(hours(CatchUp::Once), [(1, true), (4, false)]);
    assert_eq!(hours(CatchUp::Skip), [(4, false)]);
    assert_eq!(hours(CatchUp::All), [(1, true), (2, true), (3, true), (4, false)]);

    let far = due(&table, CatchUp::All, next_at, at("2027-05-01T00:30:00Z"));
    assert_eq!(far.runs.len(), CATCH_UP_MAX);
    assert_eq!(far.next_at, Some(at("2027-05-01T01:00:00Z")));
    let early = due(&table, CatchUp::All, next_at, at("2026-05-01T00:59:59Z"));
    assert_eq!(early, Due { runs: Vec::new(), next_at: Some(next_at) });
}

const ZONES: [&str; 6] = [
    "UTC",
    "Europe/Berlin",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_daily_schedule_runs_once_on_each_day(
        zone in proptest::sample::select(&ZONES[..]),
        hour in 0_u32..24,
        minute in 0_u32..60,
        year in 2005_i64..2035,
    ) {
        let table = table(&format!("0 {minute} {hour} * * *"), zone);
        let mut time = Timestamp::from_secs((year - 1970) * 31_557_600);
        for _ in 0..370 {
            let next = table.next_after(time).unwrap();
            let hours = next.since(time).as_secs_f64() / 3600.0;
            prop_assert!(hours <= 25.0, "{hours}");
            time = next;
            let after = table.next_after(next).unwrap();
            prop_assert!((23.0..=25.0).contains(&(after.since(next).as_secs_f64() / 3600.0)));
        }
    }

    #[test]
    fn a_schedule_for_every_minute_never_pauses(
        zone in proptest::sample::select(&ZONES[..]),
        start in 1_200_000_000_i64..2_000_000_000,
    ) {
        let table = table("0 * * * * *", zone);
        let mut time = table.next_after(Timestamp::from_secs(start)).unwrap();
        for _ in 0..200 {
            let next = table.next_after(time).unwrap();
            prop_assert_eq!(next.since(time).as_secs(), 60);
            // Half a year in a few steps, over a shift at times.
            time = table.next_after(Timestamp(next.0 + 7 * 3_600_000_000)).unwrap();
        }
    }

    #[test]
    fn the_next_time_lies_ahead_and_none_lies_between(
        zone in proptest::sample::select(&ZONES[..]),
        cron in proptest::sample::select(&["5 */7 1-3 * * *", "0 30 2 * * SUN", "*/20 0 */5 1,15 * *"][..]),
        start in 1_200_000_000_i64..2_000_000_000,
        back in 1_i64..1_000_000,
    ) {
        let table = table(cron, zone);
        let time = Timestamp::from_secs(start);
        let next = table.next_after(time).unwrap();
        prop_assert!(next > time);
        let between = Timestamp((next.0 - back * 1_000_000).max(time.0));
        prop_assert_eq!(table.next_after(between), Some(next));
    }
}
