//! The sandbox's own certificate authority, and the certificate of its https listeners.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::private_file;
use crate::site::PROVIDER_HOSTS;

const CA_FILE: &str = "ca.pem";
const KEY_FILE: &str = "ca.key";
/// Names of this machine, and the form of an organization's older address.
const OTHER_NAMES: [&str; 5] =
    ["localhost", "127.0.0.1", "::1", "*.visualstudio.com", "*.vssps.visualstudio.com"];

/// A certificate authority that a client has to be told to trust.
pub(crate) struct Authority {
    pem: String,
    key: KeyPair,
}

impl Authority {
    /// The authority kept in `directory`, made there when there is none; without a directory one
    /// that lives as long as the process.
    pub(crate) fn open(directory: Option<&Path>) -> io::Result<Self> {
        let Some(directory) = directory else { return Self::generate() };
        let (ca_file, key_file) = (directory.join(CA_FILE), directory.join(KEY_FILE));
        if ca_file.exists() && key_file.exists() {
            let pem = std::fs::read_to_string(ca_file)?;
            let key =
                KeyPair::from_pem(&std::fs::read_to_string(key_file)?).map_err(io::Error::other)?;
            return Ok(Self { pem, key });
        }
        let fresh = Self::generate()?;
        private_file::create_directory(directory)?;
        private_file::write(&key_file, fresh.key.serialize_pem().as_bytes())?;
        private_file::write(&ca_file, fresh.pem.as_bytes())?;
        Ok(fresh)
    }

    fn generate() -> io::Result<Self> {
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let pem = authority_params().self_signed(&key).map_err(io::Error::other)?.pem();
        Ok(Self { pem, key })
    }

    /// The certificate that clients must trust.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// The same in the form that a client of this process takes.
    pub(crate) fn certificate(&self) -> io::Result<CertificateDer<'static>> {
        CertificateDer::from_pem_slice(self.pem.as_bytes()).map_err(io::Error::other)
    }

    /// What a listener needs to serve https as this machine and as every host of the provider.
    pub(crate) fn server_config(&self) -> io::Result<Arc<ServerConfig>> {
        let issuer = Issuer::new(authority_params(), &self.key);
        let names = PROVIDER_HOSTS.iter().map(|(_, host)| *host).chain(OTHER_NAMES);
        let names: Vec<String> = names.map(str::to_owned).collect();
        let mut params = CertificateParams::new(names).map_err(io::Error::other)?;
        params.distinguished_name = named("Gangway sandbox");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        set_validity(&mut params);
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = params.signed_by(&key, &issuer).map_err(io::Error::other)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .map_err(io::Error::other)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = named("Gangway sandbox authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    set_validity(&mut params);
    params
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

/// Clients check by the real time of day whatever clock the sandbox runs on, so it is wide.
fn set_validity(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2049, 12, 31);
}
