//! Where this repository keeps what its own crate is generated from. All paths are relative to its root.
//!
//! The generator itself reads no file: commands, build scripts and tests do.

/// A version of the API that the crate has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// The document.
    pub document: &'static str,
    /// What the version is to the crate.
    pub role: Role,
}

/// What a version of the API is to the crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The root of the crate. There is one such version.
    Default,
    /// A module behind a feature.
    Module,
    /// As [`Role::Module`], and the compiler warns of its use: a later release will not have it.
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

/// What users of the crate want to do, and where each of it starts, as links of the crate's documentation.
pub const TASKS: &[(&str, &str)] = &[
    ("charge", "[`checkouts`](resources::checkouts::Checkouts), [`products`](resources::products::Products)"),
    ("gate a feature", "[`customers().get_state_external`](resources::customers::Customers::get_state_external)"),
    ("meter usage", "[`guide::usage`], [`events().ingest`](resources::events::Events::ingest)"),
    ("open the customer portal", "[`customer_sessions`](resources::customer_sessions::CustomerSessions)"),
    ("react to payments", "[`guide::webhooks`]"),
    ("sign users in", "[`guide::oauth`]"),
    ("authenticate", "[`guide::authentication`]"),
    ("handle errors, retries and timeouts", "[`guide::errors`]"),
    ("test", "[`guide::testing`]"),
    ("choose features", "[`guide::platforms`]"),
    ("follow the API's versions", "[`guide::versions`]"),
    ("come from another client", "[`guide::migration`]"),
];

/// The versions beside the default one.
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
