//! Decisions over the API as a whole, each a pass from plain data to plain data.
//!
//! [`run`] fixes their order: features need resources, homes need features, names need homes, shared_fields need names.

pub mod names;

mod boxes;
mod direction;
mod feature_sets;
mod identifier_check;
mod identifiers;
mod naming;
mod pagination;
mod presets;
mod resources;
mod sessions;
mod shared_fields;

use crate::diagnostics::Diagnostics;
use crate::ir::Api;
use names::Names;

/// Runs all passes.
pub fn run(api: &mut Api, names: &mut Names, diagnostics: &mut Diagnostics) {
    resources::run(api);
    direction::run(api);
    presets::run(api, diagnostics);
    boxes::run(api, diagnostics);
    pagination::run(api, diagnostics);
    sessions::run(api, diagnostics);
    feature_sets::run(api);
    naming::run(api, names, diagnostics);
    shared_fields::run(api);
    identifier_check::run(api, diagnostics);
}
