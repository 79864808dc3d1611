//! Objects: reading members into the fields of a struct, and everything else that is done field by field.
//!
//! A struct says what its members are called and which fields they go to; loops, lookups and error texts are here,
//! compiled once for each type of field. A generated struct costs the compiler two small functions, and the program
//! that uses it compiles what it does with it.

use std::collections::BTreeMap;
use std::fmt::{self, Debug, DebugStruct};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;

use serde::de::{DeserializeSeed, Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserializer, Serializer};
use serde_json::Value;

use super::fields::{Field, Fields, Read, discard};
use super::{Constant, Extra, Mismatch};

/// What a `Debug` text shows in place of a secret.
pub(super) const REDACTED: &str = "[redacted]";

/// What an object is made of.
#[derive(Clone, Copy, Debug)]
pub struct Object {
    /// Name of the type, for error texts.
    pub name: &'static str,
    /// Names of the members that have a field, in the order of the fields.
    pub members: &'static [&'static str],
    /// Which of these may be left out, as places in the list. All others must be there, though they may be null.
    pub optional: &'static [usize],
    /// Which of these `Debug` does not show.
    pub secret: &'static [usize],
    /// Members that the document fixes to one value, and that have no field.
    pub constants: &'static [Constant],
}

impl Object {
    /// Nothing, for what an object has none of.
    pub const EMPTY: Self = Self { name: "", members: &[], optional: &[], secret: &[], constants: &[] };

    /// Name of a member by its place in the list. One that is missing would be a mistake of the generator.
    #[inline]
    fn member(&self, place: usize) -> &'static str {
        self.members.get(place).copied().unwrap_or_default()
    }

    /// Whether the names stand in JSON text as they are, so that they can be looked for in it.
    const fn has_plain_names(&self) -> bool {
        let mut rest = self.members;
        while let [first, others @ ..] = rest {
            let mut name = first.as_bytes();
            while let [byte, bytes @ ..] = name {
                if *byte == b'\\' || *byte == b'"' || *byte < b' ' {
                    return false;
                }
                name = bytes;
            }
            rest = others;
        }
        true
    }
}

/// The members that belong to the fields of a tuple: those of an object from one place on.
#[derive(Clone, Copy, Debug)]
pub struct Members {
    object: &'static Object,
    first: usize,
}

impl Members {
    fn of(object: &'static Object) -> Self {
        Self { object, first: 0 }
    }

    /// Those after the first `count`.
    pub(super) fn after(self, count: usize) -> Self {
        Self { first: self.first + count, ..self }
    }

    /// Place of the member of the field at `index` in the object's list.
    #[inline]
    pub(super) fn place(self, index: usize) -> usize {
        self.first + index
    }

    /// Name of the member of the field at `index`.
    #[inline]
    pub(super) fn name(self, index: usize) -> &'static str {
        self.object.member(self.place(index))
    }

    /// Whether it may be left out.
    pub(super) fn is_optional(self, index: usize) -> bool {
        self.object.optional.contains(&self.place(index))
    }

    /// Whether `Debug` has to keep it to itself.
    pub(super) fn is_secret(self, index: usize) -> bool {
        self.object.secret.contains(&self.place(index))
    }
}

/// A struct that stands for an object. [`model!`](crate::model) gives it the traits that a model has.
pub trait Model: Sized + 'static {
    /// What the object is made of.
    const OBJECT: Object;
    /// The types of its fields.
    type Fields: Fields;
    /// What holds the members that have no field.
    type Rest: Rest;

    /// A model of these fields, and of the members that have none.
    fn from_parts(fields: Self::Fields, rest: Self::Rest) -> Self;

    /// Its fields, and its members that have none.
    fn parts(&self) -> (Refs<'_, Self>, &Self::Rest);

    /// Decodes properties again whose variant another property tells.
    ///
    /// # Errors
    /// One does not have the shape that its tag says.
    #[inline]
    fn settle(&mut self) -> Result<(), Mismatch> {
        Ok(())
    }
}

/// What a model is made of, for as long as anybody asks.
const fn object<T: Model>() -> &'static Object {
    const { &T::OBJECT }
}

/// References to the fields of a model.
pub type Refs<'a, T> = <<T as Model>::Fields as Fields>::Refs<'a>;

