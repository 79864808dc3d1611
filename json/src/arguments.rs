//! Conversions of arguments into lists and maps.

use std::collections::BTreeMap;

/// Collects items into a list and converts each.
pub fn list<T>(items: impl IntoIterator<Item = impl Into<T>>) -> Vec<T> {
    items.into_iter().map(Into::into).collect()
}

/// Collects entries into a map and converts each key and value. The last of several entries with the same key is kept.
pub fn map<K: Ord, V>(entries: impl IntoIterator<Item = (impl Into<K>, impl Into<V>)>) -> BTreeMap<K, V> {
    entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect()
}
