//! Which requests can be sent twice.

use openapiv3::Operation;
use serde_json::Value;

use super::place::Place;
use crate::diagnostics::Diagnostics;
use crate::ir::Repeat;

/// Extension of an operation: `{each: LIST, has: MEMBER}`. A request is safe to send twice when each element of the
/// body's member LIST has the member MEMBER, by which the server tells copies apart.
const EXTENSION: &str = "x-repeatable-when";

/// What the document states about repeating an operation.
pub(super) fn repeat(operation: &Operation, place: &Place, diagnostics: &mut Diagnostics) -> Option<Repeat> {
    let value = operation.extensions.get(EXTENSION)?;
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    match (text("each"), text("has")) {
        (Some(list), Some(member)) => Some(Repeat { list, member }),
        _ => {
            let hint = "give it `each` and `has`: the name of a list in the body, and of a member of its elements";
            diagnostics.push(place.below(&[EXTENSION]).error("this condition has no model").hint(hint));
            None
        }
    }
}
