//! Operations as types.

use crate::api::Operation;
use crate::response::{RawResponse, ResponseError};

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
