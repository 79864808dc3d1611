//! Fields: where the members of an object go, and where they come from.
//!
//! A struct names the types of its fields as a tuple, or as a [`Split`] of tuples where there are many. Its fields
//! travel in such tuples, and references to them in tuples of the same form; what is done field by field is compiled
//! once for each type of field.

use std::collections::BTreeMap;
use std::fmt::{Debug, DebugStruct};
use std::marker::PhantomData;
use std::mem::{self, ManuallyDrop};

use chrono::{DateTime, NaiveDate, Utc};
use serde::de::{DeserializeOwned, DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::object::{Members, REDACTED};
use super::{Nullable, Number, OneOrMany, Secret, raw, timestamp};

/// The type of a field.
pub trait Field: DeserializeOwned + Serialize + Clone + PartialEq + Debug + 'static {
    /// Reads it: as its [`Deserialize`] does, or faster.
    ///
    /// # Errors
    /// The input has another shape.
    #[inline]
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }

    /// What the field is where its member is left out, if it can be.
    #[inline]
    #[must_use]
    fn left_out() -> Option<Self> {
        None
    }

    /// Whether its member is left out.
    #[inline]
    fn is_left_out(&self) -> bool {
        false
    }
}

macro_rules! plain {
    ($($field:ty),+) => {
        $(impl Field for $field {})+
    };
}

plain!(String, bool, i64, f64, Uuid, NaiveDate, Number, Secret);

impl Field for Value {
    #[inline]
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        raw::read_value(deserializer)
    }
}

impl Field for DateTime<Utc> {
    #[inline]
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        timestamp::read(deserializer)
    }
}

impl<T: Field> Field for Option<T> {
    #[inline]
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_option(OptionVisitor(PhantomData))
    }

    #[inline]
    fn left_out() -> Option<Self> {
        Some(None)
    }

    #[inline]
    fn is_left_out(&self) -> bool {
        self.is_none()
    }
}

impl<T: Field> Field for Nullable<T> {
    #[inline]
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::<T>::read(deserializer).map(Self::from)
    }

    #[inline]
    fn left_out() -> Option<Self> {
        Some(Self::Absent)
    }

    #[inline]
    fn is_left_out(&self) -> bool {
        self.is_absent()
    }
}

impl<T: Field> Field for Box<T> {
    #[inline]
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self::new)
    }
}

impl<T: Field> Field for Vec<T> {
    #[inline]
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(VecVisitor(PhantomData))
    }
}

impl<T: Field> Field for OneOrMany<T> {}

impl<K: Field + Ord, V: Field> Field for BTreeMap<K, V> {
    #[inline]
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MapVisitor(PhantomData))
    }
}

impl<A: Field> Field for (A,) {}

impl<A: Field, B: Field> Field for (A, B) {}

impl<A: Field, B: Field, C: Field> Field for (A, B, C) {}

impl<A: Field, B: Field, C: Field, D: Field> Field for (A, B, C, D) {}

/// A value that is read by [`Field::read`].
pub(super) struct Read<T>(pub(super) T);

impl<'de, T: Field> Deserialize<'de> for Read<T> {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self)
    }
}

struct OptionVisitor<T>(PhantomData<T>);

impl<'de, T: Field> Visitor<'de> for OptionVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("option")
    }

    #[inline]
    fn visit_none<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    #[inline]
    fn visit_unit<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    #[inline]
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        T::read(deserializer).map(Some)
    }
}

struct VecVisitor<T>(PhantomData<T>);

impl<'de, T: Field> Visitor<'de> for VecVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a sequence")
    }

    #[inline]
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
        filled(|items| {
            while let Some(()) = seq.next_element_seed(Push(items))? {}
            Ok(())
        })
    }
}

struct MapVisitor<K, V>(PhantomData<(K, V)>);

impl<'de, K: Field + Ord, V: Field> Visitor<'de> for MapVisitor<K, V> {
    type Value = BTreeMap<K, V>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a map")
    }

    #[inline]
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<BTreeMap<K, V>, A::Error> {
        filled(|members: &mut BTreeMap<K, V>| {
            while let Some((name, Read(value))) = map.next_entry()? {
                members.insert(name, value);
            }
            Ok(())
        })
    }
}

/// A collection with what is read into it. It is dropped in one place; a panic leaks it.
#[inline]
fn filled<T: Default, E>(fill: impl FnOnce(&mut T) -> Result<(), E>) -> Result<T, E> {
    let mut collection = ManuallyDrop::new(T::default());
    match fill(&mut collection) {
        Ok(()) => Ok(ManuallyDrop::into_inner(collection)),
        Err(error) => {
            discard(&mut *collection);
            Err(error)
        }
    }
}

