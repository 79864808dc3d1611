//! What a maintainer needs to know about two versions of the API, as pure functions: no disk, no clock.
//!
//! - [`import`] turns an official document into the form of the files in `spec/`, which [`yaml`] writes.
//! - [`changes`] compares two documents in the words of the API's users.
//! - [`items`] compares the public items of two outputs of the generator.
//! - [`update`] puts all of it together for a new document: what a person has to decide, and what comes next.
//! - [`release`] checks what has to be right before a release.
//! - [`names`] finds pinned names whose place is gone.
//! - [`overlay`] finds the actions of an overlay that no longer fit, and the places that they may mean.

mod api;
pub mod changes;
pub mod import;
pub mod items;
pub mod names;
pub mod overlay;
pub mod release;
pub mod update;
pub mod yaml;
