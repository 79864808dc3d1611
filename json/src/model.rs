//! Structs that represent JSON objects: reading, writing, copying, comparing and showing them.
//!
//! A struct describes its properties and the fields that they go to ([`Model`]). Loops, lookups and error messages are
//! here, compiled once for each type of field. A generated struct contributes two small functions.

use std::collections::BTreeMap;
use std::fmt::{self, Debug, DebugStruct};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;

use serde::de::{DeserializeSeed, Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserializer, Serializer};
use serde_json::Value;

use crate::Extra;
use crate::constant::Constant;
use crate::field::{Field, Read, discard};
use crate::field_list::Fields;
use crate::object::{FieldNames, Object};
use crate::parent_tag::Mismatch;

/// A struct that represents a JSON object. [`model!`](crate::model) implements the traits of a model for it.
pub trait Model: Sized + 'static {
    /// The description of the object.
    const OBJECT: Object;
    /// The types of its fields.
    type Fields: Fields;
    /// Holds the properties that have no field.
    type CatchAll: CatchAll;

    /// Creates a model from its fields and its other properties.
    fn from_parts(fields: Self::Fields, others: Self::CatchAll) -> Self;

    /// Returns the fields and the other properties.
    fn parts(&self) -> (Refs<'_, Self>, &Self::CatchAll);

    /// Decodes properties again whose variant is named by a tag in this object, if they are not that variant already.
    ///
    /// # Errors
    /// Returns an error if a property does not fit the variant that its tag names.
    #[inline]
    fn apply_parent_tags(&mut self) -> Result<(), Mismatch> {
        Ok(())
    }
}

/// Returns the description of a model as a static.
const fn object<T: Model>() -> &'static Object {
    const { &T::OBJECT }
}

/// References to the fields of a model.
pub type Refs<'a, T> = <<T as Model>::Fields as Fields>::Refs<'a>;

/// Holds the properties of an object that have no field: [`Extra`], or a map of typed values.
pub trait CatchAll: Clone + Default + PartialEq + Debug + Sized {
    /// Name of the field in `Debug` texts.
    const NAME: &'static str;

    /// Reads the value of the property `name`.
    ///
    /// # Errors
    /// Returns an error if the value does not fit the type of the properties.
    fn read<'de, A: MapAccess<'de>>(&mut self, name: String, map: &mut A) -> Result<(), A::Error>;

    /// Keeps a value that was found instead of a constant.
    ///
    /// # Errors
    /// Returns an error if the value does not fit the type of the properties.
    fn keep<E: Error>(&mut self, name: &str, value: Value) -> Result<(), E>;

    /// Returns whether it has another value for the property of a constant.
    fn replaces(&self, constant: &Constant) -> bool;

    /// Writes the properties.
    ///
    /// # Errors
    /// Returns the error of the serializer.
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
}

impl CatchAll for Extra {
    const NAME: &'static str = "extra";

    fn read<'de, A: MapAccess<'de>>(&mut self, name: String, map: &mut A) -> Result<(), A::Error> {
        let Read(value) = map.next_value::<Read<Value>>()?;
        self.insert(name, value);
        Ok(())
    }