/// What holds the members of an object that have no field.
pub trait Rest: Clone + Default + PartialEq + Debug + Sized {
    /// What `Debug` calls them.
    const NAME: &'static str;

    /// Reads the value of a member.
    ///
    /// # Errors
    /// It has another shape than the document says.
    fn read<'de, A: MapAccess<'de>>(&mut self, name: String, map: &mut A) -> Result<(), A::Error>;

    /// Takes what came in place of a constant.
    ///
    /// # Errors
    /// It has another shape than the document says.
    fn take<E: Error>(&mut self, name: &str, value: Value) -> Result<(), E>;

    /// Whether it has something else in place of a constant.
    fn replaces(&self, constant: &Constant) -> bool;

    /// Writes the members.
    ///
    /// # Errors
    /// The output can't take it.
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
}

impl Rest for Extra {
    const NAME: &'static str = "extra";

    fn read<'de, A: MapAccess<'de>>(&mut self, name: String, map: &mut A) -> Result<(), A::Error> {
        let Read(value) = map.next_value::<Read<Value>>()?;
        self.insert(name, value);
        Ok(())
    }

    fn take<E: Error>(&mut self, name: &str, value: Value) -> Result<(), E> {
        self.insert(name, value);
        Ok(())
    }

    fn replaces(&self, constant: &Constant) -> bool {
        self.get(constant.name).is_some()
    }

    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))
    }
}

/// Members to which the document gives a type.
impl<V: Field> Rest for BTreeMap<String, V> {
    const NAME: &'static str = "additional_properties";

    fn read<'de, A: MapAccess<'de>>(&mut self, name: String, map: &mut A) -> Result<(), A::Error> {
        let Read(value) = map.next_value::<Read<V>>()?;
        self.insert(name, value);
        Ok(())
    }

    fn take<E: Error>(&mut self, name: &str, value: Value) -> Result<(), E> {
        let value = V::deserialize(value).map_err(|error| E::custom(format_args!("in member `{name}`: {error}")))?;
        self.insert(name.to_owned(), value);
        Ok(())
    }

    fn replaces(&self, _constant: &Constant) -> bool {
        false
    }

    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))
    }
}

/// Gives a struct that is a [`Model`] what all of them have: `Clone`, `Debug`, `PartialEq`, `Serialize` and
/// `Deserialize`. The fields of one with parameters are of these types.
#[macro_export]
macro_rules! model {
    ($name:ident $(<$($parameter:ident),+>)?) => {
        impl$(<$($parameter: $crate::Field),+>)? $crate::Field for $name$(<$($parameter),+>)? {}

        impl$(<$($parameter: $crate::Field),+>)? ::core::clone::Clone for $name$(<$($parameter),+>)? {
            #[inline]
            fn clone(&self) -> Self {
                $crate::copy(self)
            }
        }

        impl$(<$($parameter: $crate::Field),+>)? ::core::cmp::PartialEq for $name$(<$($parameter),+>)? {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                $crate::equal(self, other)
            }
        }

        impl$(<$($parameter: $crate::Field),+>)? ::core::fmt::Debug for $name$(<$($parameter),+>)? {
            #[inline]
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::show(self, f)
            }
        }

        impl$(<$($parameter: $crate::Field),+>)? $crate::Serialize for $name$(<$($parameter),+>)? {
            #[inline]
            fn serialize<S: $crate::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                $crate::write(self, serializer)
            }
        }

        impl<'de $($(, $parameter: $crate::Field)+)?> $crate::Deserialize<'de> for $name$(<$($parameter),+>)? {
            #[inline]
            fn deserialize<D: $crate::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::read(deserializer)
            }
        }
    };
}

/// Reads an object: the members that have a field, and those that nothing declares.
///
/// # Errors
/// The input is no object, or a member is missing or has another shape.
pub fn read<'de, T: Model, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_map(ObjectVisitor(PhantomData))
}

/// Writes an object. A constant gives way to another value that came for it and is kept among the others.
///
/// # Errors
/// The output can't take it.
pub fn write<S: Serializer, T: Model>(model: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let (fields, rest) = model.parts();
    let mut map = serializer.serialize_map(None)?;
    // Constants come first: a reader that looks for the tag of a union finds it at once.
    for constant in object::<T>().constants.iter().filter(|constant| !rest.replaces(constant)) {
        map.serialize_entry(constant.name, &constant.value)?;
    }
    T::Fields::write(fields, Members::of(object::<T>()), &mut map)?;
    rest.write(&mut map)?;
    map.end()
}

