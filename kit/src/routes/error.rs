//! Why a route failed.

use std::error::Error as StdError;
use std::fmt;

use http::StatusCode;
use polar_client::Error;
use polar_client::oauth2::OAuthError;
use polar_client::runtime::BoxError;

/// Why a route failed. `Display` is the message for the browser and contains no secret. The source has the cause, for
/// logs.
#[derive(Debug)]
pub struct RouteError {
    status: StatusCode,
    message: String,
    source: Option<BoxError>,
}

impl RouteError {
    /// Creates an error with this status and this message for the browser.
    #[must_use]
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), source: None }
    }

    /// Adds the cause, for logs.
    #[must_use]
    pub fn with_source(self, source: impl Into<BoxError>) -> Self {
        Self { source: Some(source.into()), ..self }
    }

    /// Returns the status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// The store or the closure of the program failed.
    pub(super) fn internal(source: impl Into<BoxError>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong. Please try again later.")
            .with_source(source)
    }

    fn unavailable(source: impl Into<BoxError>) -> Self {
        Self::new(StatusCode::BAD_GATEWAY, "Polar can't be reached. Please try again later.").with_source(source)
    }
}

/// Values that the API rejects come from the browser (400); other errors are not its fault (502).
impl From<Error> for RouteError {
    fn from(error: Error) -> Self {
        match error.is_validation().then(|| error.detail().map(str::to_owned)).flatten() {
            Some(detail) => Self::bad_request(format!("The request was refused: {detail}")).with_source(error),
            None => Self::unavailable(error),
        }
    }
}

/// A login that the user refused, or that another browser started, is the browser's fault (400).
impl From<OAuthError> for RouteError {
    fn from(error: OAuthError) -> Self {
        match error {
            OAuthError::Callback(_) | OAuthError::Refused(_) => {
                Self::bad_request("The login was not completed. Please sign in again.").with_source(error)
            }
            OAuthError::Config(_) | OAuthError::RedirectUri(_) => Self::internal(error),
            error => Self::unavailable(error),
        }
    }
}

impl fmt::Display for RouteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for RouteError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
