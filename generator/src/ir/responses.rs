//! Responses: their statuses, and the content of successes.

use std::fmt;

use super::types::Type;

/// The statuses of a documented response, ordered so that the first match is the most specific one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// One status.
    Code(u16),
    /// A class of statuses: `2` is `2XX`.
    Range(u16),
    /// All statuses that the document does not list.
    Default,
}

/// Reason phrases (RFC 9110, section 15, and the registry of IANA).
const REASONS: &[(u16, &str)] = &[
    (200, "OK"),
    (201, "Created"),
    (202, "Accepted"),
    (203, "Non-Authoritative Information"),
    (204, "No Content"),
    (205, "Reset Content"),
    (206, "Partial Content"),
    (207, "Multi-Status"),
    (208, "Already Reported"),
    (226, "IM Used"),
    (400, "Bad Request"),
    (401, "Unauthorized"),
    (402, "Payment Required"),
    (403, "Forbidden"),
    (404, "Not Found"),
    (409, "Conflict"),
    (422, "Unprocessable Content"),
    (429, "Too Many Requests"),
];

impl Status {
    /// Returns whether a response with such a status is a success.
    #[must_use]
    pub fn is_success(self) -> bool {
        matches!(self, Self::Code(200..=299) | Self::Range(2))
    }

    /// Returns the reason phrase of a known status.
    #[must_use]
    pub fn reason(self) -> Option<&'static str> {
        let Self::Code(code) = self else { return None };
        REASONS.iter().find(|(known, _)| *known == code).map(|(_, reason)| *reason)
    }
}

/// Returns it as in the document: `200`, `2XX`, `default`.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "{code}"),
            Self::Range(hundred) => write!(f, "{hundred}XX"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A documented success.
#[derive(Clone, Debug, PartialEq)]
pub struct Success {
    /// Statuses.
    pub status: Status,
    /// The text of the document, if it has one.
    pub description: Option<String>,
    /// Body.
    pub body: ResponseBody,
    /// Identifier of the variant, if the operation's output is an enumeration.
    pub name: String,
}

/// Body of a success.
#[derive(Clone, Debug, PartialEq)]
pub enum ResponseBody {
    /// JSON of a type.
    Json(Type),
    /// Text of a media type.
    Text(String),
    /// None, or one without meaning.
    Empty,
}

impl ResponseBody {
    /// Returns the type of a JSON body.
    #[must_use]
    pub fn json(&self) -> Option<&Type> {
        match self {
            Self::Json(ty) => Some(ty),
            Self::Text(_) | Self::Empty => None,
        }
    }
}

/// The result of an operation.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// The body, which all successes share.
    Body(ResponseBody),
    /// An enumeration with a variant for each success, because their bodies differ.
    ByStatus {
        /// Identifier of the enumeration.
        name: String,
        /// The type of all successes with a body, if it is the same.
        shared: Option<ResponseBody>,
    },
}

impl Output {
    /// Returns the result for these successes. An operation without any returns nothing.
    #[must_use]
    pub fn of(successes: &[Success]) -> Self {
        let Some((first, others)) = successes.split_first() else {
            return Self::Body(ResponseBody::Empty);
        };
        if others.iter().all(|other| other.body == first.body) {
            return Self::Body(first.body.clone());
        }
        let mut bodies = successes.iter().map(|success| &success.body).filter(|body| **body != ResponseBody::Empty);
        let shared = bodies.next().filter(|first| bodies.all(|other| other == *first)).cloned();
        Self::ByStatus { name: String::new(), shared }
    }
}
