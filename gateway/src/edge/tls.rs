//! TLS: the pair on the disk, and the pair in force.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use secrecy::zeroize::Zeroizing;

use crate::files::{self, MAX_FILE_BYTES};
use crate::metrics::Metrics;

/// Where the pair is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate and those that lead to its authority, PEM.
    pub cert: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
    /// Authorities of client certificates, PEM; without one, none is asked for.
    pub client_ca: Option<PathBuf>,
}

/// Why a pair cannot be used. Says which file, never what is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{0} cannot be read: {1}")]
    Read(PathBuf, String),
    /// A file holds something else.
    #[error("{0} holds no {1} in PEM form")]
    Empty(PathBuf, &'static str),
    /// The two do not belong together.
    #[error("{0} and {1} do not belong together, or are of a kind that is not supported: {2}")]
    Pair(PathBuf, PathBuf, String),
    /// The client authorities cannot be used.
    #[error("{0} holds no usable authority for client certificates: {1}")]
    ClientCa(PathBuf, String),
}

/// What a certificate says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Certificate {
    /// In seconds since 1970.
    pub(crate) not_before_s: i64,
    /// In seconds since 1970.
    pub(crate) not_after_s: i64,
    /// The names it is for.
    pub(crate) names: Vec<String>,
}

/// A pair that can be used.
#[derive(Debug)]
pub(crate) struct Loaded {
    config: Arc<ServerConfig>,
    pub(crate) certificate: Certificate,
    /// Of what was read.
    hash: u64,
}

impl TlsFiles {
    /// Reads and tries everything.
    pub(crate) fn load(&self) -> Result<Loaded, TlsError> {
        let cert = read(&self.cert)?;
        let key = files::read_secret(&self.key).map_err(|e| unread(&self.key, &e))?;
        let ca = self.client_ca.as_deref().map(read).transpose()?;
        let mut hasher = DefaultHasher::new();
        (cert.as_slice(), key.as_bytes(), ca.as_ref().map(|ca| ca.as_slice())).hash(&mut hasher);
        let empty = |path: &Path, what| TlsError::Empty(path.to_owned(), what);
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&cert)
            .collect::<Result<_, _>>()
            .map_err(|_| empty(&self.cert, "certificate"))?;
        let first = chain.first().ok_or_else(|| empty(&self.cert, "certificate"))?;
        let certificate = facts(first).ok_or_else(|| empty(&self.cert, "certificate"))?;
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes())
            .map_err(|_| empty(&self.key, "private key"))?;
        let pair =
            |e: rustls::Error| TlsError::Pair(self.cert.clone(), self.key.clone(), e.to_string());
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(pair)?;
        let builder = match (ca, &self.client_ca) {
            (Some(pem), Some(path)) => builder.with_client_cert_verifier(verifier(path, &pem)?),
            _ => builder.with_no_client_auth(),
        };
        let mut config = builder.with_single_cert(chain, key).map_err(pair)?;
        // Signatures cover Host, which HTTP/2 does not have.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Loaded { config: Arc::new(config), certificate, hash: hasher.finish() })
    }
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, TlsError> {
    files::read(path, MAX_FILE_BYTES).map_err(|e| unread(path, &e))
}

fn unread(path: &Path, error: &std::io::Error) -> TlsError {
    TlsError::Read(path.to_owned(), error.to_string())
}

fn verifier(
    path: &Path,
    pem: &[u8],
) -> Result<Arc<dyn rustls::server::danger::ClientCertVerifier>, TlsError> {
    let unusable = |why: String| TlsError::ClientCa(path.to_owned(), why);
    let mut roots = RootCertStore::empty();
    for authority in CertificateDer::pem_slice_iter(pem) {
        let authority = authority.map_err(|e| unusable(e.to_string()))?;
        roots.add(authority).map_err(|e| unusable(e.to_string()))?;
    }
    let provider = Arc::new(ring::default_provider());
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|e| unusable(e.to_string()))
}

fn facts(der: &CertificateDer<'_>) -> Option<Certificate> {
    let (_, parsed) = x509_parser::parse_x509_certificate(der).ok()?;
    let mut names = Vec::new();
    if let Ok(Some(alternatives)) = parsed.subject_alternative_name() {
        for name in &alternatives.value.general_names {
            match name {
                x509_parser::extensions::GeneralName::DNSName(dns) => names.push((*dns).to_owned()),
                x509_parser::extensions::GeneralName::IPAddress(bytes) => {
                    names.extend(ip(bytes));
                }
                _ => {}
            }
        }
    }
    Some(Certificate {
        not_before_s: parsed.validity().not_before.timestamp(),
        not_after_s: parsed.validity().not_after.timestamp(),
        names,
    })
}

fn ip(bytes: &[u8]) -> Option<String> {
    let v4 = <[u8; 4]>::try_from(bytes).map(std::net::IpAddr::from);
    let any = v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(std::net::IpAddr::from));
    any.ok().map(|ip| ip.to_string())
}

/// The pair in force, and the files it came from.
#[derive(Debug)]
pub(crate) struct Tls {
    files: TlsFiles,
    in_force: Mutex<Arc<ServerConfig>>,
    metrics: Metrics,
    /// The hash of what is in force, and the last trouble that the log reported.
    last: Mutex<(u64, Option<TlsError>)>,
    /// What the certificate in force is for.
    names: Mutex<Vec<String>>,
}

