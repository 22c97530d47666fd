//! When a delivery that did not arrive is tried again, and when a destination is given up.

use std::time::Duration;

use base::Random;

const MINUTE: u64 = 60;
const HOUR: u64 = 3_600;

/// The pauses after each attempt, in seconds: about four days in all.
const PAUSES: [u64; 10] = [
    5,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
    24 * HOUR,
];
/// How often a delivery is tried.
pub const ATTEMPTS_MAX: i64 = PAUSES.len() as i64 + 1;
/// For how long no delivery may arrive before a destination is switched off.
pub const FAILING_MAX: Duration = Duration::from_secs(5 * 24 * HOUR);

/// The pause after the attempt with this number; none when it was the last. Up to a tenth longer, so
/// that deliveries which failed together do not come back together.
pub fn pause(attempt: i64, random: &Random) -> Option<Duration> {
    let place = usize::try_from(attempt.checked_sub(1)?).ok()?;
    let seconds = *PAUSES.get(place)?;
    let jitter = random.below(seconds * 1_000 / 10);
    Some(Duration::from_millis(seconds * 1_000 + jitter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_within_five_days() {
        let random = Random::seeded(1);
        let pauses: Vec<Duration> =
            (1..ATTEMPTS_MAX).map(|attempt| pause(attempt, &random).expect("a pause")).collect();
        assert!(PAUSES.is_sorted());
        for (pause, seconds) in pauses.iter().zip(PAUSES) {
            let shortest = Duration::from_secs(seconds);
            assert!(*pause >= shortest && *pause < shortest + shortest / 10);
        }
        assert!(pauses.iter().sum::<Duration>() < FAILING_MAX);
        assert_eq!(pause(ATTEMPTS_MAX, &random), None);
        assert_eq!(pause(0, &random), None);
    }
}
