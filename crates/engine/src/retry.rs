//! When a failed step is tried again.

use std::time::Duration;

use base::Random;

/// How long after a failure the next try comes, for the first to the fifth time: five more tries
/// within about 190 seconds.
const PAUSES: [Duration; 5] = [
    Duration::from_secs(10),
    Duration::from_secs(20),
    Duration::from_secs(30),
    Duration::from_secs(50),
    Duration::from_secs(80),
];
/// By how much of itself a pause is longer or shorter at random, in percent, so that what failed
/// together does not come back together.
const JITTER_PERCENT: u64 = 20;

/// The pause before the next try after this many; none after the last.
pub fn pause(attempt: u32, random: &Random) -> Option<Duration> {
    let pause = PAUSES.get(usize::try_from(attempt.checked_sub(1)?).ok()?)?;
    let spread = u64::from_le_bytes(random.bytes()) % (2 * JITTER_PERCENT + 1);
    let percent = u32::try_from(100 - JITTER_PERCENT + spread).unwrap_or(100);
    Some(*pause * percent / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_more_tries_come_after_about_10_20_30_50_and_80_seconds() {
        let random = Random::seeded(1);
        for (attempt, about) in (1..).zip([10.0, 20.0, 30.0, 50.0, 80.0]) {
            for _ in 0..100 {
                let pause = pause(attempt, &random).expect("another try").as_secs_f64();
                assert!((about * 0.8..=about * 1.2).contains(&pause), "{attempt}: {pause}");
            }
        }
        assert_eq!(pause(6, &random), None);
        assert_eq!(pause(0, &random), None);
    }
}
