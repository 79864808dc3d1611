//! Responses: how they are read into an operation's type, and what their headers mean.
//!
//! Owns [`RawResponse`], the functions that read it and their errors, [`RateLimit`] and `Retry-After`. Leaves to others how a
//! response is received (`transport`) and what an error status means (`error`).
//!
//! Invariant: a body is never guessed: it is read in the format of its operation, or it is an error.

mod deprecation;
mod error;
pub(crate) mod excerpt;
mod format;
mod http_date;
mod rate_limit;
mod raw;
pub(crate) mod retry_after;

pub use error::ResponseError;
pub use format::{bytes, empty, json, model, text};
pub use rate_limit::RateLimit;
pub use raw::RawResponse;
pub(crate) use raw::request_id;
