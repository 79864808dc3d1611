//! Replies of the server.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::Value;

/// The reply to a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A response.
    Told(Told),
    /// A delayed response.
    Late(Duration, Told),
    /// Bytes, and what happens to the connection. HTTP/1.1 only.
    Fault(Fault),
}

impl From<Told> for Reply {
    fn from(told: Told) -> Self {
        Self::Told(told)
    }
}

impl From<Fault> for Reply {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// HTTP status.
    pub status: u16,
    /// Headers, without those about the length of the body.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Told {
    /// Creates a JSON response.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json", body.to_string())
    }

    /// Creates a response with a media type.
    #[must_use]
    pub fn text(status: u16, media: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }.header("content-type", media)
    }

    /// Creates a response without a body.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The bytes of HTTP/1.1.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let reason = StatusCode::from_u16(self.status).ok().and_then(|status| status.canonical_reason());
        let status = format!("{} {}", self.status, reason.unwrap_or_default());
        let headers: String = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        match self.status {
            // RFC 9110 (8.6): these have no body, and never a length.
            204 | 304 => format!("HTTP/1.1 {status}\r\n{headers}\r\n").into_bytes(),
            _ => message(&status, &headers, &self.body),
        }
    }
}

/// The end of a response, byte by byte.
#[derive(Clone, Debug)]
pub enum Fault {
    /// These bytes; the connection stays open.
    Answer(Vec<u8>),
    /// These bytes, and the end of the connection.
    Close(Vec<u8>),
    /// These bytes, and a reset of the connection (RST).
    Reset(Vec<u8>),
    /// These bytes, and then nothing until the client closes the connection.
    Stall(Vec<u8>),
}

impl Fault {
    /// Creates a whole response, with the end of a status line such as `200 OK`, and header lines that each end in `\r
    /// `.
    #[must_use]
    pub fn answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Self {
        Self::Answer(message(status, headers, body.as_ref()))
    }

    /// Creates a whole JSON response.
    #[must_use]
    pub fn json(status: &str, body: &Value) -> Self {
        Self::answer(status, "content-type: application/json\r\n", body.to_string())
    }
}

/// The bytes of a response.
#[must_use]
pub fn message(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut message = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len()).into_bytes();
    message.extend_from_slice(body);
    message
}
