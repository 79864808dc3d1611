//! A request in the form in which it is given to a transport.

use std::fmt::{self, Display};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;

use super::Timeout;
use crate::api::Operation;

/// A request as it travels.
pub(crate) struct PreparedRequest {
    pub(crate) operation: &'static Operation,
    pub(crate) url: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// From the first byte sent to the last one received.
    pub(crate) timeout: Option<Duration>,
}

impl PreparedRequest {
    /// In the form that a [`Transport`](crate::Transport) takes.
    pub(crate) fn into_http(self) -> Result<http::Request<Bytes>, InvalidRequest> {
        let mut request = http::Request::new(self.body);
        *request.method_mut() = self.operation.method.clone();
        *request.uri_mut() = self.url.try_into().map_err(InvalidRequest::url)?;
        *request.headers_mut() = self.headers;
        request.extensions_mut().insert(self.operation);
        if let Some(timeout) = self.timeout {
            request.extensions_mut().insert(Timeout(timeout));
        }
        Ok(request)
    }

    /// In the form that reqwest takes.
    #[cfg(feature = "reqwest")]
    pub(crate) fn into_reqwest(self) -> Result<reqwest::Request, InvalidRequest> {
        let url = reqwest::Url::parse(&self.url).map_err(InvalidRequest::url)?;
        let mut request = reqwest::Request::new(self.operation.method.clone(), url);
        *request.headers_mut() = self.headers;
        *request.body_mut() = Some(self.body.into());
        *request.timeout_mut() = self.timeout;
        Ok(request)
    }
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
