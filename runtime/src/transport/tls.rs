//! TLS of the clients that are built here: which backend, which cryptography, and whom it trusts.
//!
//! Features only add, so that several backends can be on at once. The one that was asked for most particularly is used:
//! `native-tls`, then `rustls-aws-lc-rs`, then `rustls`, which is on by default. Among the providers of rustls, one that
//! the program has installed for its process comes first. What other crates turn on in reqwest changes nothing.

#[cfg(feature = "__rustls")]
use std::sync::Arc;

use reqwest::ClientBuilder;
#[cfg(feature = "__rustls")]
use rustls::crypto::CryptoProvider;

use crate::futures::BoxError;

/// Sets up the TLS of a client. Made once, because reading the certificates of the platform takes time.
pub(super) type Tls = Box<dyn Fn(ClientBuilder) -> ClientBuilder + Send + Sync>;

/// Returns the backend of the enabled features.
///
/// # Errors
/// The platform has no certificates to trust, or rustls has no provider.
pub(super) fn backend() -> Result<Tls, BoxError> {
    chosen::backend()
}

/// The cryptography of rustls: what the program installed for its process, or that of the enabled features.
#[cfg(feature = "__rustls")]
pub(crate) fn crypto_provider() -> Option<Arc<CryptoProvider>> {
    CryptoProvider::get_default().cloned().or_else(built_in)
}

#[cfg(feature = "rustls-aws-lc-rs")]
fn built_in() -> Option<Arc<CryptoProvider>> {
    Some(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
}

#[cfg(all(feature = "rustls", not(feature = "rustls-aws-lc-rs")))]
fn built_in() -> Option<Arc<CryptoProvider>> {
    Some(Arc::new(rustls::crypto::ring::default_provider()))
}

#[cfg(all(feature = "__rustls", not(any(feature = "rustls", feature = "rustls-aws-lc-rs"))))]
fn built_in() -> Option<Arc<CryptoProvider>> {
    None
}

#[cfg(feature = "native-tls")]
mod chosen {
    use super::{BoxError, Tls};

    #[cfg(not(feature = "webpki-roots"))]
    pub(super) fn backend() -> Result<Tls, BoxError> {
        Ok(Box::new(reqwest::ClientBuilder::tls_backend_native))
    }

    #[cfg(feature = "webpki-roots")]
    pub(super) fn backend() -> Result<Tls, BoxError> {
        let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
        let roots: Vec<_> =
            roots.map(|root| reqwest::Certificate::from_der(root.as_ref())).collect::<Result<_, _>>()?;
        Ok(Box::new(move |builder| builder.tls_backend_native().tls_certs_merge(roots.clone())))
    }
}

#[cfg(all(feature = "__rustls", not(feature = "native-tls")))]
mod chosen {
    use std::sync::Arc;

    use rustls::client::danger::ServerCertVerifier;
    use rustls::crypto::CryptoProvider;
    use rustls::{ClientConfig, Error};

    use super::{BoxError, Tls, crypto_provider};

    pub(super) fn backend() -> Result<Tls, BoxError> {
        let provider = crypto_provider().ok_or(NO_PROVIDER)?;
        let verifier = verifier(Arc::clone(&provider))?;
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        config.alpn_protocols = PROTOCOLS.iter().map(|name| name.to_vec()).collect();
        Ok(Box::new(move |builder| builder.tls_backend_preconfigured(config.clone())))
    }

    /// What the client offers to the server, the best first.
    const PROTOCOLS: &[&[u8]] = if cfg!(feature = "http2") { &[b"h2", b"http/1.1"] } else { &[b"http/1.1"] };

    const NO_PROVIDER: &str = "rustls has no cryptography: turn the `rustls` or the `rustls-aws-lc-rs` feature on, or \
         install a provider with `rustls::crypto::CryptoProvider::install_default` before the client is built";

    #[cfg(not(feature = "webpki-roots"))]
    fn verifier(provider: Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, Error> {
        Ok(Arc::new(rustls_platform_verifier::Verifier::new(provider)?))
    }

    #[cfg(all(feature = "webpki-roots", not(target_os = "android")))]
    fn verifier(provider: Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, Error> {
        let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned();
        Ok(Arc::new(rustls_platform_verifier::Verifier::new_with_extra_roots(roots, provider)?))
    }

    /// Android's verifier takes no further roots.
    #[cfg(all(feature = "webpki-roots", target_os = "android"))]
    fn verifier(provider: Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, Error> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add_parsable_certificates(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned());
        let verifier = rustls::client::WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
        Ok(verifier.map_err(|error| Error::General(error.to_string()))?)
    }
}

#[cfg(not(feature = "__tls"))]
mod chosen {
    use super::{BoxError, Tls};

    /// TLS is that of reqwest, if any.
    pub(super) fn backend() -> Result<Tls, BoxError> {
        Ok(Box::new(|builder| builder))
    }
}