/// Copies a model.
pub fn copy<T: Model>(model: &T) -> T {
    let (fields, rest) = model.parts();
    T::from_parts(T::Fields::copy(fields), rest.clone())
}

/// Whether two models are equal.
pub fn equal<T: Model>(one: &T, other: &T) -> bool {
    let ((fields, rest), (other_fields, other_rest)) = (one.parts(), other.parts());
    T::Fields::equal(fields, other_fields) && rest == other_rest
}

/// Shows a model under the names of its members, without secrets.
///
/// # Errors
/// The output can't take it.
pub fn show<T: Model>(model: &T, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (fields, rest) = model.parts();
    let mut debug: DebugStruct<'_, '_> = f.debug_struct(object::<T>().name);
    T::Fields::show(fields, Members::of(object::<T>()), &mut debug);
    debug.field(T::Rest::NAME, rest).finish()
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Model> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object ({})", object::<T>().name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        // They are dropped in one place. Were they dropped wherever reading them could panic, a decoder would be much larger;
        // as it is, a panic leaks them.
        let mut fields = ManuallyDrop::new(<T::Fields as Fields>::Partial::default());
        match read_members::<T, A>(&mut fields, &mut map) {
            Ok(rest) => match T::Fields::take(&mut fields) {
                Some(fields) => {
                    let mut model = T::from_parts(fields, rest);
                    model.settle().map_err(A::Error::custom)?;
                    Ok(model)
                }
                None => Err(A::Error::custom("a member is missing")),
            },
            Err(error) => {
                discard(&mut *fields);
                Err(error)
            }
        }
    }
}

/// Reads the members of an object to its end, until none of the fields is missing.
#[inline]
fn read_members<'de, T: Model, A: MapAccess<'de>>(
    fields: &mut <T::Fields as Fields>::Partial,
    map: &mut A,
) -> Result<T::Rest, A::Error> {
    let object = object::<T>();
    let mut undeclared = Undeclared { object, seen: 0, rest: T::Rest::default() };
    // Servers write members in the order of the document, so that the next one is found at once.
    let is_plain = const { T::OBJECT.has_plain_names() };
    let mut next = 0;
    while let Some(index) = undeclared.next(map, if is_plain { next } else { usize::MAX })? {
        T::Fields::read(fields, index, map)?;
        next = index + 1;
    }
    let rest = undeclared.complete()?;
    match T::Fields::missing(fields, Members::of(object)) {
        Some(missing) => Err(A::Error::missing_field(object.member(missing))),
        None => Ok(rest),
    }
}

/// Members without a field.
struct Undeclared<R> {
    object: &'static Object,
    /// A bit for each constant that came.
    seen: u64,
    rest: R,
}

impl<R: Rest> Undeclared<R> {
    /// Steps to the next member that has a field, and keeps what comes before it.
    #[inline]
    fn next<'de, A: MapAccess<'de>>(&mut self, map: &mut A, next: usize) -> Result<Option<usize>, A::Error> {
        loop {
            match map.next_key_seed(NameSeed { object: self.object, next })? {
                None => return Ok(None),
                Some(Name::Field(index)) => return Ok(Some(index)),
                Some(name) => self.keep(name, map)?,
            }
        }
    }

    /// Keeps a member that has no field.
    #[inline(never)]
    fn keep<'de, A: MapAccess<'de>>(&mut self, name: Name, map: &mut A) -> Result<(), A::Error> {
        match name {
            Name::Field(_) => Ok(()),
            Name::Constant(index) => {
                let constant = &self.object.constants[index];
                self.seen |= 1u64.checked_shl(u32::try_from(index).unwrap_or(u32::MAX)).unwrap_or_default();
                match map.next_value_seed(constant)? {
                    Some(other) => self.rest.take(constant.name, other),
                    None => Ok(()),
                }
            }
            Name::Other(name) => self.rest.read(name, map),
        }
    }

