//! Slots: where the members of an object go, and where they come from.
//!
//! The slots of a struct are a tuple, or a tuple of tuples where there are many. Reading gives [`Required`] and
//! [`Optional`] values; writing takes them around references.

use serde::de::{Error, MapAccess};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize};

use super::Nullable;

/// The names of all members from a slot on.
type Names = &'static [&'static str];

/// A member that must be there, though it may be null.
#[derive(Clone, Copy, Debug)]
pub struct Required<T>(pub T);

/// A member that may be left out.
#[derive(Clone, Copy, Debug)]
pub struct Optional<T>(pub T);

/// Slots that are filled while an object is read.
pub trait ReadSlots<'de>: Sized {
    /// How many members they take.
    const COUNT: usize;
    /// What has been read so far.
    type Partial;

    /// Nothing has been read yet.
    fn empty() -> Self::Partial;

    /// Reads the next value into the slot at `index`.
    ///
    /// # Errors
    /// It has another shape.
    fn read<A: MapAccess<'de>>(partial: &mut Self::Partial, index: usize, map: &mut A) -> Result<(), A::Error>;

    /// The object has ended.
    ///
    /// # Errors
    /// A member is missing; `names` has the names of all.
    fn finish<E: Error>(partial: Self::Partial, names: Names) -> Result<Self, E>;
}

/// Slots that are emptied while an object is written.
pub trait WriteSlots {
    /// How many members they give.
    const COUNT: usize;

    /// Writes them under their names.
    ///
    /// # Errors
    /// The output can't take it.
    fn write<M: SerializeMap>(self, map: &mut M, names: Names) -> Result<(), M::Error>;
}

/// The name of a slot. A name that is missing would be a mistake of the generator.
fn first(names: Names) -> &'static str {
    names.first().copied().unwrap_or_default()
}

impl<'de, T: Deserialize<'de>> ReadSlots<'de> for Required<T> {
    const COUNT: usize = 1;
    type Partial = Option<T>;

    fn empty() -> Option<T> {
        None
    }

    fn read<A: MapAccess<'de>>(partial: &mut Option<T>, _index: usize, map: &mut A) -> Result<(), A::Error> {
        *partial = Some(map.next_value()?);
        Ok(())
    }

    fn finish<E: Error>(partial: Option<T>, names: Names) -> Result<Self, E> {
        partial.map(Self).ok_or_else(|| E::missing_field(first(names)))
    }
}

macro_rules! optional {
    ($slot:ident, $empty:expr) => {
        impl<'de, T: Deserialize<'de>> ReadSlots<'de> for Optional<$slot<T>> {
            const COUNT: usize = 1;
            type Partial = $slot<T>;

            fn empty() -> $slot<T> {
                $empty
            }

            fn read<A: MapAccess<'de>>(partial: &mut $slot<T>, _index: usize, map: &mut A) -> Result<(), A::Error> {
                *partial = map.next_value()?;
                Ok(())
            }

            fn finish<E: Error>(partial: $slot<T>, _names: Names) -> Result<Self, E> {
                Ok(Self(partial))
            }
        }
    };
}

optional!(Option, None);
optional!(Nullable, Nullable::Absent);

impl<T: Serialize> WriteSlots for Required<&T> {
    const COUNT: usize = 1;

    fn write<M: SerializeMap>(self, map: &mut M, names: Names) -> Result<(), M::Error> {
        map.serialize_entry(first(names), self.0)
    }
}

impl<T: Serialize> WriteSlots for Optional<&Option<T>> {
    const COUNT: usize = 1;

    fn write<M: SerializeMap>(self, map: &mut M, names: Names) -> Result<(), M::Error> {
        match self.0 {
            Some(value) => map.serialize_entry(first(names), value),
            None => Ok(()),
        }
    }
}

impl<T: Serialize> WriteSlots for Optional<&Nullable<T>> {
    const COUNT: usize = 1;

    fn write<M: SerializeMap>(self, map: &mut M, names: Names) -> Result<(), M::Error> {
        match self.0 {
            Nullable::Absent => Ok(()),
            Nullable::Null => map.serialize_entry(first(names), &()),
            Nullable::Value(value) => map.serialize_entry(first(names), value),
        }
    }
}

/// The names after the first `count`.
fn after(names: Names, count: usize) -> Names {
    names.get(count..).unwrap_or_default()
}

impl<'de> ReadSlots<'de> for () {
    const COUNT: usize = 0;
    type Partial = ();

    fn empty() {}

    fn read<A: MapAccess<'de>>(_partial: &mut (), _index: usize, _map: &mut A) -> Result<(), A::Error> {
        Ok(())
    }

    fn finish<E: Error>(_partial: (), _names: Names) -> Result<Self, E> {
        Ok(())
    }
}

impl WriteSlots for () {
    const COUNT: usize = 0;

    fn write<M: SerializeMap>(self, _map: &mut M, _names: Names) -> Result<(), M::Error> {
        Ok(())
    }
}

macro_rules! tuple {
    ($($slot:ident $position:tt),+) => {
        impl<'de, $($slot: ReadSlots<'de>),+> ReadSlots<'de> for ($($slot,)+) {
            const COUNT: usize = 0 $(+ $slot::COUNT)+;
            type Partial = ($($slot::Partial,)+);

            fn empty() -> Self::Partial {
                ($($slot::empty(),)+)
            }

            fn read<M: MapAccess<'de>>(
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

            #[allow(unused_assignments, reason = "nothing comes after the last slot")]
            fn finish<E: Error>(partial: Self::Partial, mut names: Names) -> Result<Self, E> {
                Ok(($({
                    let slot = $slot::finish(partial.$position, names)?;
                    names = after(names, $slot::COUNT);
                    slot
                },)+))
            }
        }

        impl<$($slot: WriteSlots),+> WriteSlots for ($($slot,)+) {
            const COUNT: usize = 0 $(+ $slot::COUNT)+;

            #[allow(unused_assignments, reason = "nothing comes after the last slot")]
            fn write<M: SerializeMap>(self, map: &mut M, mut names: Names) -> Result<(), M::Error> {
                $(
                    self.$position.write(map, names)?;
                    names = after(names, $slot::COUNT);
                )+
                Ok(())
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
