//! Names a key without telling anything about it.

use std::fmt;
use std::str::FromStr;

use base::{Error, Secret};
use sha2::{Digest as _, Sha256};

/// How long a key's name is.
pub(super) const KEY_ID_BYTES: usize = 8;

/// The name of a key: part of every envelope that the key sealed. Reads and prints as 16
/// hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId(pub(super) [u8; KEY_ID_BYTES]);

impl KeyId {
    pub(super) fn of(key: &Secret<[u8; 32]>) -> Self {
        let digest = Sha256::new().chain_update(b"key id").chain_update(key.expose()).finalize();
        let mut id = [0; KEY_ID_BYTES];
        id.copy_from_slice(&digest[..KEY_ID_BYTES]);
        Self(id)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:016x}", u64::from_be_bytes(self.0)))
    }
}

impl FromStr for KeyId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let is_id = text.len() == 2 * KEY_ID_BYTES && text.bytes().all(|b| b.is_ascii_hexdigit());
        let number = u64::from_str_radix(text, 16).ok().filter(|_| is_id);
        number.map(|number| Self(number.to_be_bytes())).ok_or_else(|| {
            let message =
                "A key's id has 16 hexadecimal digits, as `gangway keys status` shows it.";
            Error::invalid("key_id", message)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_it_prints() {
        let id = KeyId([0, 1, 2, 3, 0xfc, 0xfd, 0xfe, 0xff]);
        assert_eq!(id.to_string(), "00010203fcfdfeff");
        assert_eq!(id.to_string().parse::<KeyId>().unwrap(), id);
        for wrong in ["", "1", "00010203fcfdfef", "+0010203fcfdfeff", "00010203fcfdfeffff", "ü"] {
            assert_eq!(wrong.parse::<KeyId>().expect_err(wrong).code(), "key_id");
        }
    }
}
