//! Lines and columns of JSON pointers. The parsers report positions only in errors, so a pointer is located by a pass
//! that fails there. This is done only for messages.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Source;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::pointer;

/// Maximum number of pointers that are located; each takes a pass over its file.
const LIMIT: usize = 20;

/// Adds line and column to the first messages about these files.
#[must_use]
pub fn locate(diagnostics: &Diagnostics, files: &[Source<'_>]) -> Diagnostics {
    let mut left = LIMIT;
    let mut placed = |diagnostic: &Diagnostic| {
        let file = files.iter().find(|file| file.file == diagnostic.file);
        let wanted = diagnostic.position.is_none() && diagnostic.pointer.len() > pointer::ROOT.len() && left > 0;
        left -= usize::from(wanted);
        match file.filter(|_| wanted).and_then(|file| position(file.bytes, &diagnostic.pointer)) {
            Some((line, column)) => diagnostic.clone().at(line, column),
            None => diagnostic.clone(),
        }
    };
    Diagnostics::default().and(diagnostics.iter().map(&mut placed).collect::<Vec<_>>())
}

/// Returns line and column, both from one, of the key or the element at a pointer. `None` if it is not in the file,
/// because the overlay adds it.
#[must_use]
pub fn position(bytes: &[u8], pointer: &str) -> Option<(usize, usize)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let names = pointer::parse(pointer)?;
    let found = Cell::new(false);
    let seek = Seek { names: &names, found: &found };
    let place = if text.trim_start().starts_with(['{', '[']) {
        let error = seek.deserialize(&mut serde_json::Deserializer::from_str(text)).err()?;
        (error.line(), error.column())
    } else {
        let error = seek.deserialize(serde_yaml::Deserializer::from_str(text)).err()?;
        error.location().map(|location| (location.line(), location.column()))?
    };
    (found.get() && place.0 > 0).then_some(place)
}

/// Follows names, and fails at the end of the path.
#[derive(Clone, Copy)]
struct Seek<'a> {
    names: &'a [String],
    found: &'a Cell<bool>,
}

impl Seek<'_> {
    fn here<E: Error>(&self) -> E {
        self.found.set(true);
        E::custom("here")
    }
}

impl<'de> DeserializeSeed<'de> for Seek<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seek<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((name, names)) = self.names.split_first() else { return Err(self.here()) };
        let key = Key { name, end: names.is_empty(), found: self.found };
        while let Some(is_way) = map.next_key_seed(key)? {
            if is_way {
                map.next_value_seed(Seek { names, ..self })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Some((name, names)) = self.names.split_first() else { return Err(self.here()) };
        for _ in 0..pointer::index(name).unwrap_or_default() {
            if list.next_element::<IgnoredAny>()?.is_none() {
                return Ok(());
            }
        }
        list.next_element_seed(Seek { names, ..self })?;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.end()
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.end()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.end()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.end()
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        self.end()
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.end()
    }
}

impl Seek<'_> {
    /// A scalar, which is the target, or ends the path too early.
    fn end<E: Error>(self) -> Result<(), E> {
        if self.names.is_empty() { Err(self.here()) } else { Ok(()) }
    }
}

/// A key: whether the path continues there, or an error if the path ends with it.
#[derive(Clone, Copy)]
struct Key<'a> {
    name: &'a str,
    end: bool,
    found: &'a Cell<bool>,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<bool, E> {
        if key == self.name && self.end {
            self.found.set(true);
            return Err(E::custom("here"));
        }
        Ok(key == self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::position;

    #[test]
    fn keys_and_elements_have_lines_in_yaml() {
        let text = b"a:\n  b/c:\n    - x\n    - y: 1\n  200: {d: [1, 2]}\n";
        for (pointer, place) in [
            ("#/a", (1, 1)),
            ("#/a/b~1c", (2, 3)),
            ("#/a/b~1c/0", (3, 7)),
            ("#/a/b~1c/1/y", (4, 7)),
            ("#/a/200/d/1", (5, 16)),
        ] {
            assert_eq!(position(text, pointer), Some(place), "{pointer}");
        }
        for nowhere in ["#/b", "#/a/b~1c/2", "#/a/b~1c/0/z", "no pointer"] {
            assert_eq!(position(text, nowhere), None, "{nowhere}");
        }
    }

    #[test]
    fn keys_have_lines_in_json() {
        let text = b"{\n  \"a\": {\n    \"b\": [1,\n    {\"c\": 2}]\n  }\n}\n";
        for (pointer, line) in [("#/a", 2), ("#/a/b", 3), ("#/a/b/1", 4), ("#/a/b/1/c", 4)] {
            assert_eq!(position(text, pointer).map(|(found, _)| found), Some(line), "{pointer}");
        }
    }
}
