//! A request that is ready for a transport.

use std::fmt::{self, Display};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderName, TE, TRAILER, TRANSFER_ENCODING, UPGRADE};
#[cfg(feature = "reqwest")]
use url::Url;

use super::Timeout;
use crate::api::Operation;

/// Maximum length of a URL in bytes. It is the limit of the crate `http`.
const MAX_URL: usize = u16::MAX as usize - 1;

/// Extension of a response from the target of a redirect. The server that redirected has received the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Redirected;

/// A request that is ready to be sent.
pub(crate) struct PreparedRequest {
    pub(crate) operation: &'static Operation,
    pub(crate) url: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The timeout of the attempt.
    pub(crate) timeout: Duration,
}

impl PreparedRequest {
    /// Converts it for a [`Transport`](crate::Transport).
    pub(crate) fn into_http(self) -> Result<http::Request<Bytes>, InvalidRequest> {
        self.check_url()?;
        let mut request = http::Request::new(self.body);
        *request.method_mut() = self.operation.method.clone();
        *request.uri_mut() = self.url.try_into().map_err(InvalidRequest::url)?;
        *request.headers_mut() = self.headers;
        request.extensions_mut().insert(self.operation);
        request.extensions_mut().insert(Timeout(self.timeout));
        Ok(request)
    }

    /// In the form that reqwest takes, without the body.
    #[cfg(all(feature = "reqwest", not(all(target_arch = "wasm32", target_os = "unknown"))))]
    pub(crate) fn into_reqwest(self) -> Result<reqwest::Request, InvalidRequest> {
        let url = self.parsed_url()?;
        let mut request = reqwest::Request::new(self.operation.method.clone(), url);
        *request.headers_mut() = self.headers;
        *request.timeout_mut() = Some(self.timeout);
        Ok(request)
    }

    /// The URL, parsed as the built-in transports do.
    #[cfg(feature = "reqwest")]
    pub(super) fn parsed_url(&self) -> Result<Url, InvalidRequest> {
        self.check_url()?;
        Url::parse(&self.url).map_err(InvalidRequest::url)
    }

    fn check_url(&self) -> Result<(), InvalidRequest> {
        match self.url.len() {
            0..=MAX_URL => Ok(()),
            length => Err(InvalidRequest(format!("URL: it has {length} bytes, but the maximum is {MAX_URL}"))),
        }
    }
}

/// Headers that describe the transfer of a message over a connection (RFC 9110, section 7.6.1; RFC 9112, section 6).
/// With a wrong value, the server would read something else than what was sent.
const RESERVED_HEADERS: [HeaderName; 8] = [
    CONTENT_LENGTH,
    TRANSFER_ENCODING,
    CONNECTION,
    TE,
    TRAILER,
    UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// Returns why a user may not set a header, if so.
pub(crate) fn reserved_header(name: &HeaderName) -> Option<String> {
    let is_reserved = RESERVED_HEADERS.contains(name);
    is_reserved.then(|| format!("header `{name}`: the transport sets it; remove it"))
}

/// Why a request can't be sent.
#[derive(Clone, Debug)]
pub(crate) struct InvalidRequest(pub(crate) String);

impl InvalidRequest {
    fn url(error: impl Display) -> Self {
        Self(format!("URL: {error}"))
    }
}

impl Display for InvalidRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
