//! A change, its class, and its effect on the version of the crate.

use std::fmt;

use crate::api::Directions;

/// A change between two versions of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The kind of change.
    pub kind: ChangeKind,
    /// The operation, type or event that changed; empty for the API as a whole.
    pub subject: String,
    /// A sentence about it.
    pub text: String,
    /// The classes: those that break programs, or else one other.
    pub classes: Vec<Class>,
    /// The release of the crate that it requires.
    pub bump: Bump,
}

/// The effect of a change on programs that were written for the former version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A valid request is rejected or has another effect.
    BreakingForRequests,
    /// A response or webhook can contain something that a program does not expect.
    BreakingForResponses,
    /// Something is added.
    Additive,
    /// Nothing changes between a program and the server: texts, names and deprecations.
    Docs,
}

/// A release by the rules of semantic versioning since 1.0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bump {
    /// No change to the public API of the crate.
    #[default]
    Patch,
    /// Additions to the public API.
    Minor,
    /// Programs may have to change.
    Major,
}

macro_rules! kinds {
    ($($name:ident $code:literal $section:ident,)*) => {
        /// The kind of a change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ChangeKind {
            $(#[doc = concat!("`", $code, "`")] $name,)*
        }

        impl ChangeKind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name in JSON.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The section of a changelog.
            #[must_use]
            pub fn section(self) -> Section {
                match self { $(Self::$name => Section::$section,)* }
            }
        }
    };
}

kinds! {
    OperationAdded "operation-added" Added,
    OperationRemoved "operation-removed" Removed,
    OperationRenamed "operation-renamed" Changed,
    OperationMoved "operation-moved" Changed,
    ParameterAdded "parameter-added" Added,
    ParameterRemoved "parameter-removed" Removed,
    ParameterStyleChanged "parameter-style-changed" Changed,
    BodyAdded "body-added" Added,
    BodyRemoved "body-removed" Removed,
    MediaTypeAdded "media-type-added" Added,
    MediaTypeRemoved "media-type-removed" Removed,
    ResponseAdded "response-added" Added,
    ResponseRemoved "response-removed" Removed,
    TokenKindAdded "token-kind-added" Added,
    TokenKindRemoved "token-kind-removed" Removed,
    ScopeAdded "scope-added" Added,
    ScopeRemoved "scope-removed" Removed,
    PaginationAdded "pagination-added" Added,
    PaginationRemoved "pagination-removed" Removed,
    TypeAdded "type-added" Added,
    TypeRemoved "type-removed" Removed,
    TypeRenamed "type-renamed" Changed,
    PropertyAdded "property-added" Added,
    PropertyRemoved "property-removed" Removed,
    BecameRequired "became-required" Changed,
    BecameOptional "became-optional" Changed,
    BecameNullable "became-nullable" Changed,
    NoLongerNullable "no-longer-nullable" Changed,
    TypeChanged "type-changed" Changed,
    FormatChanged "format-changed" Changed,
    ValueAdded "enum-value-added" Added,
    ValueRemoved "enum-value-removed" Removed,
    VariantAdded "variant-added" Added,
    VariantRemoved "variant-removed" Removed,
    TagChanged "discriminator-changed" Changed,
    BoundTightened "bound-tightened" Changed,
    BoundLoosened "bound-loosened" Changed,
    DefaultChanged "default-changed" Changed,
    Deprecated "deprecated" Deprecated,
    NoLongerDeprecated "no-longer-deprecated" Changed,
    WebhookAdded "webhook-added" Added,
    WebhookRemoved "webhook-removed" Removed,
    ServerAdded "server-added" Added,
    ServerRemoved "server-removed" Removed,
    TextChanged "text-changed" Changed,
}

/// A section of a changelog, in the order of Keep a Changelog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// New features.
    Added,
    /// Changes to existing features.
    Changed,
    /// Features that will be removed.
    Deprecated,
    /// Removed features.
    Removed,
}

impl Section {
    /// All sections in their order.
    pub const ALL: [Self; 4] = [Self::Added, Self::Changed, Self::Deprecated, Self::Removed];
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Added => "Added",
            Self::Changed => "Changed",
            Self::Deprecated => "Deprecated",
            Self::Removed => "Removed",
        })
    }
}

impl Class {
    /// All classes, the most severe first.
    pub const ALL: [Self; 4] = [Self::BreakingForRequests, Self::BreakingForResponses, Self::Additive, Self::Docs];

    /// Returns whether it breaks a program.
    #[must_use]
    pub fn is_breaking(self) -> bool {
        matches!(self, Self::BreakingForRequests | Self::BreakingForResponses)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BreakingForRequests => "breaking for requests",
            Self::BreakingForResponses => "breaking for responses",
            Self::Additive => "additive",
            Self::Docs => "docs",
        })
    }
}

impl Bump {
    /// Returns the version after `current`. Before 1.0, a minor release may break programs, and everything else is a
    /// patch.
    ///
    /// `None` if `current` is not three numbers.
    #[must_use]
    pub fn apply(self, current: &str) -> Option<String> {
        let numbers: Vec<u64> = current.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
        let [major, minor, patch] = <[u64; 3]>::try_from(numbers).ok()?;
        let next = match (self.within(major == 0), major, minor) {
            (Self::Major, ..) => [major + 1, 0, 0],
            (Self::Minor, ..) => [major, minor + 1, 0],
            (Self::Patch, ..) => [major, minor, patch + 1],
        };
        Some(next.map(|number| number.to_string()).join("."))
    }

    /// The release before 1.0: a minor release may break programs, and everything else is a patch.
    #[must_use]
    pub fn within(self, is_before_first: bool) -> Self {
        match self {
            Self::Major if is_before_first => Self::Minor,
            Self::Minor if is_before_first => Self::Patch,
            other => other,
        }
    }
}

impl fmt::Display for Bump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        })
    }
}

/// The meaning of a change in each direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Breaking,
    Additive,
    Docs,
}

/// Returns the classes of a change that affects requests and responses, for those directions that are used.
pub(super) fn classes(directions: Directions, requests: Effect, responses: Effect) -> Vec<Class> {
    let used = [
        (directions.requests, requests, Class::BreakingForRequests),
        (directions.responses, responses, Class::BreakingForResponses),
    ];
    let effects = used.into_iter().filter(|(is_used, ..)| *is_used);
    let breaking: Vec<_> =
        effects.clone().filter(|(_, effect, _)| *effect == Effect::Breaking).map(|(.., class)| class).collect();
    if !breaking.is_empty() {
        return breaking;
    }
    let is_additive = effects.clone().any(|(_, effect, _)| effect == Effect::Additive);
    vec![if is_additive { Class::Additive } else { Class::Docs }]
}

#[cfg(test)]
mod tests {
    use super::{Bump, ChangeKind};

    #[test]
    fn versions_before_one_move_the_second_number() {
        let next = |bump: Bump, from| bump.apply(from).unwrap_or_default();
        assert_eq!(
            [Bump::Patch, Bump::Minor, Bump::Major].map(|bump| next(bump, "0.1.0")),
            ["0.1.1", "0.1.1", "0.2.0"]
        );
        assert_eq!(
            [Bump::Patch, Bump::Minor, Bump::Major].map(|bump| next(bump, "1.2.3")),
            ["1.2.4", "1.3.0", "2.0.0"]
        );
        assert_eq!(Bump::Major.apply("1.0"), None);
    }

    #[test]
    fn codes_are_unique() {
        let mut codes: Vec<_> = ChangeKind::ALL.iter().map(|kind| kind.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), ChangeKind::ALL.len());
    }
}
