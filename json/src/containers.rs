//! Fields that hold other values: optional ones, lists, maps and tuples.

use std::collections::BTreeMap;

use crate::error::{Problem, ReadError, Step};
use crate::field::{Field, List, Map, View, read};
use crate::nullable::Nullable;
use crate::one_or_many::OneOrMany;
use crate::reader::{Read, Reader};
use crate::scan;

impl<T: Field> Field for Option<T> {
    #[inline]
    fn blank() -> Self {
        None
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        match reader.null() {
            Ok(false) => self.insert(T::blank()).read(reader),
            Ok(true) => {
                *self = None;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn view(&self) -> View<'_> {
        match self {
            Some(value) => View::Variant("Some", value),
            None => View::Absent,
        }
    }
}

impl<T: Field> Field for Nullable<T> {
    #[inline]
    fn blank() -> Self {
        Self::Absent
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        match reader.null() {
            Ok(false) => {
                let value = read(reader)?;
                *self = Self::Value(value);
            }
            Ok(true) if reader.is_of_nothing() => *self = Self::Absent,
            Ok(true) => *self = Self::Null,
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn view(&self) -> View<'_> {
        match self {
            Self::Absent => View::Absent,
            Self::Null => View::Null,
            Self::Value(value) => View::Variant("Value", value),
        }
    }
}

impl<T: Field> Field for Box<T> {
    #[inline]
    fn blank() -> Self {
        Self::new(T::blank())
    }

    #[inline]
    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        (**self).read(reader)
    }

    #[inline]
    fn view(&self) -> View<'_> {
        (**self).view()
    }
}

impl<T: Field> Field for Vec<T> {
    #[inline]
    fn blank() -> Self {
        Self::new()
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        self.clear();
        read_list(reader, self)
    }

    #[inline]
    fn view(&self) -> View<'_> {
        View::List(self)
    }
}

/// A list that grows by one element at a time.
trait Growing {
    /// Adds an element to be read into.
    fn grow(&mut self) -> Option<&mut dyn Field>;
}

impl<T: Field> Growing for Vec<T> {
    fn grow(&mut self) -> Option<&mut dyn Field> {
        self.push(T::blank());
        match self.last_mut() {
            Some(last) => Some(last),
            None => None,
        }
    }
}

fn read_list(reader: &mut Reader<'_>, list: &mut dyn Growing) -> Read<()> {
    reader.open(b'[', || "a sequence".into())?;
    let mut index = 0;
    while reader.element(index == 0)? {
        if let Some(element) = list.grow() {
            element.read(reader).map_err(|error| error.inside(Step::Index(index)))?;
        }
        index += 1;
    }
    Ok(())
}

impl<T: Field> Field for OneOrMany<T> {
    fn blank() -> Self {
        Self::Many(Vec::new())
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        *self = match reader.peek() {
            Some(b'[') => Self::Many(read(reader)?),
            _ => Self::One(read(reader)?),
        };
        Ok(())
    }

    fn view(&self) -> View<'_> {
        match self {
            Self::One(value) => View::Variant("One", value),
            Self::Many(values) => View::Variant("Many", values),
        }
    }
}

impl<K: Field + Ord, V: Field> Field for BTreeMap<K, V> {
    #[inline]
    fn blank() -> Self {
        Self::new()
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        self.clear();
        read_map(reader, self)
    }

    #[inline]
    fn view(&self) -> View<'_> {
        View::Map(self)
    }
}

/// A map that takes one entry at a time.
trait Taking {
    /// Reads an entry. The name comes next.
    fn take(&mut self, reader: &mut Reader<'_>) -> Read<()>;
}

impl<K: Field + Ord, V: Field> Taking for BTreeMap<K, V> {
    fn take(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        let key = read::<K>(reader)?;
        reader.colon()?;
        let value = read::<V>(reader)?;
        self.insert(key, value);
        Ok(())
    }
}

fn read_map(reader: &mut Reader<'_>, map: &mut dyn Taking) -> Read<()> {
    reader.open(b'{', || "a map".into())?;
    let mut is_first = true;
    while reader.property(is_first)? {
        is_first = false;
        let mark = reader.mark();
        map.take(reader).map_err(|error| {
            let name = scan::value(reader.text_from(mark)).and_then(scan::string);
            error.inside(Step::Key(name.unwrap_or_default().into()))
        })?;
    }
    Ok(())
}

/// Reads an array with a type for each position.
fn read_tuple(reader: &mut Reader<'_>, parts: &mut [&mut dyn Field]) -> Read<()> {
    let (at, _) = reader.rest();
    reader.open(b'[', || format!("a tuple of size {}", parts.len()).into())?;
    let expected = parts.len();
    for (index, part) in parts.iter_mut().enumerate() {
        if !reader.element(index == 0)? {
            return Err(ReadError::new(Problem::Length { found: index, expected }, at));
        }
        part.read(reader).map_err(|error| error.inside(Step::Index(index)))?;
    }
    let mut found = expected;
    while reader.element(expected == 0)? {
        reader.pass()?;
        found += 1;
    }
    if found > expected { Err(ReadError::new(Problem::Length { found, expected }, at)) } else { Ok(()) }
}

macro_rules! tuple {
    ($($part:ident $index:tt),+) => {
        impl<$($part: Field),+> Field for ($($part,)+) {
            fn blank() -> Self {
                ($($part::blank(),)+)
            }

            fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
                read_tuple(reader, &mut [$(&mut self.$index),+])
            }

            fn view(&self) -> View<'_> {
                View::List(self)
            }
        }

        impl<$($part: Field),+> List for ($($part,)+) {
            fn count(&self) -> usize {
                [$($index),+].len()
            }

            fn item(&self, index: usize) -> Option<View<'_>> {
                match index {
                    $($index => Some(self.$index.view()),)+
                    _ => None,
                }
            }
        }
    };
}

tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);

impl<T: Field> List for Vec<T> {
    fn count(&self) -> usize {
        self.len()
    }

    #[expect(clippy::manual_map, reason = "`map` is one more function for each type")]
    fn item(&self, index: usize) -> Option<View<'_>> {
        match self.get(index) {
            Some(item) => Some(item.view()),
            None => None,
        }
    }
}

impl<K: Field, V: Field> Map for BTreeMap<K, V> {
    fn count(&self) -> usize {
        self.len()
    }

    fn each<'a>(&'a self, take: &mut dyn FnMut(View<'a>, View<'a>)) {
        self.iter().for_each(|(key, value)| take(key.view(), value.view()));
    }
}
