//! Operations as types.

use crate::api::Operation;
use crate::response::ResponseFormat;

/// An operation as a type: what a generated crate's request type is about.
pub trait Endpoint: 'static {
    /// What the document says about the operation.
    const OPERATION: &'static Operation;
    /// What it answers with.
    type Output: 'static;
    /// How the answer travels.
    type Format: ResponseFormat<Self::Output>;
}
