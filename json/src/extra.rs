//! Properties that a model does not declare.

use std::collections::{BTreeMap, btree_map};
use std::fmt;

use serde_json::Value;

/// Properties of an object that this version of the crate does not know.
///
/// A server may add properties at any time. Decoding a response keeps them here, and serializing the model writes them
/// back. In a request, insert a property that the crate has no setter for yet. An empty value takes one pointer.
///
/// `Debug` shows the names only, because an undeclared property may contain a secret.
#[derive(Clone, Default, PartialEq)]
pub struct Extra(Option<Box<Properties>>);

/// Boxed, because every model has an [`Extra`] and an empty map takes three pointers.
type Properties = BTreeMap<String, Value>;

/// Nearly all are empty. The code that drops the others is compiled once, instead of in every model.
impl Drop for Extra {
    #[inline]
    fn drop(&mut self) {
        if let Some(properties) = self.0.take() {
            discard(properties);
        }
    }
}

#[cold]
#[inline(never)]
fn discard(properties: Box<Properties>) {
    drop(properties);
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Extra").field(&self.0.as_deref().map(Names)).finish()
    }
}

struct Names<'a>(&'a Properties);

impl fmt::Debug for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.keys().map(|name| (name, format_args!("_")))).finish()
    }
}

impl Extra {
    /// Returns the value of a property.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.as_ref()?.get(name)
    }

    /// Sets a property and returns its previous value.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Value>) -> Option<Value> {
        self.0.get_or_insert_default().insert(name.into(), value.into())
    }

    /// Removes a property and returns its value.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.0.as_mut()?.remove(name)
    }

    /// Returns whether there are no properties.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(|properties| properties.is_empty())
    }

    /// Iterates over the properties in the order of their names.
    pub fn iter(&self) -> Iter<'_> {
        self.into_iter()
    }
}

/// Properties by name.
pub(crate) type Iter<'a> = std::iter::Flatten<std::option::IntoIter<btree_map::Iter<'a, String, Value>>>;

impl<'a> IntoIterator for &'a Extra {
    type Item = (&'a String, &'a Value);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.0.as_deref().map(BTreeMap::iter).into_iter().flatten()
    }
}
