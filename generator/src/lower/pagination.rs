//! The pagination of lists.

use openapiv3::Operation;
use serde_json::Value;

use super::place::Place;
use crate::diagnostics::Diagnostics;
use crate::ir::Pagination;

/// Extensions for pagination: ours, and the one of the official document.
const EXTENSIONS: [&str; 2] = ["x-polar-pagination", "x-speakeasy-pagination"];

/// Returns the pagination of an operation, as stated by the document.
pub(super) fn pagination(operation: &Operation, place: &Place, diagnostics: &mut Diagnostics) -> Option<Pagination> {
    let (name, value) = EXTENSIONS.iter().find_map(|name| Some((name, operation.extensions.get(*name)?)))?;
    match value.get("type").and_then(Value::as_str) {
        Some("page_limit" | "offsetLimit") => Some(Pagination::PageLimit),
        _ => {
            diagnostics.push(
                place
                    .below(&[name])
                    .error("this kind of pagination is not supported")
                    .hint("use `type: page_limit`, which has the query parameters `page` and `limit`"),
            );
            None
        }
    }
}
