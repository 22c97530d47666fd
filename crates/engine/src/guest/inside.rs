//! The guest: a process that locks itself in and then runs functions, one after the other, until
//! its standard input ends.

mod chance;
mod confine;
mod console;
mod form;
mod libraries;
mod machine;
mod seccomp;
mod thrown;
mod watch;

use std::io;
use std::process::ExitCode;

use self::machine::Machine;
use super::wire::{Job, Ready, Start};
use super::{Isolation, Limits, frame};

/// The host's first word is short.
const START_BYTES_MAX: usize = 4096;

/// Serves the host at the other end of standard input and output until it leaves. To be called
/// from `main` before anything else: other threads would not be locked in.
pub fn run() -> ExitCode {
    // Nobody reads what a guest says about itself: the host sees that it ended.
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Gives up, for ever and as far as the kernel can, whatever a process can do beyond using
/// standard input and output and as much memory and time as the limits say.
///
/// # Errors
/// When the process cannot do what every kernel allows.
pub fn lock_in(limits: &Limits) -> io::Result<Isolation> {
    confine::confine(limits)
}

fn serve() -> io::Result<()> {
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    let Some(start) = frame::read(&mut input, START_BYTES_MAX)? else { return Ok(()) };
    let Start { limits } = serde_json::from_slice(&start)?;
    let isolation = match lock_in(&limits) {
        Ok(isolation) => isolation,
        Err(error) => return frame::write(&mut output, &Ready::Failed(error.to_string())),
    };
    frame::write(&mut output, &Ready::Isolated(isolation))?;

    loop {
        // Made before the job is here, so that nobody waits for it.
        let machine = Machine::new(&limits).map_err(io::Error::other)?;
        let Some(job) = frame::read(&mut input, limits.job_frame_bytes_max())? else {
            return Ok(());
        };
        let answer = machine.perform(serde_json::from_slice::<Job<'_>>(&job)?);
        frame::write(&mut output, &answer)?;
        if answer.is_last {
            return Ok(());
        }
    }
}

/// What a guest may use of the processor until it ends itself. More than this is only used by a
/// call that the interpreter cannot interrupt.
fn guest_cpu_time_max(limits: &Limits) -> std::time::Duration {
    limits.cpu_time_max * 6
}
