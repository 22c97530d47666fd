//! A value that must not be seen.

use std::fmt;

use zeroize::Zeroize;

/// Holds a secret: it cannot be printed, compared or serialised, and is wiped when dropped.
///
/// The plaintext comes out by [`Secret::expose`] alone, which the lint allows only where a secret
/// is sealed, opened or sent: in the `connect` crate.
#[derive(Clone)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes a plaintext into custody.
    pub const fn new(plaintext: T) -> Self {
        Self(plaintext)
    }

    /// The plaintext.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl<T: Zeroize> From<T> for Secret<T> {
    fn from(plaintext: T) -> Self {
        Self::new(plaintext)
    }
}

/// A secret can arrive in a request or a configuration file; it never leaves the same way.
impl<'de, T: Zeroize + serde::Deserialize<'de>> serde::Deserialize<'de> for Secret<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_as_its_name_only() {
        let secret = Secret::new("hunter2".to_owned());
        assert_eq!(format!("{secret:?}"), "[secret]");
    }
}
