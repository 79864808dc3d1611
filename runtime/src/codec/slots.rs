//! Slots: where the members of an object go, and where they come from.
//!
//! A struct names its slots as a type: a tuple of [`Required`], [`Optional`] and [`Redacted`], or a tuple of such
//! tuples where there are many. No value of these types is ever made; what travels are the values of the fields, and
//! references to them, in tuples of the same form.

use std::fmt::{Debug, DebugStruct};
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::{DeserializeOwned, Error, MapAccess};
use serde::ser::SerializeMap;

use super::Nullable;
use super::object::REDACTED;

/// The names of all members from a slot on.
type Names = &'static [&'static str];

/// What the type of a field can do.
pub trait Field: DeserializeOwned + Serialize + Clone + PartialEq + Debug + 'static {}

impl<T: DeserializeOwned + Serialize + Clone + PartialEq + Debug + 'static> Field for T {}

/// The type of a field whose member may be left out: it is by default.
pub trait LeftOut: Default {
    /// Whether the member is left out.
    fn is_left_out(&self) -> bool;
}

impl<T> LeftOut for Option<T> {
    #[inline]
    fn is_left_out(&self) -> bool {
        self.is_none()
    }
}

impl<T> LeftOut for Nullable<T> {
    #[inline]
    fn is_left_out(&self) -> bool {
        self.is_absent()
    }
}

/// A member that must be there, though it may be null.
#[derive(Debug)]
pub struct Required<T>(PhantomData<T>);

/// A member that may be left out.
#[derive(Debug)]
pub struct Optional<T>(PhantomData<T>);

/// A member that holds a secret, which `Debug` does not show.
#[derive(Debug)]
pub struct Redacted<S>(PhantomData<S>);

/// What can be done with the members of an object, one after the other.
pub trait Slots {
    /// How many members they take.
    const COUNT: usize;
    /// The fields.
    type Values;
    /// References to the fields.
    type Refs<'a>;
    /// What has been read so far.
    type Partial;

    /// Nothing has been read yet.
    fn empty() -> Self::Partial;

    /// Reads the next value into the slot at `index`.
    ///
    /// # Errors
    /// It has another shape.
    fn read<'de, A: MapAccess<'de>>(partial: &mut Self::Partial, index: usize, map: &mut A) -> Result<(), A::Error>;

    /// The object has ended.
    ///
    /// # Errors
    /// A member is missing; `names` has the names of all.
    fn finish<E: Error>(partial: Self::Partial, names: Names) -> Result<Self::Values, E>;