    fn keep<E: Error>(&mut self, name: &str, value: Value) -> Result<(), E> {
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

/// Properties of any name whose type is declared.
impl<V: Field> CatchAll for BTreeMap<String, V> {
    const NAME: &'static str = "additional_properties";

    fn read<'de, A: MapAccess<'de>>(&mut self, name: String, map: &mut A) -> Result<(), A::Error> {
        let Read(value) = map.next_value::<Read<V>>()?;
        self.insert(name, value);
        Ok(())
    }

    fn keep<E: Error>(&mut self, name: &str, value: Value) -> Result<(), E> {
        let value = V::deserialize(value).map_err(|error| E::custom(format_args!("in property `{name}`: {error}")))?;
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

/// Implements `Clone`, `Debug`, `PartialEq`, `Serialize` and `Deserialize` for a struct that is a [`Model`]. Type
/// parameters must be [`Field`]s.
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

/// Reads a model from an object.
///
/// # Errors
/// Returns an error if the input is not an object, if a required property is missing, or if a value does not fit its
/// field.
pub fn read<'de, T: Model, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_map(ObjectVisitor(PhantomData))
}

/// Writes a model as an object. A constant is replaced by the value that was received instead of it.
///
/// # Errors
/// Returns the error of the serializer.
pub fn write<S: Serializer, T: Model>(model: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let (fields, others) = model.parts();
    let mut map = serializer.serialize_map(None)?;
    // Constants are first, so that a reader that looks for the tag of a union finds it at once.
    for constant in object::<T>().constants.iter().filter(|constant| !others.replaces(constant)) {
        map.serialize_entry(constant.name, &constant.value)?;
    }
    T::Fields::write(fields, FieldNames::of(object::<T>()), &mut map)?;
    others.write(&mut map)?;
    map.end()
}

/// Clones a model.
pub fn copy<T: Model>(model: &T) -> T {
    let (fields, others) = model.parts();
    T::from_parts(T::Fields::copy(fields), others.clone())
}

/// Returns whether two models are equal.
pub fn equal<T: Model>(one: &T, other: &T) -> bool {
    let ((fields, others), (other_fields, other_others)) = (one.parts(), other.parts());
    T::Fields::equal(fields, other_fields) && others == other_others
}

/// Writes the `Debug` text of a model, with the names of its properties and without secrets.
///
/// # Errors
/// Returns the error of the formatter.
pub fn show<T: Model>(model: &T, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (fields, others) = model.parts();
    let mut debug: DebugStruct<'_, '_> = f.debug_struct(object::<T>().name);
    T::Fields::show(fields, FieldNames::of(object::<T>()), &mut debug);
    debug.field(T::CatchAll::NAME, others).finish()
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Model> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object ({})", object::<T>().name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        // Dropped in one place. Code to drop the fields at each call that can panic would make decoders much larger; without
        // it, a panic leaks them.
        let mut fields = ManuallyDrop::new(<T::Fields as Fields>::Partial::default());
        match read_properties::<T, A>(&mut fields, &mut map) {
            Ok(others) => match T::Fields::take(&mut fields) {
                Some(fields) => {
                    let mut model = T::from_parts(fields, others);
                    model.apply_parent_tags().map_err(A::Error::custom)?;
                    Ok(model)
                }
                None => Err(A::Error::custom("a property is missing")),
            },
            Err(error) => {
                discard(&mut *fields);
                Err(error)
            }
        }
    }
}

/// Reads the properties of an object to its end. Returns those without a field.
#[inline]
fn read_properties<'de, T: Model, A: MapAccess<'de>>(
    fields: &mut <T::Fields as Fields>::Partial,
    map: &mut A,
) -> Result<T::CatchAll, A::Error> {
    let object = object::<T>();
    let mut undeclared = Undeclared { object, seen: 0, others: T::CatchAll::default() };
    // Servers write properties in the order of the document, so that the next one is found at once.
    let is_plain = const { T::OBJECT.has_plain_names() };
    let mut next = 0;
    while let Some(index) = undeclared.next(map, if is_plain { next } else { usize::MAX })? {
        T::Fields::read(fields, index, map)?;
        next = index + 1;
    }
    let others = undeclared.complete()?;
    match T::Fields::missing(fields, FieldNames::of(object)) {
        Some(missing) => Err(A::Error::missing_field(object.property(missing))),
        None => Ok(others),
    }
}

/// Properties without a field.
struct Undeclared<R> {
    object: &'static Object,
    /// A bit for each constant that was read.
    seen: u64,
    others: R,
}

impl<R: CatchAll> Undeclared<R> {
    /// Moves to the next property that has a field, and keeps those before it.
    #[inline]
    fn next<'de, A: MapAccess<'de>>(&mut self, map: &mut A, next: usize) -> Result<Option<usize>, A::Error> {
        loop {
            match map.next_key_seed(NameSeed { object: self.object, next })? {
                None => return Ok(None),
                Some(PropertyName::Field(index)) => return Ok(Some(index)),
                Some(name) => self.read_undeclared(name, map)?,
            }
        }
    }

    /// Reads and keeps a property that has no field.
    #[inline(never)]
    fn read_undeclared<'de, A: MapAccess<'de>>(&mut self, name: PropertyName, map: &mut A) -> Result<(), A::Error> {
        match name {
            PropertyName::Field(_) => Ok(()),
            PropertyName::Constant(index) => {
                let constant = &self.object.constants[index];
                self.seen |= 1u64.checked_shl(u32::try_from(index).unwrap_or(u32::MAX)).unwrap_or_default();
                match map.next_value_seed(constant)? {
                    Some(other) => self.others.keep(constant.name, other),
                    None => Ok(()),
                }
            }
            PropertyName::Other(name) => self.others.read(name, map),
        }
    }

    /// Returns the properties, or an error if a required constant is missing.
    fn complete<E: Error>(self) -> Result<R, E> {
        let missing = |(index, constant): &(usize, &Constant)| constant.required && self.seen & (1 << index) == 0;
        match self.object.constants.iter().enumerate().take(64).find(missing) {
            Some((_, constant)) => Err(E::missing_field(constant.name)),
            None => Ok(self.others),
        }
    }
}

enum PropertyName {
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
    type Value = PropertyName;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<PropertyName, D::Error> {
        match self.object.properties.get(self.next) {
            Some(name) => deserializer.deserialize_unit_struct(name, self),
            None => deserializer.deserialize_identifier(self),
        }
    }
}

impl Visitor<'_> for NameSeed {
    type Value = PropertyName;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a property name")
    }

