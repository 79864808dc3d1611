//! Lists and maps that are given as arguments, in whatever holds their items.

use std::collections::BTreeMap;

/// The items as a list.
pub fn list<T>(items: impl IntoIterator<Item = impl Into<T>>) -> Vec<T> {
    items.into_iter().map(Into::into).collect()
}

/// The entries as a map. Of two with the same key the later one stays.
pub fn map<K: Ord, V>(entries: impl IntoIterator<Item = (impl Into<K>, impl Into<V>)>) -> BTreeMap<K, V> {
    entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect()
}
