//! Facts about an API and its operations, as the generated code states them.

use std::fmt;
use std::str::FromStr;

use polar_client_auth::{TokenKind, kinds_of, kinds_shared, kinds_taken, least_scopes, sorted};

use crate::paging::Page;
use crate::response::{RawResponse, ResponseError};
use crate::retry::Idempotency;
use crate::scopes::ScopeSet;

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

/// One of Polar's isolated environments, each with its own accounts and tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Environment {
    /// Real money.
    #[default]
    Production,
    /// For trying things out.
    Sandbox,
}

impl Environment {
    /// The name in lower case: `production` or `sandbox`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Sandbox => "sandbox",
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Environment {
    type Err = UnknownEnvironment;

    /// Reads the lower-case name, for instance from an environment variable.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "production" => Ok(Self::Production),
            "sandbox" => Ok(Self::Sandbox),
            _ => Err(UnknownEnvironment(name.to_owned())),
        }
    }
}

/// A text that names no [`Environment`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownEnvironment(String);

impl fmt::Display for UnknownEnvironment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown environment {:?}, expected \"production\" or \"sandbox\"", self.0)
    }
}

impl std::error::Error for UnknownEnvironment {}

/// One operation of the API: a static in the generated code.
#[derive(Debug)]
pub struct Operation {
    /// The document's operationId, as in `products:list`.
    pub id: &'static str,
    /// HTTP method.
    pub method: http::Method,
    /// Path template below the base URL, as in `/v1/products/{id}`. Sent byte for byte but for the parameters.
    pub path: &'static str,
    /// Ways to authenticate, any one of which is enough. Where there is none the client's token stays home.
    pub security: &'static [SecurityRequirement],
    /// Value of the `Accept` header; empty where the operation answers without a body.
    pub accept: &'static str,
    /// Why a request can be sent twice without being carried out twice.
    pub idempotency: Idempotency,
}

/// An operation as a type: what a generated crate's request type is about.
pub trait Endpoint: 'static {
    /// What the document says about the operation.
    const OPERATION: &'static Operation;
    /// What it answers with.
    type Output: 'static;

    /// Reads the response. The generated crate compiles it, and not each program that sends the request.
    ///
    /// # Errors
    /// The body has another shape, or the status is a success that is not documented.
    fn read(response: &RawResponse) -> Result<Self::Output, ResponseError>;
}

/// An operation that answers with a page of a list.
pub trait Paged: Endpoint<Output: Page> {}

/// Ways to authenticate for an operation that ask for the same scopes.
#[derive(Debug)]
pub struct SecurityRequirement {
    /// Names of the document's security schemes, as in `oat`. Any one of them is enough.
    pub schemes: &'static [&'static str],
    /// Scopes of which the token needs at least one.
    pub scopes: &'static [&'static str],
}

impl Operation {
    /// The kinds of tokens that the operation takes, sorted; empty where it asks for none.
    #[must_use]
    pub fn token_kinds(&self) -> Vec<TokenKind> {
        kinds_taken(self.schemes())
    }

    /// Whether the operation may take a token of this kind. It is `false` only where such a token can never work.
    #[must_use]
    pub fn takes(&self, kind: TokenKind) -> bool {
        let may_be =
            |scheme: &str| kinds_of(scheme).is_none_or(|kinds| kind == TokenKind::Unknown || kinds.contains(&kind));
        self.security.is_empty() || self.schemes().any(may_be)
    }

    fn schemes(&self) -> impl Iterator<Item = &'static str> {
        self.security.iter().flat_map(|requirement| requirement.schemes).copied()
    }

    /// Scopes of which a token needs at least one, each once; empty where none is asked for.
    #[must_use]
    pub fn scopes(&self) -> Vec<&'static str> {
        sorted(self.security.iter().flat_map(|requirement| requirement.scopes).copied())
    }
}

/// The least set of scopes with which a token can call all of these operations.
///
/// A scope to write that one of them needs is used for reading too, where it is enough for that; of sets of one size,
/// it is the one that allows less.
pub fn required_scopes<S>(operations: impl IntoIterator<Item = &'static Operation>) -> ScopeSet<S>
where
    S: Ord + for<'a> From<&'a str>,
{
    least_scopes(operations.into_iter().map(Operation::scopes)).into_iter().map(S::from).collect()
}

/// The kinds of tokens that all of these operations take, sorted. Operations that ask for no token have no say; where
/// none of them asks for one, it is `None`.
///
/// An empty list says that no single token can call them all.
pub fn token_kinds(operations: impl IntoIterator<Item = &'static Operation>) -> Option<Vec<TokenKind>> {
    kinds_shared(operations.into_iter().map(Operation::token_kinds))
}

/// Names the operation in messages: `products:get (GET /v1/products/{id})`.
impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} {})", self.id, self.method, self.path)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn environments_read_back_what_they_print() {
        for environment in [Environment::Production, Environment::Sandbox] {
            assert_eq!(environment.to_string().parse(), Ok(environment));
        }
        assert_eq!(
            "staging".parse::<Environment>().unwrap_err().to_string(),
            "unknown environment \"staging\", expected \"production\" or \"sandbox\""
        );
    }
}
