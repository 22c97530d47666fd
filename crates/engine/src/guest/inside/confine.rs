//! How a guest gives everything away before it reads the first job. In this order: what it
//! inherited, what it may use, files and network (landlock), and last nearly every system call.

use std::fs;
use std::io;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, Ruleset, RulesetAttr as _, RulesetStatus, Scope,
};
use nix::errno::Errno;
use nix::sys::prctl;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::Signal;
use nix::unistd;

use super::{guest_cpu_time_max, seccomp};
use crate::guest::{Isolation, LandlockLevel, Limits};

/// Address space for what the interpreter's limit does not count: a job and its answer on their
/// way, and what the allocator cannot use.
const HEAD_ROOM_BYTES: u64 = 64 * 1024 * 1024;
/// The stack for the interpreter's own limit and for what is below it.
const STACK_BYTES: u64 = 16 * 1024 * 1024;
/// The newest landlock that we have tried; older kernels do what they can of it.
const LANDLOCK: ABI = ABI::V6;
/// The first to be ended by the kernel that needs memory.
const OOM_SCORE: &str = "1000";
/// Seconds of processor time between the signal that a process may catch and its end.
const CPU_GRACE_SECONDS: u64 = 2;

/// Locks this process in for ever, as far as the kernel can.
pub fn confine(limits: &Limits) -> io::Result<Isolation> {
    prctl::set_pdeathsig(Signal::SIGKILL)?;
    // Where the machine runs out of memory, a guest goes and not its host. Some systems forbid it.
    let _ = fs::write("/proc/self/oom_score_adj", OOM_SCORE);
    prctl::set_no_new_privs()?;
    // Other guests are processes of the same user: they shall not look into this one.
    prctl::set_dumpable(false)?;
    std::env::set_current_dir("/")?;
    close_inherited()?;
    limit_resources(limits)?;
    let landlock = leave_files_and_network();
    // Only now: a ruleset is a file, for a moment.
    limit(Resource::RLIMIT_NOFILE, 0)?;
    let seccomp = seccomp::install().is_ok();
    Ok(Isolation { landlock, seccomp })
}

/// Closes every file that somebody forgot to mark as not to be inherited.
fn close_inherited() -> io::Result<()> {
    let mut open = Vec::new();
    for entry in fs::read_dir("/proc/self/fd")? {
        let number = entry?.file_name().to_string_lossy().parse::<i32>();
        open.extend(number.ok().filter(|number| *number > libc::STDERR_FILENO));
    }
    for number in open {
        match unistd::close(number) {
            // The directory that was read is among them, and closed by now.
            Ok(()) | Err(Errno::EBADF) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn limit_resources(limits: &Limits) -> io::Result<()> {
    let memory = u64::try_from(limits.memory_bytes_max).unwrap_or(u64::MAX);
    let frames = limits.job_frame_bytes_max() + limits.answer_frame_bytes_max();
    let frames = u64::try_from(frames).unwrap_or(u64::MAX);
    let address_space = mapped_bytes()?
        .saturating_add(memory)
        .saturating_add(frames.saturating_mul(2))
        .saturating_add(STACK_BYTES)
        .saturating_add(HEAD_ROOM_BYTES);
    limit(Resource::RLIMIT_AS, address_space)?;
    let seconds = (guest_cpu_time_max(limits) + limits.cpu_time_max).as_secs();
    limit(Resource::RLIMIT_CPU, seconds + CPU_GRACE_SECONDS)?;
    limit(Resource::RLIMIT_CORE, 0)?;
    limit(Resource::RLIMIT_FSIZE, 0)?;
    limit(Resource::RLIMIT_NPROC, 0)?;
    limit(Resource::RLIMIT_MEMLOCK, 0)?;
    limit(Resource::RLIMIT_MSGQUEUE, 0)?;
    let (_, hard) = getrlimit(Resource::RLIMIT_STACK)?;
    Ok(setrlimit(Resource::RLIMIT_STACK, STACK_BYTES.min(hard), hard)?)
}

/// Bytes of address space that the process has mapped, mostly the program itself.
fn mapped_bytes() -> io::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmSize:")).unwrap_or_default();
    let kib = line.trim().trim_end_matches("kB").trim_end().parse::<u64>();
    Ok(kib.map_err(io::Error::other)? * 1024)
}

fn limit(resource: Resource, most: u64) -> io::Result<()> {
    let (_, hard) = getrlimit(resource)?;
    Ok(setrlimit(resource, most.min(hard), most.min(hard))?)
}

/// A ruleset that handles everything and allows nothing.
fn leave_files_and_network() -> LandlockLevel {
    let restricted = Ruleset::default()
        .handle_access(AccessFs::from_all(LANDLOCK))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(LANDLOCK)))
        .and_then(|rules| rules.scope(Scope::from_all(LANDLOCK)))
        .and_then(Ruleset::create)
        .and_then(landlock::RulesetCreated::restrict_self);
    match restricted.map(|status| status.ruleset) {
        Ok(RulesetStatus::FullyEnforced) => LandlockLevel::Full,
        Ok(RulesetStatus::PartiallyEnforced) => LandlockLevel::Partial,
        Ok(RulesetStatus::NotEnforced) | Err(_) => LandlockLevel::None,
    }
}
