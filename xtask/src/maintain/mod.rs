//! The commands of a maintainer: take a new document, compare versions, prepare a release.

pub(crate) mod diff;
pub(crate) mod generate;
pub(crate) mod import;
pub(crate) mod options;
pub(crate) mod release;
mod semver_checks;
pub(crate) mod update;
