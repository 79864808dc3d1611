//! Decisions about the API as a whole. Each pass changes plain data.
//!
//! [`run`] fixes their order: feature sets need resources, modules need feature sets, names need modules, shared fields
//! need names. Arguments need directions.

pub mod names;

mod arguments;
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
    let mut missing = Diagnostics::default();
    run_all(api, names, diagnostics, &mut missing);
    diagnostics.extend(missing.iter().cloned());
}

/// Runs all passes on a part of an API. A missing item may be in another part.
pub fn run_on_part(api: &mut Api, names: &mut Names, diagnostics: &mut Diagnostics) {
    run_all(api, names, diagnostics, &mut Diagnostics::default());
}

/// `missing` gets the errors about missing items.
fn run_all(api: &mut Api, names: &mut Names, diagnostics: &mut Diagnostics, missing: &mut Diagnostics) {
    resources::run(api);
    direction::run(api);
    presets::run(api, missing);
    boxes::run(api, diagnostics);
    pagination::run(api, diagnostics);
    arguments::run(api);
    sessions::run(api, missing);
    feature_sets::run(api);
    naming::run(api, names, diagnostics);
    shared_fields::run(api);
    identifier_check::run(api, diagnostics);
}
