//! Where this repository keeps what its own crate is generated from. All paths are relative to its root.
//!
//! The generator itself reads no file: commands, build scripts and tests do.

/// The document.
pub const DOCUMENT: &str = "spec/polar-2026-10.yaml";

/// Corrections to it.
pub const OVERLAY: &str = "spec/overlay.yaml";

/// Pinned names.
pub const NAMES: &str = "spec/names.lock";

/// The folder with descriptions of the API.
pub const DOCS: &str = "spec/docs";