    #[inline(never)]
    fn visit_str<E: Error>(self, name: &str) -> Result<PropertyName, E> {
        Ok(self.find(name))
    }

    /// Called by the reader of this crate if the next name is the expected one. Other deserializers pass the name as text.
    #[inline]
    fn visit_unit<E: Error>(self) -> Result<PropertyName, E> {
        Ok(PropertyName::Field(self.next))
    }
}

impl NameSeed {
    fn find(self, name: &str) -> PropertyName {
        // There are few constants, and `next` never points to one.
        if let Some(index) = self.object.constants.iter().position(|constant| constant.name == name) {
            return PropertyName::Constant(index);
        }
        let properties = self.object.properties;
        let (before, after) = properties.split_at(self.next.min(properties.len()));
        let later = after.iter().position(|known| *known == name).map(|index| index + before.len());
        match later.or_else(|| before.iter().position(|known| *known == name)) {
            Some(index) => PropertyName::Field(index),
            None => PropertyName::Other(name.to_owned()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::{Const, FieldList, Nullable, decode};

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
            properties: &["id", "note", "count", "text"],
            optional: &[2, 3],
            secret: &[1],
            constants: &[
                Constant { name: "type", value: Const::String("thing"), required: true },
                Constant { name: "legacy", value: Const::Boolean(true), required: false },
            ],
        };
        type Fields = FieldList<(i64, Option<String>), (Option<i64>, Nullable<String>)>;
        type CatchAll = Extra;

        fn from_parts(fields: Self::Fields, extra: Extra) -> Self {
            Self { id: fields.0.0, note: fields.0.1, count: fields.1.0, text: fields.1.1, extra }
        }

        fn parts(&self) -> (Refs<'_, Self>, &Extra) {
            (FieldList((&self.id, &self.note), (&self.count, &self.text)), &self.extra)
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
    fn objects_round_trip() {
        for text in [
            r#"{"type":"thing","legacy":true,"id":7,"note":null}"#,
            r#"{"type":"thing","legacy":true,"id":7,"note":"n","count":1,"text":null}"#,
            r#"{"legacy":true,"id":7,"note":"n","text":"t","new":[1],"type":"other"}"#,
        ] {
            assert_eq!(round_trip(text), text);
        }
    }

    #[test]
    fn properties_have_any_order_and_may_repeat() {
        let text = r#"{"text":"t","id":1,"note":"n","id":2,"type":"thing"}"#;
        assert_eq!(round_trip(text), r#"{"type":"thing","legacy":true,"id":2,"note":"n","text":"t"}"#);
    }

    #[test]
    fn a_missing_property_is_named() {
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
