//! Requests that can be sent again: by a condition on the body, or after an error that means that nothing was done.

use openapiv3::{OpenAPI, Operation};
use serde_json::Value;

use super::place::Place;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::ir::{Idempotency, RetryableError};
use crate::pointer::{self, child, element};

/// Extension of an operation: `{each: LIST, has: PROPERTY}`. A request is idempotent if each element of LIST in its
/// body has PROPERTY, by which the server recognizes duplicates.
const EXTENSION: &str = "x-idempotent-when";

/// Extension of the document: a list of `{status: STATUS, error: CODE}`. The server returns such an error before it
/// does anything, so the request can be sent again whatever its method.
const RETRYABLE_ERRORS: &str = "x-retryable-errors";

/// Returns the condition under which an operation is idempotent although its method is not.
pub(super) fn idempotency(operation: &Operation, place: &Place, diagnostics: &mut Diagnostics) -> Option<Idempotency> {
    let value = operation.extensions.get(EXTENSION)?;
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    match (text("each"), text("has")) {
        (Some(list), Some(property)) => Some(Idempotency { list, property }),
        _ => {
            let hint = "add `each` and `has`: the name of a list in the body, and of a property of its elements";
            diagnostics.push(place.below(&[EXTENSION]).error("this condition is not supported").hint(hint));
            None
        }
    }
}

/// Returns the errors after which any request can be sent again.
pub(super) fn retryable_errors(document: &OpenAPI, diagnostics: &mut Diagnostics) -> Vec<RetryableError> {
    let Some(value) = document.extensions.get(RETRYABLE_ERRORS) else { return Vec::new() };
    let pointer = child(pointer::ROOT, RETRYABLE_ERRORS);
    let refused = |pointer: String| {
        let hint = "list objects with `status`, a status from 400 to 599, and `error`, the code in the body";
        Diagnostic::error(pointer, "this is not a retryable error").hint(hint)
    };
    let Some(entries) = value.as_array() else {
        diagnostics.push(refused(pointer));
        return Vec::new();
    };
    let mut errors = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        match retryable_error(entry) {
            Some(error) => errors.push(error),
            None => diagnostics.push(refused(element(&pointer, index))),
        }
    }
    errors
}

fn retryable_error(entry: &Value) -> Option<RetryableError> {
    let status = entry.get("status")?.as_u64().and_then(|status| u16::try_from(status).ok())?;
    let code = entry.get("error")?.as_str()?.to_owned();
    (400..600).contains(&status).then_some(RetryableError { status, code })
}
