//! Objects: reading members into the fields of a struct, and writing them back.
//!
//! A struct says what its members are called and which slot each one goes to; loops, lookups and error texts are
//! here, compiled once for each kind of slot and not for each struct.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, DeserializeSeed, Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::slots::{ReadSlots, WriteSlots};
use super::{Constant, Extra};

/// What a `Debug` text shows in place of a secret.
pub const REDACTED: &str = "[redacted]";

/// What an object is made of.
#[derive(Clone, Copy, Debug)]
pub struct Object {
    /// Name of the type, for error texts.
    pub name: &'static str,
    /// Names of the members that have a slot, in the order of the slots.
    pub members: &'static [&'static str],
    /// Members that the document fixes to one value, and that have no slot.
    pub constants: &'static [Constant],
}

/// Reads an object: the members that have a slot, and those that nothing declares.
///
/// # Errors
/// The input is no object, or a member is missing or has another shape.
pub fn read<'de, T: ReadSlots<'de>, D: Deserializer<'de>>(
    deserializer: D,
    object: &'static Object,
) -> Result<(T, Extra), D::Error> {
    deserializer.deserialize_map(ObjectVisitor(object, PhantomData))
}

/// Reads an object whose undeclared members the document gives a type.
///
/// # Errors
/// The input is no object, or a member is missing or has another shape.
pub fn read_open<'de, T, V, M, D>(deserializer: D, object: &'static Object) -> Result<(T, M), D::Error>
where
    T: ReadSlots<'de>,
    V: DeserializeOwned,
    M: FromIterator<(String, V)>,
    D: Deserializer<'de>,
{
    let (slots, extra) = read(deserializer, object)?;
    let additional = extra.iter().map(|(name, value)| match V::deserialize(value) {
        Ok(value) => Ok((name.clone(), value)),
        Err(error) => Err(D::Error::custom(format_args!("in member `{name}`: {error}"))),
    });
    Ok((slots, additional.collect::<Result<_, _>>()?))
}

/// Writes an object. A constant gives way to another value that came for it and is kept among the others.
///
/// # Errors
/// The output can't take it.
pub fn write<S: Serializer, T: WriteSlots>(
    serializer: S,
    object: &'static Object,
    slots: T,
    extra: &Extra,
) -> Result<S::Ok, S::Error> {
    let mut map = begin(serializer, object, extra)?;
    slots.write(&mut map, object.members)?;
    for (name, value) in extra {
        map.serialize_entry(name, value)?;
    }
    map.end()
}

/// Writes an object whose undeclared members the document gives a type.
///
/// # Errors
/// The output can't take it.
pub fn write_open<'a, S, T, K, V>(
    serializer: S,
    object: &'static Object,
    slots: T,
    additional: impl IntoIterator<Item = (&'a K, &'a V)>,
) -> Result<S::Ok, S::Error>
where
    S: Serializer,
    T: WriteSlots,
    K: Serialize + 'a,
    V: Serialize + 'a,
{
    let mut map = begin(serializer, object, &Extra::default())?;
    slots.write(&mut map, object.members)?;
    for (name, value) in additional {
        map.serialize_entry(name, value)?;
    }
    map.end()
}

/// Constants come first: a reader that looks for the tag of a union finds it at once.
fn begin<S: Serializer>(serializer: S, object: &'static Object, extra: &Extra) -> Result<S::SerializeMap, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    for constant in object.constants.iter().filter(|constant| extra.get(constant.name).is_none()) {
        map.serialize_entry(constant.name, &constant.value)?;
    }
    Ok(map)
}

struct ObjectVisitor<T>(&'static Object, PhantomData<T>);

impl<'de, T: ReadSlots<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = (T, Extra);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object ({})", self.0.name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let object = self.0;
        let mut slots = T::empty();
        let mut rest = Rest { object, seen: 0, extra: Extra::default() };
        // Servers write members in the order of the document, so that the next one is found at once.
        let mut next = 0;
        while let Some(index) = rest.next(&mut map, next)? {
            T::read(&mut slots, index, &mut map)?;
            next = index + 1;
        }
        rest.check()?;
        Ok((T::finish(slots, object.members)?, rest.extra))
    }
}

/// Members without a slot.
struct Rest {
    object: &'static Object,
    /// A bit for each constant that came.
    seen: u64,
    extra: Extra,
}

