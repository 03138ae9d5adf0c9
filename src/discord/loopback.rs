//! Who answers on this machine for a host's name over TLS, for tests.

use rcgen::generate_simple_self_signed;
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// Ends TLS for a name, and the certificate by which that is trusted.
pub(super) fn answers_for(name: &str) -> (TlsAcceptor, CertificateDer<'static>) {
    let made = generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let certificate = made.cert.der().clone();
    let server = ServerConfig::builder().with_no_client_auth();
    let server = server.with_single_cert(vec![certificate.clone()], key).unwrap();
    (TlsAcceptor::from(Arc::new(server)), certificate)
}
