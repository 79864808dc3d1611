//! What a maintainer needs to know about two versions of the API, as pure functions: no disk, no clock.
//!
//! - [`import`] turns an official document into the form of the files in `spec/`, which [`yaml`] writes.

pub mod import;
pub mod yaml;
