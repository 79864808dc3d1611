//! HTTPS with the backend of the enabled features. `.ci/run` runs these tests once for each backend.
#![cfg(feature = "__tls")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::disallowed_methods, reason = "the server of the tests is a thread")]

mod support;

use std::io::Read;
use std::net::TcpListener;
use std::process::{Command, Output};
use std::sync::Arc;
use std::thread;

use polar_client_runtime::{Error, Request, reqwest_client_builder, response};
use serde_json::Value;
use support::{GET, builder};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// Variables with which a test starts itself anew, in a process with other certificates.
const CHILD: &str = "TLS_TEST_CHILD";

/// Without other features, rustls has no cryptography but that which the program installs.
const HAS_NO_PROVIDER: bool = !cfg!(any(feature = "rustls", feature = "rustls-aws-lc-rs", feature = "native-tls"));

/// What a program does that chose `rustls-no-provider`.
fn install_provider() {
    #[cfg(all(feature = "rustls-no-provider", not(feature = "native-tls")))]
    if HAS_NO_PROVIDER {
        // Another test of this process may have installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}

async fn call(url: &str) -> Result<Value, Error<Value>> {
    let client = builder().base_url(url).build()?;
    Request::new(&client, &GET).path("id", &"x").call(response::json).await
}

/// The first message of the client's handshake (RFC 8446, section 4.1.2).
fn hello() -> Vec<u8> {
    install_provider();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let hello = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut header = [0; 5];
        stream.read_exact(&mut header).unwrap();
        assert_eq!(header[0], 22, "a handshake record");
        let mut hello = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
        stream.read_exact(&mut hello).unwrap();
        hello
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert!(runtime.block_on(call(&url)).unwrap_err().is_connect());
    hello.join().unwrap()
}

/// The extensions of a hello: their types and contents.
fn extensions(hello: &[u8]) -> Vec<(u16, Vec<u8>)> {
    let number = |at: usize| usize::from(u16::from_be_bytes([hello[at], hello[at + 1]]));
    // Type, length, version and random; then session, cipher suites and compression, each after its length.
    let session = 4 + 2 + 32;
    let suites = session + 1 + usize::from(hello[session]);
    let compression = suites + 2 + number(suites);
    let mut at = compression + 1 + usize::from(hello[compression]) + 2;
    let mut found = Vec::new();
    while at < hello.len() {
        let (kind, length) = (number(at), number(at + 2));
        found.push((kind as u16, hello[at + 4..at + 4 + length].to_vec()));
        at += 4 + length;
    }
    found
}

/// OpenSSL sends no list of one protocol.
#[test]
fn http2_is_offered_with_its_feature() {
    const ALPN: u16 = 16;
    let extensions = extensions(&hello());
    let protocols = extensions.iter().find(|(kind, _)| *kind == ALPN).map(|(_, protocols)| &protocols[2..]);
    if cfg!(feature = "http2") {
        assert_eq!(protocols, Some(&b"\x02h2\x08http/1.1"[..]));
    } else {
        assert!(matches!(protocols, None | Some(b"\x08http/1.1")), "{protocols:?}");
    }
}

/// The features are in the order of their rank.
#[cfg(target_os = "linux")]
#[test]
fn the_backend_of_the_highest_rank_is_used() {
    const SUPPORTED_GROUPS: u16 = 10;
    const ENCRYPT_THEN_MAC: u16 = 22;
    const X25519MLKEM768: [u8; 2] = [0x11, 0xec];
    let extensions = extensions(&hello());
    // Only OpenSSL offers it, and of the providers only aws-lc-rs has post-quantum key exchange.
    let is_openssl = extensions.iter().any(|(kind, _)| *kind == ENCRYPT_THEN_MAC);
    assert_eq!(is_openssl, cfg!(feature = "native-tls"));
    if !is_openssl {
        let (_, groups) = extensions.iter().find(|(kind, _)| *kind == SUPPORTED_GROUPS).unwrap();
        let is_aws_lc_rs = groups[2..].chunks(2).any(|group| group == X25519MLKEM768);
        assert_eq!(is_aws_lc_rs, cfg!(feature = "rustls-aws-lc-rs"));
    }
}

/// A server with a certificate of its own that answers one request. Returns its URL and the certificate.
fn server() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let (stream, _) = listener.accept().await.unwrap();
            // A client that does not trust the certificate ends the handshake.
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let _ = stream.read(&mut [0; 4096]).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.unwrap();
            stream.shutdown().await.unwrap();
        });
    });
    (url, made.cert.pem())
}

#[tokio::test]
async fn a_certificate_that_nobody_trusts_is_not_retryable() {
    install_provider();
    let error = call(&server().0).await.unwrap_err();
    assert!(error.is_connect() && !error.is_retryable(), "{error:?}");
    assert!(error.to_string().contains("was rejected"), "{error}");
}

/// Runs a test again in a process that trusts the certificates of this file.
fn child(test: &str, certificates: &std::path::Path, url: &str) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env("SSL_CERT_FILE", certificates)
        .env("SSL_CERT_DIR", certificates.with_extension("none"))
        .env(CHILD, url)
        .output()
        .unwrap()
}

fn certificates(text: &str) -> tempfile::TempPath {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
    file.into_temp_path()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_certificate_that_the_system_trusts_is_accepted() {
    install_provider();
    if let Ok(url) = std::env::var(CHILD) {
        call(&url).await.unwrap();
        return;
    }
    let (url, certificate) = server();
    let output = child("a_certificate_that_the_system_trusts_is_accepted", &certificates(&certificate), &url);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[cfg(all(target_os = "linux", not(feature = "native-tls")))]
#[test]
fn a_system_without_certificates_needs_the_bundled_ones() {
    install_provider();
    if std::env::var(CHILD).is_ok() {
        println!("{:?}", builder().build().map(drop).map_err(|error| error.to_string()));
        return;
    }
    let output = child("a_system_without_certificates_needs_the_bundled_ones", &certificates(""), "");
    let said = String::from_utf8_lossy(&output.stdout);
    let expected = if cfg!(feature = "webpki-roots") { "Ok(())" } else { "turn the `webpki-roots` feature on" };
    assert!(said.contains(expected), "{said}");
}

/// In a process of its own: a provider is installed once and for all.
#[test]
fn rustls_without_cryptography_is_a_config_error() {
    if !HAS_NO_PROVIDER {
        assert!(builder().build().is_ok() && reqwest_client_builder().unwrap().build().is_ok());
        return;
    }
    if std::env::var(CHILD).is_ok() {
        let error = builder().build().unwrap_err();
        assert!(error.is_config() && reqwest_client_builder().is_err());
        println!("{error}");
        return;
    }
    let output = child("rustls_without_cryptography_is_a_config_error", &certificates(""), "");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("`rustls-aws-lc-rs` feature on"), "{said}");
}
