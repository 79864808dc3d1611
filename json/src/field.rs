//! The types of fields, and how one value is read into a field.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::marker::PhantomData;
use std::mem::{self, ManuallyDrop};

use chrono::{DateTime, NaiveDate, Utc};
use serde::de::{DeserializeOwned, DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{Nullable, Number, Secret, raw, timestamp};

/// The type of a field.
pub trait Field: DeserializeOwned + Serialize + Clone + PartialEq + Debug + 'static {
    /// Reads a value with the result of [`Deserialize`], possibly faster.
    ///
    /// # Errors
    /// Returns an error if the input does not fit the type.
    #[inline]
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }

    /// Returns the value of the field if its property is absent. `None` if the property must be present.
    #[inline]
    #[must_use]
    fn if_absent() -> Option<Self> {
        None
    }

    /// Returns whether the property is absent.
    #[inline]
    fn is_absent_value(&self) -> bool {
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
    fn if_absent() -> Option<Self> {
        Some(None)
    }

    #[inline]
    fn is_absent_value(&self) -> bool {
        self.is_none()
    }
}

impl<T: Field> Field for Nullable<T> {
    #[inline]
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::<T>::read(deserializer).map(Self::from)
    }

    #[inline]
    fn if_absent() -> Option<Self> {
        Some(Self::Absent)
    }

    #[inline]
    fn is_absent_value(&self) -> bool {
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
pub(crate) struct Read<T>(pub(crate) T);

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
        filled(|entries: &mut BTreeMap<K, V>| {
            while let Some((name, Read(value))) = map.next_entry()? {
                entries.insert(name, value);
            }
            Ok(())
        })
    }
}

/// Fills a collection. It is dropped in one place, so that the code is small; a panic leaks it.
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

/// Drops a value. The code is kept out of the functions that call it.
#[cold]
#[inline(never)]
pub(crate) fn discard<T: Default>(value: &mut T) {
    *value = T::default();
}

/// An empty slot that the next value is read into.
pub(crate) struct Slot<'a, T>(pub(crate) &'a mut Option<T>);

impl<'de, T: Field> DeserializeSeed<'de> for Slot<'_, T> {
    type Value = ();

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let value = T::read(deserializer)?;
        // An assignment would add code that drops the previous value.
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
