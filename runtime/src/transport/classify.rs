//! What an error of reqwest means for the request: whether it was sent, and whether the server processed it.

use std::error::Error;
use std::io;

use super::{TransportError, TransportErrorKind};

/// Classifies an error that came instead of a response.
///
/// `was_begun` means that a part of the request was sent, and `may_have_moved` that the error may come from the target
/// of a redirect: the server that sent the redirect has then received the request.
pub(super) fn no_response(error: reqwest::Error, was_begun: bool, may_have_moved: bool) -> TransportError {
    let kind = match kind_of(&error) {
        TransportErrorKind::Connect | TransportErrorKind::Certificate if was_begun => TransportErrorKind::Other,
        TransportErrorKind::NotProcessed if may_have_moved => TransportErrorKind::Other,
        kind => kind,
    };
    TransportError::new(kind, without_url(error))
}

/// Classifies an error that came after the head of a response: the server has received the request.
pub(super) fn broken_response(error: reqwest::Error) -> TransportError {
    let kind = if error.is_timeout() { TransportErrorKind::Timeout } else { TransportErrorKind::Other };
    TransportError::new(kind, without_url(error))
}

/// A path may contain a secret.
fn without_url(error: reqwest::Error) -> reqwest::Error {
    error.without_url()
}

fn kind_of(error: &reqwest::Error) -> TransportErrorKind {
    if has_cause(error, is_certificate_error) {
        TransportErrorKind::Certificate
    } else if error.is_connect() {
        TransportErrorKind::Connect
    } else if error.is_timeout() {
        TransportErrorKind::Timeout
    } else if has_cause(error, is_not_processed) {
        TransportErrorKind::NotProcessed
    } else {
        TransportErrorKind::Other
    }
}

/// Returns whether an error or one of its sources has this type. An [`io::Error`] does not list the error it wraps as a
/// source.
fn has_cause(error: &(dyn Error + 'static), is: fn(&(dyn Error + 'static)) -> bool) -> bool {
    std::iter::successors(Some(error), |error| (*error).source()).any(|error| {
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        is(error) || wrapped.is_some_and(|wrapped| has_cause(wrapped, is))
    })
}

fn is_certificate_error(error: &(dyn Error + 'static)) -> bool {
    is_certificate_error_of_rustls(error) || is_certificate_error_of_the_platform(error)
}

#[cfg(feature = "__rustls")]
fn is_certificate_error_of_rustls(error: &(dyn Error + 'static)) -> bool {
    matches!(error.downcast_ref(), Some(rustls::Error::InvalidCertificate(_)))
}

/// Errors of native-tls have no kind. OpenSSL, SChannel and Secure Transport name the certificate in their texts.
#[cfg(feature = "native-tls")]
fn is_certificate_error_of_the_platform(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<native_tls::Error>().is_some_and(|error| error.to_string().contains("certificate"))
}

/// A GOAWAY fails only requests with a stream after the last one that the server processed.
#[cfg(feature = "http2")]
fn is_not_processed(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<h2::Error>().is_some_and(|error| {
        let is_refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
        error.is_remote() && (error.is_go_away() || is_refused)
    })
}

#[cfg(not(feature = "__rustls"))]
fn is_certificate_error_of_rustls(_: &(dyn Error + 'static)) -> bool {
    false
}

#[cfg(not(feature = "native-tls"))]
fn is_certificate_error_of_the_platform(_: &(dyn Error + 'static)) -> bool {
    false
}

#[cfg(not(feature = "http2"))]
fn is_not_processed(_: &(dyn Error + 'static)) -> bool {
    false
}