/// Drops a value where no code for it stands in the way.
#[cold]
#[inline(never)]
pub(super) fn discard<T: Default>(value: &mut T) {
    *value = T::default();
}

/// Where the next value goes. Nothing is there yet.
struct Place<'a, T>(&'a mut Option<T>);

impl<'de, T: Field> DeserializeSeed<'de> for Place<'_, T> {
    type Value = ();

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let value = T::read(deserializer)?;
        // An assignment would look for what it has to drop.
        mem::forget(self.0.replace(value));
        Ok(())
    }
}

/// A list to which the next value is added.
struct Push<'a, T>(&'a mut Vec<T>);

impl<'de, T: Field> DeserializeSeed<'de> for Push<'_, T> {
    type Value = ();

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.0.push(T::read(deserializer)?);
        Ok(())
    }
}

/// What can be done with the fields of an object, one after the other.
pub trait Fields: Sized {
    /// How many there are.
    const COUNT: usize;
    /// References to them.
    type Refs<'a>;
    /// What has been read so far: nothing, by default.
    type Partial: Default;

    /// Reads the next value into the field at `index`.
    ///
    /// # Errors
    /// It has another shape.
    fn read<'de, A: MapAccess<'de>>(partial: &mut Self::Partial, index: usize, map: &mut A) -> Result<(), A::Error>;

    /// The first of these `members` that has not been read and must be there: its place in the object's list.
    fn missing(partial: &Self::Partial, members: Members) -> Option<usize>;

    /// Takes the fields of an object, of which none is [missing](Self::missing).
    fn take(partial: &mut Self::Partial) -> Option<Self>;