    /// Writes the members under their names.
    ///
    /// # Errors
    /// The output can't take it.
    fn write<M: SerializeMap>(refs: Self::Refs<'_>, map: &mut M, names: Names) -> Result<(), M::Error>;

    /// Copies the fields.
    fn copy(refs: Self::Refs<'_>) -> Self::Values;

    /// Whether all fields are equal.
    fn equal(one: Self::Refs<'_>, other: Self::Refs<'_>) -> bool;

    /// Shows the fields under the names of their members.
    fn show(refs: Self::Refs<'_>, debug: &mut DebugStruct<'_, '_>, names: Names);
}

/// The name of a slot. A name that is missing would be a mistake of the generator.
fn first(names: Names) -> &'static str {
    names.first().copied().unwrap_or_default()
}

/// What slots of one field have in common.
macro_rules! field {
    ($field:ty) => {
        const COUNT: usize = 1;
        type Values = $field;
        type Refs<'a> = &'a $field;

        #[inline]
        fn copy(field: &$field) -> $field {
            field.clone()
        }

        #[inline]
        fn equal(one: &$field, other: &$field) -> bool {
            one == other
        }

        #[inline]
        fn show(field: &$field, debug: &mut DebugStruct<'_, '_>, names: Names) {
            debug.field(first(names), field);
        }
    };
}

impl<T: Field> Slots for Required<T> {
    field!(T);
    type Partial = Option<T>;

    #[inline]
    fn empty() -> Option<T> {
        None
    }

    #[inline]
    fn read<'de, A: MapAccess<'de>>(partial: &mut Option<T>, _index: usize, map: &mut A) -> Result<(), A::Error> {
        *partial = Some(map.next_value()?);
        Ok(())
    }

    #[inline]
    fn finish<E: Error>(partial: Option<T>, names: Names) -> Result<T, E> {
        partial.ok_or_else(|| E::missing_field(first(names)))
    }

    #[inline]
    fn write<M: SerializeMap>(field: &T, map: &mut M, names: Names) -> Result<(), M::Error> {
        map.serialize_entry(first(names), field)
    }
}

impl<T: Field + LeftOut> Slots for Optional<T> {
    field!(T);
    type Partial = T;

    #[inline]
    fn empty() -> T {
        T::default()
    }

    #[inline]
    fn read<'de, A: MapAccess<'de>>(partial: &mut T, _index: usize, map: &mut A) -> Result<(), A::Error> {
        *partial = map.next_value()?;
        Ok(())
    }

    #[inline]
    fn finish<E: Error>(partial: T, _names: Names) -> Result<T, E> {
        Ok(partial)
    }

    #[inline]
    fn write<M: SerializeMap>(field: &T, map: &mut M, names: Names) -> Result<(), M::Error> {
        if field.is_left_out() { Ok(()) } else { map.serialize_entry(first(names), field) }
    }
}

impl<S: Slots> Slots for Redacted<S> {
    const COUNT: usize = S::COUNT;
    type Values = S::Values;
    type Refs<'a> = S::Refs<'a>;
    type Partial = S::Partial;

    #[inline]
    fn empty() -> S::Partial {
        S::empty()
    }

    #[inline]
    fn read<'de, A: MapAccess<'de>>(partial: &mut S::Partial, index: usize, map: &mut A) -> Result<(), A::Error> {
        S::read(partial, index, map)
    }

    #[inline]
    fn finish<E: Error>(partial: S::Partial, names: Names) -> Result<S::Values, E> {
        S::finish(partial, names)
    }

    #[inline]
    fn write<M: SerializeMap>(refs: S::Refs<'_>, map: &mut M, names: Names) -> Result<(), M::Error> {
        S::write(refs, map, names)
    }

    #[inline]
    fn copy(refs: S::Refs<'_>) -> S::Values {
        S::copy(refs)
    }

    #[inline]
    fn equal(one: S::Refs<'_>, other: S::Refs<'_>) -> bool {
        S::equal(one, other)
    }

    fn show(_refs: S::Refs<'_>, debug: &mut DebugStruct<'_, '_>, names: Names) {
        debug.field(first(names), &REDACTED);
    }
}

/// The names after the first `count`.
#[inline]
fn after(names: Names, count: usize) -> Names {
    names.get(count..).unwrap_or_default()
}

impl Slots for () {
    const COUNT: usize = 0;
    type Values = ();
    type Refs<'a> = ();
    type Partial = ();

    fn empty() {}

    fn read<'de, A: MapAccess<'de>>(_partial: &mut (), _index: usize, _map: &mut A) -> Result<(), A::Error> {
        Ok(())
    }

    fn finish<E: Error>(_partial: (), _names: Names) -> Result<(), E> {
        Ok(())
    }

    fn write<M: SerializeMap>(_refs: (), _map: &mut M, _names: Names) -> Result<(), M::Error> {
        Ok(())
    }

    fn copy(_refs: ()) {}

    fn equal(_one: (), _other: ()) -> bool {
        true
    }

    fn show(_refs: (), _debug: &mut DebugStruct<'_, '_>, _names: Names) {}
}

macro_rules! tuple {
    ($($slot:ident $position:tt),+) => {
        impl<$($slot: Slots),+> Slots for ($($slot,)+) {
            const COUNT: usize = 0 $(+ $slot::COUNT)+;
            type Values = ($($slot::Values,)+);
            type Refs<'a> = ($($slot::Refs<'a>,)+);
            type Partial = ($($slot::Partial,)+);

            #[inline]
            fn empty() -> Self::Partial {
                ($($slot::empty(),)+)
            }

            #[inline]
            fn read<'de, M: MapAccess<'de>>(
                partial: &mut Self::Partial,
                mut index: usize,
                map: &mut M,
            ) -> Result<(), M::Error> {
                $(
                    if index < $slot::COUNT {
                        return $slot::read(&mut partial.$position, index, map);
                    }
                    index -= $slot::COUNT;
                )+
                Err(M::Error::custom(format_args!("no slot for a member, {index} behind the last one")))
            }

            #[inline]
            #[allow(unused_assignments, reason = "nothing comes after the last slot")]
            fn finish<E: Error>(partial: Self::Partial, mut names: Names) -> Result<Self::Values, E> {
                Ok(($({
                    let value = $slot::finish(partial.$position, names)?;
                    names = after(names, $slot::COUNT);
                    value
                },)+))
            }

            #[inline]
            #[allow(unused_assignments, reason = "nothing comes after the last slot")]
            fn write<M: SerializeMap>(refs: Self::Refs<'_>, map: &mut M, mut names: Names) -> Result<(), M::Error> {
                $(
                    $slot::write(refs.$position, map, names)?;
                    names = after(names, $slot::COUNT);
                )+
                Ok(())
            }

            #[inline]
            fn copy(refs: Self::Refs<'_>) -> Self::Values {
                ($($slot::copy(refs.$position),)+)
            }

            #[inline]
            fn equal(one: Self::Refs<'_>, other: Self::Refs<'_>) -> bool {
                $($slot::equal(one.$position, other.$position))&&+
            }

            #[allow(unused_assignments, reason = "nothing comes after the last slot")]
            fn show(refs: Self::Refs<'_>, debug: &mut DebugStruct<'_, '_>, mut names: Names) {
                $(
                    $slot::show(refs.$position, debug, names);
                    names = after(names, $slot::COUNT);
                )+
            }
        }
    };
}

tuple!(S0 0);
tuple!(S0 0, S1 1);
tuple!(S0 0, S1 1, S2 2);
tuple!(S0 0, S1 1, S2 2, S3 3);
tuple!(S0 0, S1 1, S2 2, S3 3, S4 4);
tuple!(S0 0, S1 1, S2 2, S3 3, S4 4, S5 5);
tuple!(S0 0, S1 1, S2 2, S3 3, S4 4, S5 5, S6 6);
tuple!(S0 0, S1 1, S2 2, S3 3, S4 4, S5 5, S6 6, S7 7);
tuple!(S0 0, S1 1, S2 2, S3 3, S4 4, S5 5, S6 6, S7 7, S8 8);
tuple!(S0 0, S1 1, S2 2, S3 3, S4 4, S5 5, S6 6, S7 7, S8 8, S9 9);
tuple!(S0 0, S1 1, S2 2, S3 3, S4 4, S5 5, S6 6, S7 7, S8 8, S9 9, S10 10);
tuple!(S0 0, S1 1, S2 2, S3 3, S4 4, S5 5, S6 6, S7 7, S8 8, S9 9, S10 10, S11 11);
