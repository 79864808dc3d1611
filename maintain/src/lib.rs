//! Compares two versions of the API for a maintainer: pure functions, without disk and clock.
//!
//! - [`import`] turns an official document into the form of the files in `spec/`, which [`yaml`] writes.
//! - [`changes`] compares two documents in the words of the API's users.
//! - [`items`] compares the public items of two outputs of the generator.
//! - [`update`] combines all of it for a new document: the decisions for a person, and the next steps.
//! - [`release`] checks the conditions of a release.
//! - [`names`] finds pinned names whose place was removed.
//! - [`overlay`] finds overlay actions that no longer match, and the places that they may mean.

mod api;
pub mod changes;
pub mod import;
pub mod items;
pub mod names;
pub mod overlay;
pub mod release;
pub mod update;
pub mod yaml;
