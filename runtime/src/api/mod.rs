//! Facts about the API and its operations, as the generated code states them.
//!
//! Owns [`Api`], [`Server`], [`Environment`], [`Operation`] and [`Idempotency`]. Leaves to others everything that acts on
//! these facts.
//!
//! Invariant: plain data that is known at compile time; nothing in here depends on another room.

mod environment;
mod operation;

pub use environment::{Environment, UnknownEnvironment};
pub use operation::{Idempotency, Operation, SecurityRequirement};

/// The header that names the version of the API, in requests and responses.
pub(crate) const POLAR_VERSION: http::HeaderName = http::HeaderName::from_static("polar-version");

/// Facts about the API as a whole, as constants of the generated crate.
#[derive(Debug)]
pub struct Api {
    /// Name and version of the generated crate, as in `polar-client/0.1.0`: the start of the user agent.
    pub name: &'static str,
    /// The API version that the crate was generated for (`YYYY-MM`), sent as `Polar-Version`.
    pub version: Option<&'static str>,
    /// The servers of the API.
    pub servers: &'static [Server],
    /// Errors after which the same request can be sent again, whatever its method.
    pub retryable_errors: &'static [RetryableError],
}

/// An error that the server returns before it does anything, because of a state that passes soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryableError {
    /// HTTP status of the response.
    pub status: u16,
    /// The error code: the property `error` of the body.
    pub code: &'static str,
}

impl Api {
    /// Returns whether an error with this status and code means that the request was not carried out.
    pub(crate) fn is_retryable_error(&self, status: http::StatusCode, code: Option<&str>) -> bool {
        self.retryable_errors.iter().any(|error| error.status == status.as_u16() && Some(error.code) == code)
    }

    pub(crate) fn server(&self, environment: Environment) -> Option<&'static Server> {
        self.servers.iter().find(|server| server.environment == environment.as_str())
    }
}

/// A server of the API.
#[derive(Debug)]
pub struct Server {
    /// Name of the environment, as returned by [`Environment::as_str`].
    pub environment: &'static str,
    /// Base URL; paths of operations are appended to it.
    pub url: &'static str,
}
