//! The system calls that are left to a guest: to read its jobs and write its answers, to get and
//! return memory, to ask for the time and for chance, and to end. All others fail with EPERM.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};

/// Calls that are allowed whatever their arguments.
const FREE: [libc::c_long; 18] = [
    libc::SYS_brk,
    libc::SYS_clock_gettime,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_getpid,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_gettimeofday,
    libc::SYS_madvise,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_yield,
    libc::SYS_sigaltstack,
];

/// Installs the filter for this thread and all that come from it.
pub fn install() -> Result<(), Box<dyn std::error::Error>> {
    let refused = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let architecture = TargetArch::try_from(std::env::consts::ARCH)?;
    let filter = SeccompFilter::new(rules()?, refused, SeccompAction::Allow, architecture)?;
    seccompiler::apply_filter(&BpfProgram::try_from(filter)?)?;
    Ok(())
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

fn rules() -> Result<Rules, seccompiler::BackendError> {
    let mut rules: Rules = FREE.iter().map(|call| (*call, Vec::new())).collect();
    let input = argument_is(0, libc::STDIN_FILENO)?;
    let output = argument_is(0, libc::STDOUT_FILENO)?;
    let complaints = argument_is(0, libc::STDERR_FILENO)?;
    let not_executable = argument_lacks(2, libc::PROT_EXEC)?;
    // To abort, a process sends a signal to itself.
    let itself = argument_is(0, nix::unistd::getpid().as_raw())?;
    let anonymous = argument_has(3, libc::MAP_ANONYMOUS)?;
    rules.insert(libc::SYS_read, vec![SeccompRule::new(vec![input])?]);
    let outputs = vec![SeccompRule::new(vec![output])?, SeccompRule::new(vec![complaints])?];
    rules.insert(libc::SYS_write, outputs);
    rules.insert(libc::SYS_mprotect, vec![SeccompRule::new(vec![not_executable.clone()])?]);
    rules.insert(libc::SYS_mmap, vec![SeccompRule::new(vec![not_executable, anonymous])?]);
    rules.insert(libc::SYS_tgkill, vec![SeccompRule::new(vec![itself])?]);
    Ok(rules)
}

fn argument_is(place: u8, value: i32) -> Result<SeccompCondition, seccompiler::BackendError> {
    condition(place, SeccompCmpOp::Eq, value)
}

fn argument_has(place: u8, bit: i32) -> Result<SeccompCondition, seccompiler::BackendError> {
    condition(place, SeccompCmpOp::MaskedEq(u64::from(bit.unsigned_abs())), bit)
}

fn argument_lacks(place: u8, bit: i32) -> Result<SeccompCondition, seccompiler::BackendError> {
    condition(place, SeccompCmpOp::MaskedEq(u64::from(bit.unsigned_abs())), 0)
}

fn condition(
    place: u8,
    operator: SeccompCmpOp,
    value: i32,
) -> Result<SeccompCondition, seccompiler::BackendError> {
    let value = u64::from(value.unsigned_abs());
    SeccompCondition::new(place, SeccompCmpArgLen::Dword, operator, value)
}
