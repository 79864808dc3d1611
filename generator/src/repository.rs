//! The inputs of this repository's own crate. All paths are relative to its root.
//!
//! The generator itself reads no files: commands, build scripts and tests do.

/// A version of the API in the crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// The document.
    pub document: &'static str,
    /// Its role in the crate.
    pub role: Role,
}

/// The role of a version in the crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The root of the crate. There is one such version.
    Default,
    /// A module behind a feature.
    Module,
    /// The same as [`Role::Module`], and deprecated: a later release will not have it.
    Deprecated,
}

/// The versions of the API, from the oldest to the newest. A new version is a file in `spec/` and a line here.
pub const VERSIONS: &[Version] = &[
    Version { document: "spec/polar-2026-04.yaml", role: Role::Deprecated },
    Version { document: "spec/polar-2026-10.yaml", role: Role::Default },
    Version { document: "spec/polar-2027-01.yaml", role: Role::Module },
];

/// The document of the default version.
pub const DOCUMENT: &str = default_document(VERSIONS);

/// Corrections to the documents.
pub const OVERLAY: &str = "spec/overlay.yaml";

/// Pinned names.
pub const NAMES: &str = "spec/names.lock";

/// The folder with descriptions of the API.
pub const DOCS: &str = "spec/docs";

/// Markdown for the first page of the crate's documentation.
pub const INTRODUCTION: &str = "generated/introduction.md";

/// Returns the other versions than the default one.
pub fn others() -> impl Iterator<Item = &'static Version> {
    VERSIONS.iter().filter(|version| version.role != Role::Default)
}

const fn default_document(versions: &[Version]) -> &'static str {
    let mut found = "";
    let mut index = 0;
    while index < versions.len() {
        if matches!(versions[index].role, Role::Default) {
            assert!(found.is_empty(), "two versions are the default");
            found = versions[index].document;
        }
        index += 1;
    }
    assert!(!found.is_empty(), "no version is the default");
    found
}
