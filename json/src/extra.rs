//! Members that a model does not declare.

use std::collections::{BTreeMap, btree_map};

use serde_json::Value;

/// Members of an object that this version of the crate does not know.
///
/// A server may add members at any time; they are kept here when an answer is decoded, and written back when the
/// model is serialized. In a request it is the way to send a member that the crate has no setter for yet. Takes one
/// pointer where it is empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extra(Option<Box<Members>>);

/// Boxed, since every model has an [`Extra`], and a map takes three pointers also where it is empty.
type Members = BTreeMap<String, Value>;

/// Nearly all are empty. What drops the others is compiled once, and not into every model.
impl Drop for Extra {
    #[inline]
    fn drop(&mut self) {
        if let Some(members) = self.0.take() {
            discard(members);
        }
    }
}

#[cold]
#[inline(never)]
fn discard(members: Box<Members>) {
    drop(members);
}

impl Extra {
    /// The value of a member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.as_ref()?.get(name)
    }

    /// Sets a member and gives back the value that it had.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Value>) -> Option<Value> {
        self.0.get_or_insert_default().insert(name.into(), value.into())
    }

    /// Takes a member out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.0.as_mut()?.remove(name)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(|members| members.is_empty())
    }

    /// All members, in the order of their names.
    pub fn iter(&self) -> Iter<'_> {
        self.into_iter()
    }
}

/// Members by name.
pub(crate) type Iter<'a> = std::iter::Flatten<std::option::IntoIter<btree_map::Iter<'a, String, Value>>>;

impl<'a> IntoIterator for &'a Extra {
    type Item = (&'a String, &'a Value);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.0.as_deref().map(BTreeMap::iter).into_iter().flatten()
    }
}
