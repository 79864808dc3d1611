//! What a maintainer needs to know about two versions of the API, as pure functions: no disk, no clock.
//!
//! - [`import`] turns an official document into the form of the files in `spec/`, which [`yaml`] writes.
//! - [`changes`] compares two documents in the words of the API's users.
//! - [`items`] compares the public items of two outputs of the generator.
//! - [`overlay`] finds the actions of an overlay that no longer fit, and the places that they may mean.

mod api;
pub mod changes;
pub mod import;
pub mod items;
pub mod overlay;
pub mod yaml;
