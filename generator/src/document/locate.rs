//! The line of a key in a YAML or JSON file that was read before.
//!
//! Data has no positions, and only a message about it needs one. So the file is read again, down to the key.

use std::fmt;

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor};

/// Line and column, both from one, of the key that a path of keys leads to. `None` if the file does not have it.
#[must_use]
pub fn position(bytes: &[u8], path: &[String]) -> Option<(usize, usize)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let seed = Follow { path };
    if text.trim_start().starts_with(['{', '[']) {
        let error = seed.deserialize(&mut serde_json::Deserializer::from_str(text)).err()?;
        return Some((error.line(), error.column()));
    }
    let error = seed.deserialize(serde_yaml::Deserializer::from_str(text)).err()?;
    error.location().map(|location| (location.line(), location.column()))
}

/// An object with the first key of the path. Reading fails at the last one, because that is when the parser knows its
/// place.
struct Follow<'a> {
    path: &'a [String],
}

impl<'de> DeserializeSeed<'de> for Follow<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Follow<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut properties: A) -> Result<(), A::Error> {
        let Some((wanted, path)) = self.path.split_first() else {
            while properties.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(());
        };
        while let Some(is_wanted) = properties.next_key_seed(Key { wanted, is_last: path.is_empty() })? {
            match is_wanted {
                true => properties.next_value_seed(Follow { path })?,
                false => properties.next_value::<IgnoredAny>().map(|_| ())?,
            }
        }
        Ok(())
    }
}

/// Whether a key is the wanted one.
struct Key<'a> {
    wanted: &'a str,
    is_last: bool,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = bool;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<bool, E> {
        match key == self.wanted {
            true if self.is_last => Err(E::custom("found")),
            is_wanted => Ok(is_wanted),
        }
    }

    fn visit_u64<E: Error>(self, key: u64) -> Result<bool, E> {
        self.visit_str(&key.to_string())
    }

    fn visit_i64<E: Error>(self, key: i64) -> Result<bool, E> {
        self.visit_str(&key.to_string())
    }
}
