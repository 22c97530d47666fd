//! Whom we trust: the system's certificate authorities and those the operator adds.

use std::sync::Arc;

use base::{Error, Result};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

/// Trusts the system's authorities and those in `extra`.
pub(crate) fn public(extra: Option<&str>) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    // A certificate the system holds and rustls cannot read is no reason to refuse to start.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(pem) = extra {
        add(&mut roots, pem)?;
    }
    config(roots)
}

/// Trusts the authorities in `pem` and no other.
pub(crate) fn private(pem: &str) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    add(&mut roots, pem)?;
    config(roots)
}

fn add(roots: &mut RootCertStore, pem: &str) -> Result<()> {
    let wrong = |cause: String| {
        let message = "A certificate authority in the settings is not a PEM certificate.";
        Error::invalid("ca_certificate", message).with_source(cause)
    };
    let mut count = 0;
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|cause| wrong(cause.to_string()))?;
        roots.add(certificate).map_err(|cause| wrong(cause.to_string()))?;
        count += 1;
    }
    if count == 0 { Err(wrong("it holds none".to_owned())) } else { Ok(()) }
}

fn config(roots: RootCertStore) -> Result<ClientConfig> {
    let crypto = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    Ok(ClientConfig::builder_with_provider(crypto)
        .with_safe_default_protocol_versions()
        .map_err(Error::internal)?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
