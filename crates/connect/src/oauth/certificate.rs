//! What must be known of a certificate: its thumbprint, its end, and that its private key is there.

use base::{Error, Result, Secret, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error as TlsError, InconsistentKeys, crypto};
use sha2::{Digest as _, Sha256};

use super::assertion::encoding_key;

/// Tags of ASN.1 as a certificate (RFC 5280) uses them.
const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// What is known of a certificate.
#[derive(Debug)]
pub(crate) struct Certificate {
    /// Its SHA-256, as assertions name it.
    pub thumbprint: String,
    /// When it ends.
    pub not_after: Timestamp,
}

/// Reads a certificate, once its private key is known to be one and its own.
pub(crate) fn read(private_key: &Secret<String>, text: &str) -> Result<Certificate> {
    encoding_key(private_key)?;
    let der = CertificateDer::from_pem_slice(text.as_bytes())
        .map_err(|cause| not_a_certificate().with_source(cause))?;
    let not_after = not_after(&der).ok_or_else(not_a_certificate)?;
    if !is_key_of(private_key, &der) {
        let message = "The private key is not the one that the certificate was made for.";
        return Err(Error::invalid("foreign_private_key", message));
    }
    Ok(Certificate { thumbprint: URL_SAFE_NO_PAD.encode(Sha256::digest(&der)), not_after })
}

/// Whether they belong together; where that cannot be told, the provider will.
fn is_key_of(private_key: &Secret<String>, certificate: &CertificateDer<'_>) -> bool {
    let Ok(key) = PrivateKeyDer::from_pem_slice(private_key.expose().as_bytes()) else {
        return true;
    };
    let Ok(key) = crypto::aws_lc_rs::sign::any_supported_type(&key) else { return true };
    let pair = CertifiedKey::new(vec![certificate.clone().into_owned()], key);
    let foreign = TlsError::InconsistentKeys(InconsistentKeys::KeyMismatch);
    pair.keys_match() != Err(foreign)
}

/// The end of a certificate's validity.
fn not_after(certificate: &[u8]) -> Option<Timestamp> {
    let (signed, _) = expect(certificate, SEQUENCE)?;
    let (fields, _) = expect(signed, SEQUENCE)?;
    let fields = expect(fields, VERSION).map_or(fields, |(_, rest)| rest);
    let (_serial_number, fields) = expect(fields, INTEGER)?;
    let (_signature, fields) = expect(fields, SEQUENCE)?;
    let (_issuer, fields) = expect(fields, SEQUENCE)?;
    let (validity, _) = expect(fields, SEQUENCE)?;
    let (_, _not_before, rest) = element(validity)?;
    let (tag, end, _) = element(rest)?;
    time(tag, std::str::from_utf8(end).ok()?)
}

/// The content of an element of this kind, and what follows it.
fn expect(input: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    element(input).filter(|(found, ..)| *found == tag).map(|(_, content, rest)| (content, rest))
}

/// The first element: its tag, its content and what follows it.
fn element(input: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = input.split_first_chunk()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        // The length of the length follows the bit that says so.
        let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        let grow = |length: usize, byte: &u8| Some(length.checked_mul(256)? + usize::from(*byte));
        (bytes.iter().try_fold(0, grow)?, rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// `YYMMDDhhmmssZ`, or with the whole year.
fn time(tag: u8, text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix('Z').filter(|text| text.bytes().all(|b| b.is_ascii_digit()))?;
    let (year, rest) = match tag {
        UTC_TIME if text.len() == 12 => {
            let (year, rest) = text.split_at(2);
            // Two digits stand for 1950 to 2049.
            (format!("{}{year}", if year < "50" { "20" } else { "19" }), rest)
        }
        GENERALIZED_TIME if text.len() == 14 => (text[..4].to_owned(), &text[4..]),
        _ => return None,
    };
    let two = |at: usize| &rest[at..at + 2];
    let [month, day, hour, minute, second] = [two(0), two(2), two(4), two(6), two(8)];
    format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z").parse().ok()
}

fn not_a_certificate() -> Error {
    let message = "The certificate is not one in PEM: it begins with BEGIN CERTIFICATE.";
    Error::invalid("invalid_certificate", message)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    fn made_until(year: i32) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.not_before = date_time_ymd(1990, 1, 1);
        params.not_after = date_time_ymd(year, 7, 31);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn its_end_is_read_in_both_forms_of_a_time() {
        for year in [1999, 2026, 2049, 2050, 2999] {
            let end = not_after(&made_until(year)).unwrap();
            assert_eq!(end.to_rfc3339(), format!("{year}-07-31T00:00:00.000Z"));
        }
    }

    #[test]
    fn a_length_of_several_bytes_counts_and_one_that_is_too_long_does_not() {
        let long = [&[SEQUENCE, 0x82, 0x01, 0x00][..], &[7; 256], b"rest"].concat();
        assert_eq!(element(&long).unwrap().2, b"rest");
        for wrong in [&[SEQUENCE, 2, 0][..], &[SEQUENCE, 0x89, 1, 1, 1, 1, 1, 1, 1, 1, 1], &[1]] {
            assert_eq!(element(wrong), None);
        }
    }

    proptest! {
        #[test]
        fn a_damaged_certificate_is_read_or_refused_and_never_more(
            position: prop::sample::Index, byte: u8, length: prop::sample::Index,
        ) {
            let mut der = made_until(2030);
            let position = position.index(der.len());
            der[position] = byte;
            let _ = not_after(&der);
            let _ = not_after(&der[..length.index(der.len())]);
        }
    }
}
