//! The sealed form: version byte, key id, nonce, ciphertext. Version and key id are part of what
//! is authenticated, so that nobody can point an envelope at another key.

use base::{Error, Random, Result, Secret};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use super::key_id::{KEY_ID_BYTES, KeyId};

const VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;
const HEADER_BYTES: usize = 1 + KEY_ID_BYTES;
const TAG_BYTES: usize = 16;

/// How long an envelope is around this many bytes.
pub const fn bytes_around(plaintext_bytes: usize) -> usize {
    HEADER_BYTES + NONCE_BYTES + plaintext_bytes + TAG_BYTES
}

/// Which key an envelope wants.
pub fn key_id(envelope: &[u8]) -> Result<KeyId> {
    let id = envelope.get(1..HEADER_BYTES).and_then(|id| id.try_into().ok());
    id.map(KeyId).ok_or_else(unreadable)
}

pub fn seal(key: &Secret<[u8; 32]>, random: &Random, place: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let mut envelope = Vec::with_capacity(bytes_around(plaintext.len()));
    envelope.push(VERSION);
    envelope.extend_from_slice(&KeyId::of(key).0);
    let nonce = random.bytes::<NONCE_BYTES>();
    let aad = [&envelope, place].concat();
    let sealed = XChaCha20Poly1305::new(key.expose().into())
        .encrypt(&XNonce::from(nonce), Payload { msg: plaintext, aad: &aad })
        .expect("a secret is far shorter than the cipher's limit");
    envelope.extend_from_slice(&nonce);
    envelope.extend_from_slice(&sealed);
    envelope
}

pub fn open(key: &Secret<[u8; 32]>, place: &[u8], envelope: &[u8]) -> Result<Secret<Vec<u8>>> {
    let (header, rest) = envelope.split_at_checked(HEADER_BYTES).ok_or_else(unreadable)?;
    let (nonce, sealed) = rest.split_at_checked(NONCE_BYTES).ok_or_else(unreadable)?;
    let nonce = <[u8; NONCE_BYTES]>::try_from(nonce).map_err(|_| unreadable())?;
    if header[0] != VERSION || header[1..] != KeyId::of(key).0 {
        return Err(unreadable());
    }
    let aad = [header, place].concat();
    XChaCha20Poly1305::new(key.expose().into())
        .decrypt(&XNonce::from(nonce), Payload { msg: sealed, aad: &aad })
        .map(Secret::new)
        .map_err(|_| unreadable())
}

pub fn unreadable() -> Error {
    Error::internal(
        "a stored secret does not open: it was sealed with another key, or the row was changed by \
         someone else",
    )
}
