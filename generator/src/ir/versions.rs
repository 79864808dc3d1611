//! Several versions of an API, and what they have in common.

use std::collections::{BTreeMap, BTreeSet};

use super::api::{Api, Feature};
use super::types::TypeId;

/// All versions of an API in a crate.
#[derive(Clone, Debug, PartialEq)]
pub struct Versions {
    /// The default version: the root of the crate. Its definitions are also needed by the features of other versions
    /// that share them.
    pub default: Api,
    /// The names of the default version for places that distinguish versions.
    pub default_place: Place,
    /// The other versions, in the given order.
    pub others: Vec<OtherVersion>,
    /// Features of resources of all versions, sorted by name.
    pub features: Vec<Feature>,
}

/// The names of a version in the crate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Module at the root of the crate, and directory of its files: `v2027_01`.
    pub module: String,
    /// Cargo feature: `v2027-01`.
    pub feature: String,
    /// Variant of the payload of any version: `V2027_01`.
    pub variant: String,
}

/// Another version than the default one.
#[derive(Clone, Debug, PartialEq)]
pub struct OtherVersion {
    /// The version.
    pub api: Api,
    /// Its names.
    pub place: Place,
    /// Whether its use is deprecated.
    pub is_deprecated: bool,
    /// What it shares with the default version.
    pub shared: Shared,
}

/// What a version shares with the default version, so that it is the same Rust item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// Definitions, each with that of the default version.
    pub types: BTreeMap<TypeId, TypeId>,
    /// Whether requests and their errors are shared.
    pub requests: bool,
    /// Positions of operations.
    pub operations: BTreeSet<usize>,
    /// Positions of resources: all of their operations, and the resources below, are shared.
    pub resources: BTreeSet<usize>,
    /// Modules of resources in which everything is shared.
    pub modules: BTreeSet<String>,
}

/// How much of a version is written for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OwnItems {
    /// Types that differ from those of the default version, or are not in it.
    pub types: usize,
    /// Operations that differ, or are not in it.
    pub operations: usize,
}

impl OtherVersion {
    /// Returns how much of the version is written for it.
    #[must_use]
    pub fn own_items(&self) -> OwnItems {
        let types = self.api.types.iter().filter(|def| def.is_used()).count();
        OwnItems {
            types: types - self.shared.types.len(),
            operations: self.api.operations.len() - self.shared.operations.len(),
        }
    }
}

impl Versions {
    /// Returns the names of the versions that share a definition of the default version, in the given order.
    #[must_use]
    pub fn sharing(&self, id: TypeId) -> Vec<&str> {
        let has = |other: &&OtherVersion| other.shared.types.values().any(|shared| *shared == id);
        self.others.iter().filter(has).map(|other| other.api.version.as_str()).collect()
    }
}
