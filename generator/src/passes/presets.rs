//! Presets of properties apply only to requests.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::ir::{Api, Shape, TypeDef};
use crate::pointer::child;

/// Reports each preset of a definition that no request sends. An unused definition is reported elsewhere.
pub(super) fn run(api: &Api, diagnostics: &mut Diagnostics) {
    for def in api.types.iter().filter(|def| def.is_used() && !def.usage.input) {
        for wire in presets(def) {
            let place = child(&child(def.pointer(), "properties"), wire);
            let message = "a default for requests in a schema that no request sends";
            let hint = "mark the property in the schema of a request body";
            diagnostics.push(Diagnostic::error(place, message).hint(hint));
        }
    }
}

fn presets(def: &TypeDef) -> impl Iterator<Item = &str> {
    let fields = match &def.shape {
        Shape::Struct(object) => object.fields.as_slice(),
        Shape::Enum(_) | Shape::Union(_) => &[],
    };
    fields.iter().filter(|field| field.preset.is_some()).map(|field| field.wire.as_str())
}