    /// Writes the fields as these `members`.
    ///
    /// # Errors
    /// The output can't take it.
    fn write<M: SerializeMap>(refs: Self::Refs<'_>, members: Members, map: &mut M) -> Result<(), M::Error>;

    /// Copies the fields.
    fn copy(refs: Self::Refs<'_>) -> Self;

    /// Whether all fields are equal.
    fn equal(one: Self::Refs<'_>, other: Self::Refs<'_>) -> bool;

    /// Shows the fields under the names of these `members`.
    fn show(refs: Self::Refs<'_>, members: Members, debug: &mut DebugStruct<'_, '_>);
}

/// More fields than one tuple takes.
#[derive(Debug)]
pub struct Split<A, B>(pub A, pub B);

#[inline(never)]
fn read_one<'de, T: Field, A: MapAccess<'de>>(partial: &mut Option<T>, map: &mut A) -> Result<(), A::Error> {
    if partial.is_some() {
        // Of members with the same name the last one counts.
        discard(partial);
    }
    map.next_value_seed(Place(partial))
}

/// A field that may be null may also be left out: payloads of other API versions lack some of them.
#[inline]
fn is_missing<T: Field>(partial: &Option<T>) -> bool {
    partial.is_none() && T::left_out().is_none()
}

#[inline]
fn write_one<T: Field, M: SerializeMap>(
    field: &T,
    members: Members,
    index: usize,
    map: &mut M,
) -> Result<(), M::Error> {
    if field.is_left_out() && members.is_optional(index) {
        return Ok(());
    }
    map.serialize_entry(members.name(index), field)
}

fn show_one<T: Field>(field: &T, members: Members, index: usize, debug: &mut DebugStruct<'_, '_>) {
    let shown: &dyn Debug = if members.is_secret(index) { &REDACTED } else { field };
    debug.field(members.name(index), shown);
}

impl<A: Fields, B: Fields> Fields for Split<A, B> {
    const COUNT: usize = A::COUNT + B::COUNT;
    type Refs<'a> = Split<A::Refs<'a>, B::Refs<'a>>;
    type Partial = (A::Partial, B::Partial);

    #[inline]
    fn read<'de, M: MapAccess<'de>>(partial: &mut Self::Partial, index: usize, map: &mut M) -> Result<(), M::Error> {
        match index.checked_sub(A::COUNT) {
            None => A::read(&mut partial.0, index, map),
            Some(index) => B::read(&mut partial.1, index, map),
        }
    }

    #[inline]
    fn missing(partial: &Self::Partial, members: Members) -> Option<usize> {
        A::missing(&partial.0, members).or_else(|| B::missing(&partial.1, members.after(A::COUNT)))
    }

    #[inline]
    fn take(partial: &mut Self::Partial) -> Option<Self> {
        Some(Self(A::take(&mut partial.0)?, B::take(&mut partial.1)?))
    }

    #[inline]
    fn write<M: SerializeMap>(refs: Self::Refs<'_>, members: Members, map: &mut M) -> Result<(), M::Error> {
        A::write(refs.0, members, map)?;
        B::write(refs.1, members.after(A::COUNT), map)
    }

    #[inline]
    fn copy(refs: Self::Refs<'_>) -> Self {
        Self(A::copy(refs.0), B::copy(refs.1))
    }

    #[inline]
    fn equal(one: Self::Refs<'_>, other: Self::Refs<'_>) -> bool {
        A::equal(one.0, other.0) && B::equal(one.1, other.1)
    }

    #[inline]
    fn show(refs: Self::Refs<'_>, members: Members, debug: &mut DebugStruct<'_, '_>) {
        A::show(refs.0, members, debug);
        B::show(refs.1, members.after(A::COUNT), debug);
    }
}

impl Fields for () {
    const COUNT: usize = 0;
    type Refs<'a> = ();
    type Partial = ();

    fn read<'de, A: MapAccess<'de>>(_partial: &mut (), index: usize, _map: &mut A) -> Result<(), A::Error> {
        Err(no_field(index))
    }

    fn missing(_partial: &(), _members: Members) -> Option<usize> {
        None
    }

    fn take(_partial: &mut ()) -> Option<()> {
        Some(())
    }

    fn write<M: SerializeMap>(_refs: (), _members: Members, _map: &mut M) -> Result<(), M::Error> {
        Ok(())
    }

    fn copy(_refs: ()) {}

    fn equal(_one: (), _other: ()) -> bool {
        true
    }

    fn show(_refs: (), _members: Members, _debug: &mut DebugStruct<'_, '_>) {}
}

#[cold]
fn no_field<E: Error>(index: usize) -> E {
    E::custom(format_args!("no field for member {index}"))
}

macro_rules! tuple {
    ($($field:ident $position:tt),+) => {
        impl<$($field: Field),+> Fields for ($($field,)+) {
            const COUNT: usize = [$($position),+].len();
            type Refs<'a> = ($(&'a $field,)+);
            type Partial = ($(Option<$field>,)+);

            #[inline]
            fn read<'de, M: MapAccess<'de>>(
                partial: &mut Self::Partial,
                index: usize,
                map: &mut M,
            ) -> Result<(), M::Error> {
                match index {
                    $($position => read_one(&mut partial.$position, map),)+
                    _ => Err(no_field(index)),
                }
            }

            #[inline]
            fn missing(partial: &Self::Partial, members: Members) -> Option<usize> {
                $(if is_missing(&partial.$position) {
                    return Some(members.place($position));
                })+
                None
            }

            #[inline]
            fn take(partial: &mut Self::Partial) -> Option<Self> {
                Some(($(partial.$position.take().or_else($field::left_out)?,)+))
            }

            #[inline]
            fn write<M: SerializeMap>(
                refs: Self::Refs<'_>,
                members: Members,
                map: &mut M,
            ) -> Result<(), M::Error> {
                $(write_one(refs.$position, members, $position, map)?;)+
                Ok(())
            }

            #[inline]
            fn copy(refs: Self::Refs<'_>) -> Self {
                ($(refs.$position.clone(),)+)
            }

            #[inline]
            fn equal(one: Self::Refs<'_>, other: Self::Refs<'_>) -> bool {
                $(one.$position == other.$position)&&+
            }

            fn show(refs: Self::Refs<'_>, members: Members, debug: &mut DebugStruct<'_, '_>) {
                $(show_one(refs.$position, members, $position, debug);)+
            }
        }
    };
}

tuple!(F0 0);
tuple!(F0 0, F1 1);
tuple!(F0 0, F1 1, F2 2);
tuple!(F0 0, F1 1, F2 2, F3 3);
tuple!(F0 0, F1 1, F2 2, F3 3, F4 4);
tuple!(F0 0, F1 1, F2 2, F3 3, F4 4, F5 5);
tuple!(F0 0, F1 1, F2 2, F3 3, F4 4, F5 5, F6 6);
tuple!(F0 0, F1 1, F2 2, F3 3, F4 4, F5 5, F6 6, F7 7);
tuple!(F0 0, F1 1, F2 2, F3 3, F4 4, F5 5, F6 6, F7 7, F8 8);
tuple!(F0 0, F1 1, F2 2, F3 3, F4 4, F5 5, F6 6, F7 7, F8 8, F9 9);
tuple!(F0 0, F1 1, F2 2, F3 3, F4 4, F5 5, F6 6, F7 7, F8 8, F9 9, F10 10);
tuple!(F0 0, F1 1, F2 2, F3 3, F4 4, F5 5, F6 6, F7 7, F8 8, F9 9, F10 10, F11 11);