impl Tls {
    /// Reads the pair for the first time.
    pub(crate) fn open(files: TlsFiles, metrics: Metrics) -> Result<Self, TlsError> {
        let loaded = files.load()?;
        let in_force = Mutex::new(loaded.config);
        metrics.certificate_ends.set(loaded.certificate.not_after_s);
        metrics.certificate_refused.set(0);
        let names = Mutex::new(loaded.certificate.names);
        Ok(Self { files, in_force, metrics, last: Mutex::new((loaded.hash, None)), names })
    }

    /// What new connections speak.
    pub(crate) fn in_force(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.in_force.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The names of the certificate in force.
    pub(crate) fn names(&self) -> Vec<String> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the files again. A pair that cannot be used changes nothing, and the log reports it once.
    pub(crate) fn reload(&self) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (hash, reported) = &mut *last;
        match self.files.load() {
            Ok(loaded) => {
                if loaded.hash != *hash {
                    *hash = loaded.hash;
                    let mut in_force = self.in_force.lock().unwrap_or_else(PoisonError::into_inner);
                    *in_force = loaded.config;
                    drop(in_force);
                    self.metrics.certificate_ends.set(loaded.certificate.not_after_s);
                    let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
                    *names = loaded.certificate.names;
                    tracing::info!("a new certificate is in force");
                }
                *reported = None;
            }
            Err(error) => {
                if reported.as_ref() != Some(&error) {
                    tracing::error!("the old certificate stays in force: {error}");
                    *reported = Some(error);
                }
            }
        }
        self.metrics.certificate_refused.set(i64::from(reported.is_some()));
    }
}

#[cfg(test)]
mod tests {
    use prometheus::Registry;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    /// A pair of a certificate that ends with a year, and its key.
    fn pair(ends: i32) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let names = vec!["gw.example.net".to_owned(), "203.0.113.7".to_owned()];
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(ends, 1, 1);
        (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
    }

    /// Writes a file as a private key must be written.
    fn put(path: &Path, text: impl AsRef<[u8]>) {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::write(path, text).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn files(folder: &Path) -> TlsFiles {
        TlsFiles { cert: folder.join("cert.pem"), key: folder.join("key.pem"), client_ca: None }
    }

    const START_OF_2028_S: i64 = 1_830_297_600;
    const START_OF_2030_S: i64 = 1_893_456_000;

    #[test]
    fn a_new_pair_is_taken_up_and_a_broken_one_leaves_the_old_in_force() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path());
        let (cert, key) = pair(2028);
        std::fs::write(&files.cert, &cert).unwrap();
        put(&files.key, &key);
        let metrics = Metrics::register(&Registry::new()).unwrap();
        let tls = Tls::open(files.clone(), metrics.clone()).unwrap();
        let seen = || (metrics.certificate_ends.get(), metrics.certificate_refused.get());
        assert_eq!(seen(), (START_OF_2028_S, 0));
        let first = tls.in_force();
        tls.reload();
        assert!(Arc::ptr_eq(&first, &tls.in_force()), "nothing changed");

        let (new_cert, new_key) = pair(2030);
        for (cert, key) in [
            (new_cert.as_str(), key.as_str()),
            ("", new_key.as_str()),
            (new_cert.as_str(), ""),
            (&new_cert[..300], new_key.as_str()),
            (new_key.as_str(), new_cert.as_str()),
        ] {
            std::fs::write(&files.cert, cert).unwrap();
            put(&files.key, key);
            tls.reload();
            assert_eq!(seen(), (START_OF_2028_S, 1), "{cert:?}");
            assert!(Arc::ptr_eq(&first, &tls.in_force()));
        }
        std::fs::remove_file(&files.key).unwrap();
        tls.reload();
        assert_eq!(seen(), (START_OF_2028_S, 1));

        std::fs::write(&files.cert, &new_cert).unwrap();
        put(&files.key, &new_key);
        tls.reload();
        assert_eq!(seen(), (START_OF_2030_S, 0));
        assert!(!Arc::ptr_eq(&first, &tls.in_force()));
    }

    #[test]
    fn an_error_names_the_file_and_shows_nothing_of_a_key() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path());
        let error = |files: &TlsFiles| files.load().unwrap_err().to_string();
        assert!(error(&files).contains("cert.pem cannot be read"));
        let ((cert, key), (_, other)) = (pair(2028), pair(2028));
        std::fs::write(&files.cert, &cert).unwrap();
        put(&files.key, &other);
        assert!(error(&files).contains("do not belong together"), "{}", error(&files));
        put(&files.key, key.replace("PRIVATE", "PUBLIC"));
        assert!(error(&files).contains("key.pem holds no private key"), "{}", error(&files));
        let secret = key.lines().nth(1).unwrap();
        assert!(!error(&files).contains(secret));
        put(&files.key, &key);
        let ca = TlsFiles { client_ca: Some(files.key.clone()), ..files.clone() };
        assert!(error(&ca).contains("no usable authority"), "{}", error(&ca));
        let names = files.load().unwrap().certificate.names;
        assert_eq!(names, ["gw.example.net", "203.0.113.7"]);
    }
}
