//! Operations as types.

use crate::api::Operation;
use crate::response::{RawResponse, ResponseError};

/// An operation as a type: the parameter of a generated crate's request type.
pub trait Endpoint: 'static {
    /// Facts about the operation.
    const OPERATION: &'static Operation;
    /// The type of its result.
    type Output: 'static;

    /// Reads the response. It is compiled in the generated crate, and not in each program that sends the request.
    ///
    /// # Errors
    /// The body has another structure, or the status is a success that is not documented.
    fn read(response: &RawResponse) -> Result<Self::Output, ResponseError>;
}