    /// All of them, when no constant is missing.
    fn complete<E: Error>(self) -> Result<R, E> {
        let missing = |(index, constant): &(usize, &Constant)| constant.required && self.seen & (1 << index) == 0;
        match self.object.constants.iter().enumerate().take(64).find(missing) {
            Some((_, constant)) => Err(E::missing_field(constant.name)),
            None => Ok(self.rest),
        }
    }
}

enum Name {
    Field(usize),
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
        match self.object.members.get(self.next) {
            Some(member) => deserializer.deserialize_unit_struct(member, self),
            None => deserializer.deserialize_identifier(self),
        }
    }
}

impl Visitor<'_> for NameSeed {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    #[inline(never)]
    fn visit_str<E: Error>(self, name: &str) -> Result<Name, E> {
        Ok(self.find(name))
    }

    /// What the reader of this crate answers where the expected name comes next. Any other gives the name as text.
    #[inline]
    fn visit_unit<E: Error>(self) -> Result<Name, E> {
        Ok(Name::Field(self.next))
    }
}

impl NameSeed {
    fn find(self, name: &str) -> Name {
        // They are few, and never the name that is expected.
        if let Some(index) = self.object.constants.iter().position(|constant| constant.name == name) {
            return Name::Constant(index);
        }
        let members = self.object.members;
        let (before, after) = members.split_at(self.next.min(members.len()));
        let later = after.iter().position(|known| *known == name).map(|index| index + before.len());
        match later.or_else(|| before.iter().position(|known| *known == name)) {
            Some(index) => Name::Field(index),
            None => Name::Other(name.to_owned()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::fields::Split;
    use super::super::{Const, Nullable, decode};
    use super::*;

    struct Thing {
        id: i64,
        note: Option<String>,
        count: Option<i64>,
        text: Nullable<String>,
        extra: Extra,
    }

    impl Model for Thing {
        const OBJECT: Object = Object {
            name: "Thing",
            members: &["id", "note", "count", "text"],
            optional: &[2, 3],
            secret: &[1],
            constants: &[
                Constant { name: "type", value: Const::String("thing"), required: true },
                Constant { name: "legacy", value: Const::Boolean(true), required: false },
            ],
        };
        type Fields = Split<(i64, Option<String>), (Option<i64>, Nullable<String>)>;
        type Rest = Extra;

        fn from_parts(fields: Self::Fields, extra: Extra) -> Self {
            Self { id: fields.0.0, note: fields.0.1, count: fields.1.0, text: fields.1.1, extra }
        }

        fn parts(&self) -> (Refs<'_, Self>, &Extra) {
            (Split((&self.id, &self.note), (&self.count, &self.text)), &self.extra)
        }
    }

    crate::model!(Thing);

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
        assert_eq!(
            round_trip(r#"{"type":"thing","note":"n"}"#),
            "missing field `id` (found an object with {type, note})"
        );
        assert_eq!(round_trip(r#"{"id":1,"note":"n"}"#), "missing field `type` (found an object with {id, note})");
        assert_eq!(
            round_trip(r#"{"type":"thing","id":null,"note":"n"}"#),
            "at `id`: invalid type: null, expected i64 (found null)"
        );
        assert_eq!(round_trip("[]"), "invalid type: sequence, expected an object (Thing) (found an array of 0)");
    }

    #[test]
    fn a_property_that_may_be_null_may_be_missing() {
        assert_eq!(round_trip(r#"{"type":"thing","id":1}"#), r#"{"type":"thing","legacy":true,"id":1,"note":null}"#);
    }

    #[test]
    fn a_constant_of_another_kind_is_an_error() {
        assert_eq!(
            round_trip(r#"{"type":5,"id":1}"#),
            "at `type`: invalid type: an integer, expected \"thing\" (found 5)"
        );
    }

    #[test]
    fn a_model_is_copied_compared_and_shown_without_its_secrets() {
        let thing: Thing = decode(br#"{"type":"other","id":7,"note":"hidden","text":null}"#).unwrap();
        assert_eq!(thing, thing.clone());
        assert_ne!(thing, Thing { text: Nullable::Absent, ..thing.clone() });
        assert_ne!(thing, Thing { extra: Extra::default(), ..thing.clone() });
        assert_eq!(
            format!("{thing:?}"),
            "Thing { id: 7, note: \"[redacted]\", count: None, text: Null, \
             extra: Extra(Some({\"type\": String(\"other\")})) }"
        );
    }
}
