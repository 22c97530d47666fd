//! How well the kernel locks a guest in.

use serde::{Deserialize, Serialize};

/// What a guest could take away from itself on this kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Isolation {
    /// Files, and on newer kernels TCP and signals.
    pub landlock: LandlockLevel,
    /// Every system call but the few an interpreter needs.
    pub seccomp: bool,
}

/// How much of landlock the kernel knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LandlockLevel {
    /// Everything we ask for.
    Full,
    /// Files at least.
    Partial,
    /// Nothing.
    None,
}

impl Isolation {
    /// Whether it will do for other people's code.
    pub fn is_enough(self) -> bool {
        self.seccomp || self.landlock != LandlockLevel::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_with_neither_landlock_nor_seccomp_is_not_enough() {
        let isolation = |landlock, seccomp| Isolation { landlock, seccomp }.is_enough();
        assert!(isolation(LandlockLevel::Full, true));
        assert!(isolation(LandlockLevel::Partial, false));
        assert!(isolation(LandlockLevel::None, true));
        assert!(!isolation(LandlockLevel::None, false));
    }
}
