//! Conversions of arguments into lists and maps.

use std::collections::BTreeMap;

// With loops: programs compile these functions for each type of an argument, and `map` and `collect` are dozens of others.

/// Collects items into a list and converts each.
pub fn list<T>(items: impl IntoIterator<Item = impl Into<T>>) -> Vec<T> {
    let items = items.into_iter();
    let mut list = Vec::with_capacity(items.size_hint().0);
    for item in items {
        list.push(item.into());
    }
    list
}

/// Collects entries into a map and converts each key and value. The last of several entries with the same key is kept.
pub fn map<K: Ord, V>(entries: impl IntoIterator<Item = (impl Into<K>, impl Into<V>)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    for (key, value) in entries {
        map.insert(key.into(), value.into());
    }
    map
}
