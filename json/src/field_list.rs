//! All fields of a struct, as one type.
//!
//! A struct names the types of its fields as a tuple, or as a [`FieldList`] of tuples if it has more fields than a tuple
//! takes. Fields are passed around in such tuples, and references to fields in tuples of the same form. What is done
//! field by field is compiled once for each type of field, not for each struct.

use std::fmt::{Debug, DebugStruct};

use serde::de::{Error, MapAccess};
use serde::ser::SerializeMap;

use crate::field::{Field, Slot, discard};
use crate::object::FieldNames;
use crate::secret::REDACTED;

/// Operations on all fields of a struct.
pub trait Fields: Sized {
    /// Number of fields.
    const COUNT: usize;
    /// References to the fields.
    type Refs<'a>;
    /// The fields that have been read so far. None by default.
    type Partial: Default;

    /// Reads the next value into the field at `index`.
    ///
    /// # Errors
    /// Returns an error if the value does not fit the type of the field.
    fn read<'de, A: MapAccess<'de>>(partial: &mut Self::Partial, index: usize, map: &mut A) -> Result<(), A::Error>;

    /// Returns the index in [`Object::properties`](crate::Object::properties) of the first required property that has not
    /// been read.
    fn missing(partial: &Self::Partial, names: FieldNames) -> Option<usize>;

    /// Takes the fields out. `None` if one is [missing](Self::missing).
    fn take(partial: &mut Self::Partial) -> Option<Self>;

    /// Writes the fields under these names.
    ///
    /// # Errors
    /// Returns the error of the serializer.
    fn write<M: SerializeMap>(refs: Self::Refs<'_>, names: FieldNames, map: &mut M) -> Result<(), M::Error>;

    /// Copies the fields.
    fn copy(refs: Self::Refs<'_>) -> Self;

    /// Returns whether all fields are equal.
    fn equal(one: Self::Refs<'_>, other: Self::Refs<'_>) -> bool;

    /// Adds the fields to a `Debug` text under these names, without secrets.
    fn show(refs: Self::Refs<'_>, names: FieldNames, debug: &mut DebugStruct<'_, '_>);
}

/// Two lists of fields as one, for structs with more fields than a tuple takes.
#[derive(Debug)]
pub struct FieldList<A, B>(pub A, pub B);

#[inline(never)]
fn read_one<'de, T: Field, A: MapAccess<'de>>(partial: &mut Option<T>, map: &mut A) -> Result<(), A::Error> {
    if partial.is_some() {
        // The last of several properties with the same name counts.
        discard(partial);
    }
    map.next_value_seed(Slot(partial))
}

/// A property that may be null may also be absent: payloads of other API versions lack some properties.
#[inline]
fn is_missing<T: Field>(partial: &Option<T>) -> bool {
    partial.is_none() && T::if_absent().is_none()
}

#[inline]
fn write_one<T: Field, M: SerializeMap>(
    field: &T,
    names: FieldNames,
    index: usize,
    map: &mut M,
) -> Result<(), M::Error> {
    if field.is_absent_value() && names.is_optional(index) {
        return Ok(());
    }
    map.serialize_entry(names.name(index), field)
}

fn show_one<T: Field>(field: &T, names: FieldNames, index: usize, debug: &mut DebugStruct<'_, '_>) {
    let shown: &dyn Debug = if names.is_secret(index) { &REDACTED } else { field };
    debug.field(names.name(index), shown);
}

impl<A: Fields, B: Fields> Fields for FieldList<A, B> {
    const COUNT: usize = A::COUNT + B::COUNT;
    type Refs<'a> = FieldList<A::Refs<'a>, B::Refs<'a>>;
    type Partial = (A::Partial, B::Partial);

    #[inline]
    fn read<'de, M: MapAccess<'de>>(partial: &mut Self::Partial, index: usize, map: &mut M) -> Result<(), M::Error> {
        match index.checked_sub(A::COUNT) {
            None => A::read(&mut partial.0, index, map),
            Some(index) => B::read(&mut partial.1, index, map),
        }
    }

    #[inline]
    fn missing(partial: &Self::Partial, names: FieldNames) -> Option<usize> {
        A::missing(&partial.0, names).or_else(|| B::missing(&partial.1, names.after(A::COUNT)))
    }

    #[inline]
    fn take(partial: &mut Self::Partial) -> Option<Self> {
        Some(Self(A::take(&mut partial.0)?, B::take(&mut partial.1)?))
    }

    #[inline]
    fn write<M: SerializeMap>(refs: Self::Refs<'_>, names: FieldNames, map: &mut M) -> Result<(), M::Error> {
        A::write(refs.0, names, map)?;
        B::write(refs.1, names.after(A::COUNT), map)
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
    fn show(refs: Self::Refs<'_>, names: FieldNames, debug: &mut DebugStruct<'_, '_>) {
        A::show(refs.0, names, debug);
        B::show(refs.1, names.after(A::COUNT), debug);
    }
}

impl Fields for () {
    const COUNT: usize = 0;
    type Refs<'a> = ();
    type Partial = ();

    fn read<'de, A: MapAccess<'de>>(_partial: &mut (), index: usize, _map: &mut A) -> Result<(), A::Error> {
        Err(no_field(index))
    }

    fn missing(_partial: &(), _names: FieldNames) -> Option<usize> {
        None
    }

    fn take(_partial: &mut ()) -> Option<()> {
        Some(())
    }

    fn write<M: SerializeMap>(_refs: (), _names: FieldNames, _map: &mut M) -> Result<(), M::Error> {
        Ok(())
    }

    fn copy(_refs: ()) {}

    fn equal(_one: (), _other: ()) -> bool {
        true
    }

    fn show(_refs: (), _names: FieldNames, _debug: &mut DebugStruct<'_, '_>) {}
}

#[cold]
fn no_field<E: Error>(index: usize) -> E {
    E::custom(format_args!("no field with index {index}"))
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
            fn missing(partial: &Self::Partial, names: FieldNames) -> Option<usize> {
                $(if is_missing(&partial.$position) {
                    return Some(names.index_of($position));
                })+
                None
            }

            #[inline]
            fn take(partial: &mut Self::Partial) -> Option<Self> {
                Some(($(partial.$position.take().or_else($field::if_absent)?,)+))
            }

            #[inline]
            fn write<M: SerializeMap>(
                refs: Self::Refs<'_>,
                names: FieldNames,
                map: &mut M,
            ) -> Result<(), M::Error> {
                $(write_one(refs.$position, names, $position, map)?;)+
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

            fn show(refs: Self::Refs<'_>, names: FieldNames, debug: &mut DebugStruct<'_, '_>) {
                $(show_one(refs.$position, names, $position, debug);)+
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
