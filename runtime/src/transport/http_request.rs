//! An HTTP request with a safe `Debug` output.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use bytes::Bytes;
use http::Request;

use crate::api::Operation;
use crate::redact;

/// An HTTP request that can be or was sent, with method, URL, headers and body.
///
/// `Debug` redacts secrets: it shows only ids, numbers, dates and enumeration values among the parameters, the values
/// of well-known headers, and the length of the body. The methods of [`http::Request`] return everything.
#[derive(Clone)]
pub struct HttpRequest(Request<Bytes>);

impl HttpRequest {
    /// Returns the request without redaction in its `Debug` output.
    #[must_use]
    pub fn into_inner(self) -> Request<Bytes> {
        self.0
    }

    /// Returns the path, with the parameters that may be shown.
    fn shown_path(&self) -> String {
        let path = self.uri().path();
        let Some(operation) = self.extensions().get::<&'static Operation>() else { return redact::text(path) };
        // The base URL may have a path, too.
        let templates: Vec<&str> = operation.path.split('/').skip(1).collect();
        let segments: Vec<&str> = path.split('/').collect();
        let Some(own) = segments.len().checked_sub(templates.len()) else { return operation.path.to_owned() };
        let shown = segments.iter().enumerate().map(|(index, segment)| {
            // The segments before the operation's path belong to the base URL.
            let template = index.checked_sub(own).map(|index| templates[index]);
            match template.map(|template| template.strip_prefix('{').ok_or(template)) {
                Some(Err(literal)) => Cow::Borrowed(literal),
                Some(Ok(name)) => redact::parameter(name, segment),
                None => redact::parameter("", segment),
            }
        });
        shown.collect::<Vec<_>>().join("/")
    }

    fn shown_query(&self) -> Option<String> {
        let pairs = self.uri().query()?.split('&').map(|pair| match pair.split_once('=') {
            Some((name, value)) => format!("{}={}", redact::name(name), redact::parameter(name, value)),
            None => redact::name(pair),
        });
        Some(pairs.collect::<Vec<_>>().join("&"))
    }
}

impl Deref for HttpRequest {
    type Target = Request<Bytes>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl From<Request<Bytes>> for HttpRequest {
    fn from(request: Request<Bytes>) -> Self {
        Self(request)
    }
}

impl From<HttpRequest> for Request<Bytes> {
    fn from(request: HttpRequest) -> Self {
        request.0
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("HttpRequest");
        debug.field("method", self.method());
        debug.field("host", &self.uri().authority().map(|authority| authority.as_str()).unwrap_or_default());
        debug.field("path", &self.shown_path());
        if let Some(query) = self.shown_query() {
            debug.field("query", &query);
        }
        debug.field("headers", &redact::Headers(self.headers()));
        debug.field("body", &format_args!("{} bytes", self.body().len()));
        debug.finish()
    }
}
