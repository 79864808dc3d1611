//! Decisions over the API as a whole, each a pass from plain data to plain data.
//!
//! [`run`] fixes their order: features need resources, homes need features, names need homes, accessors need names.

pub mod names;

mod accessors;
mod boxing;
mod direction;
mod identifiers;
mod idents;
mod naming;
mod paging;
mod presets;
mod reach;
mod resources;
mod sessions;

use crate::diagnostics::Diagnostics;
use crate::ir::Api;
use names::Names;

/// Runs all passes.
pub fn run(api: &mut Api, names: &mut Names, diagnostics: &mut Diagnostics) {
    resources::run(api);
    direction::run(api);
    presets::run(api, diagnostics);
    boxing::run(api, diagnostics);
    paging::run(api, diagnostics);
    sessions::run(api, diagnostics);
    reach::run(api);
    naming::run(api, names, diagnostics);
    accessors::run(api);
    identifiers::run(api, diagnostics);
}