impl Rest {
    /// Steps to the next member that has a slot, and keeps what comes before it.
    fn next<'de, A: MapAccess<'de>>(&mut self, map: &mut A, next: usize) -> Result<Option<usize>, A::Error> {
        loop {
            match map.next_key_seed(NameSeed { object: self.object, next })? {
                None => return Ok(None),
                Some(Name::Slot(index)) => return Ok(Some(index)),
                Some(Name::Constant(index)) => self.constant(index, map.next_value()?),
                Some(Name::Other(name)) => {
                    let value: Value = map.next_value()?;
                    self.extra.insert(name, value);
                }
            }
        }
    }

    fn constant(&mut self, index: usize, value: Value) {
        let constant = &self.object.constants[index];
        self.seen |= 1u64.checked_shl(u32::try_from(index).unwrap_or(u32::MAX)).unwrap_or_default();
        if constant.value != value {
            self.extra.insert(constant.name, value);
        }
    }

    fn check<E: Error>(&self) -> Result<(), E> {
        let missing = |(index, constant): &(usize, &Constant)| constant.required && self.seen & (1 << index) == 0;
        match self.object.constants.iter().enumerate().take(64).find(missing) {
            Some((_, constant)) => Err(E::missing_field(constant.name)),
            None => Ok(()),
        }
    }
}

enum Name {
    Slot(usize),
    Constant(usize),
    Other(String),
}

#[derive(Clone, Copy)]
struct NameSeed {
    object: &'static Object,
    next: usize,
}

impl<'de> DeserializeSeed<'de> for NameSeed {
    type Value = Name;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Name, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for NameSeed {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Name, E> {
        Ok(self.find(name))
    }
}

impl NameSeed {
    fn find(self, name: &str) -> Name {
        let members = self.object.members;
        let (before, after) = members.split_at(self.next.min(members.len()));
        let later = after.iter().position(|known| *known == name).map(|index| index + before.len());
        if let Some(index) = later.or_else(|| before.iter().position(|known| *known == name)) {
            return Name::Slot(index);
        }
        match self.object.constants.iter().position(|constant| constant.name == name) {
            Some(index) => Name::Constant(index),
            None => Name::Other(name.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Const, Nullable, Optional, Required, decode};
    use super::*;
    use serde::Deserialize;

    static OBJECT: Object = Object {
        name: "Thing",
        members: &["id", "note", "count", "text"],
        constants: &[
            Constant { name: "type", value: Const::String("thing"), required: true },
            Constant { name: "legacy", value: Const::Boolean(true), required: false },
        ],
    };

    #[derive(Debug, PartialEq)]
    struct Thing {
        id: i64,
        note: Option<String>,
        count: Option<i64>,
        text: Nullable<String>,
        extra: Extra,
    }

    impl<'de> Deserialize<'de> for Thing {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let (((Required(id), Required(note)), (Optional(count), Optional(text))), extra) =
                read(deserializer, &OBJECT)?;
            Ok(Self { id, note, count, text, extra })
        }
    }

    impl Serialize for Thing {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let slots = ((Required(&self.id), Required(&self.note)), (Optional(&self.count), Optional(&self.text)));
            write(serializer, &OBJECT, slots, &self.extra)
        }
    }

    fn round_trip(text: &str) -> String {
        decode::<Thing>(text.as_bytes()).map_or_else(
            |error| error.to_string(),
            |thing| serde_json::to_string(&thing).unwrap_or_else(|error| error.to_string()),
        )
    }

    #[test]
    fn what_came_goes_back() {
        for text in [
            r#"{"type":"thing","legacy":true,"id":7,"note":null}"#,
            r#"{"type":"thing","legacy":true,"id":7,"note":"n","count":1,"text":null}"#,
            r#"{"legacy":true,"id":7,"note":"n","text":"t","new":[1],"type":"other"}"#,
        ] {
            assert_eq!(round_trip(text), text);
        }
    }

    #[test]
    fn members_may_come_in_any_order_and_twice() {
        let text = r#"{"text":"t","id":1,"note":"n","id":2,"type":"thing"}"#;
        assert_eq!(round_trip(text), r#"{"type":"thing","legacy":true,"id":2,"note":"n","text":"t"}"#);
    }

    #[test]
    fn a_missing_member_is_named() {
        assert_eq!(round_trip(r#"{"type":"thing","id":1}"#), "missing field `note` (found an object with {id, type})");
        assert_eq!(round_trip(r#"{"id":1,"note":"n"}"#), "missing field `type` (found an object with {id, note})");
        assert_eq!(
            round_trip(r#"{"type":"thing","id":null,"note":"n"}"#),
            "at `id`: invalid type: null, expected i64 (found null)"
        );
        assert_eq!(round_trip("[]"), "invalid type: sequence, expected an object (Thing) (found an array of 0)");
    }
}
