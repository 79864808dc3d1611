//! Sets of scopes in the format of OAuth: names separated by spaces (RFC 6749, section 3.3).

use std::collections::BTreeSet;
use std::collections::btree_set;
use std::convert::Infallible;
use std::fmt::{self, Display};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A set of scopes.
///
/// It parses, prints and serializes as names separated by spaces, which is its format in JSON and forms.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeSet<S>(BTreeSet<S>);

impl<S> Default for ScopeSet<S> {
    fn default() -> Self {
        Self(BTreeSet::new())
    }
}

impl<S: Ord> ScopeSet<S> {
    /// Creates an empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns whether the set contains the scope.
    #[must_use]
    pub fn contains(&self, scope: &S) -> bool {
        self.0.contains(scope)
    }

    /// Adds a scope and returns whether it is new.
    pub fn insert(&mut self, scope: S) -> bool {
        self.0.insert(scope)
    }

    /// Removes a scope and returns whether the set contained it.
    pub fn remove(&mut self, scope: &S) -> bool {
        self.0.remove(scope)
    }

    /// Returns whether the other set contains every scope of this one.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// Returns the number of scopes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether the set is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Iterates over the scopes, in the order of their names.
    pub fn iter(&self) -> btree_set::Iter<'_, S> {
        self.0.iter()
    }
}

impl<S: Ord + Clone> ScopeSet<S> {
    /// Returns the scopes of both sets together.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).cloned().collect())
    }

    /// Returns the scopes that are in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).cloned().collect())
    }

    /// Returns the scopes of this set that are not in the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self(self.0.difference(&other.0).cloned().collect())
    }
}

impl<S: Ord> FromIterator<S> for ScopeSet<S> {
    fn from_iter<I: IntoIterator<Item = S>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl<S: Ord> Extend<S> for ScopeSet<S> {
    fn extend<I: IntoIterator<Item = S>>(&mut self, scopes: I) {
        self.0.extend(scopes);
    }
}

impl<S: Ord, const N: usize> From<[S; N]> for ScopeSet<S> {
    fn from(scopes: [S; N]) -> Self {
        scopes.into_iter().collect()
    }
}

impl<S> IntoIterator for ScopeSet<S> {
    type Item = S;
    type IntoIter = btree_set::IntoIter<S>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, S> IntoIterator for &'a ScopeSet<S> {
    type Item = &'a S;
    type IntoIter = btree_set::Iter<'a, S>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<S: Display> Display for ScopeSet<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { " " };
            write!(f, "{separator}{scope}")?;
        }
        Ok(())
    }
}

impl<S: Ord + for<'a> From<&'a str>> From<&str> for ScopeSet<S> {
    fn from(text: &str) -> Self {
        text.split_whitespace().map(S::from).collect()
    }
}

impl<S: Ord + for<'a> From<&'a str>> FromStr for ScopeSet<S> {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::from(text))
    }
}

impl<S: Display> Serialize for ScopeSet<S> {
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, S: Ord + for<'a> From<&'a str>> Deserialize<'de> for ScopeSet<S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::from(text.as_str()))
    }
}

#[cfg(test)]
mod tests {
    type Scopes = super::ScopeSet<String>;

    #[test]
    fn a_set_is_words_with_spaces_in_between() {
        let scopes = Scopes::from("  orders:read openid\torders:read ");
        assert_eq!(scopes.to_string(), "openid orders:read");
        assert_eq!(serde_json::to_string(&scopes).unwrap_or_default(), r#""openid orders:read""#);
        assert_eq!(serde_json::from_str::<Scopes>(r#""openid orders:read""#).ok(), Some(scopes));
        assert_eq!(Scopes::from("").to_string(), "");
    }

    #[test]
    fn sets_can_be_compared_and_joined() {
        let (few, many) = (Scopes::from("a b"), Scopes::from("a b c"));
        assert!(few.is_subset(&many) && !many.is_subset(&few));
        assert_eq!(many.difference(&few), Scopes::from("c"));
        assert_eq!(few.union(&Scopes::from("c")), many);
        assert_eq!(many.intersection(&Scopes::from("d c a")), Scopes::from("a c"));
    }
}
