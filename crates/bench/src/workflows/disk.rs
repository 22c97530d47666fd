//! What one durable write of this disk takes.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use anyhow::Result;
use base::Clock;

use crate::results::median;

const WRITES: usize = 500;
const BYTES: usize = 4_096;

/// The middle of the times that appending 4 KiB and `fdatasync` take, in milliseconds.
pub fn fdatasync_ms(folder: &Path) -> Result<f64> {
    let mut file = File::create(folder.join("fdatasync"))?;
    let clock = Clock::system();
    let mut took = Vec::with_capacity(WRITES);
    for _ in 0..WRITES {
        let began = clock.now();
        file.write_all(&[1; BYTES])?;
        file.sync_data()?;
        took.push(clock.now().since(began).as_secs_f64() * 1_000.0);
    }
    Ok(median(took))
}
