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

/// What a generated crate knows about its API as a whole.
#[derive(Debug)]
pub struct Api {
    /// Name and version of the generated crate, as in `polar-client/0.1.0`: the start of the user agent.
    pub name: &'static str,
    /// The API version that the crate was generated for (`YYYY-MM`), sent as `Polar-Version`.
    pub version: Option<&'static str>,
    /// Where the API is served.
    pub servers: &'static [Server],
    /// Errors after which the same request can be sent again, whatever its method.
    pub retryable_errors: &'static [RetryableError],
}

/// An error that the server returns before it has done anything, because of a state that soon passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryableError {
    /// HTTP status of the response.
    pub status: u16,
    /// The API's name for the error: the property `error` of the body.
    pub code: &'static str,
}

impl Api {
    /// Returns whether an error with this status and code says that the request was not carried out.
    pub(crate) fn is_retryable_error(&self, status: http::StatusCode, code: Option<&str>) -> bool {
        self.retryable_errors.iter().any(|error| error.status == status.as_u16() && Some(error.code) == code)
    }

    pub(crate) fn server(&self, environment: Environment) -> Option<&'static Server> {
        self.servers.iter().find(|server| server.environment == environment.as_str())
    }
}

/// One place that serves the API.
#[derive(Debug)]
pub struct Server {
    /// Name of the environment, as [`Environment::as_str`] gives it.
    pub environment: &'static str,
    /// Base URL; paths of operations are appended to it.
    pub url: &'static str,
}
