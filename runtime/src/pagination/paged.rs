//! Operations that return pages, as types.

use super::Page;
use crate::request::Endpoint;

/// An operation that returns a page of a list.
pub trait Paged: Endpoint<Output: Page> {}
