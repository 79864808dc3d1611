//! Fields: how a value of each type is read, and what of it is written.

use std::collections::BTreeMap;
use std::fmt::Debug;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::error::{Problem, Step};
use super::reader::{Numeral, Read};
use super::view::{List, Map, View};
use super::{Nullable, Number, OneOrMany, ReadError, Reader, Secret, timestamp};

/// The type of a field.
///
/// A value is read in place: [`blank`](Self::blank) makes it, and [`read`](Self::read) fills it. All loops work on
/// `dyn Field`, so that a type costs the compiler these functions and no more.
pub trait Field: Debug {
    /// A value without content, to be read into. For a type that may be left out, this is the absent value.
    #[doc(hidden)]
    fn blank() -> Self
    where
        Self: Sized;

    /// Reads the next value.
    ///
    /// # Errors
    /// The text has another shape.
    #[doc(hidden)]
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), ReadError>;

    /// What is written of the value.
    #[doc(hidden)]
    fn view(&self) -> View<'_>;

    /// Makes it the absent value, and returns whether the type has one.
    #[doc(hidden)]
    fn leave_out(&mut self) -> bool {
        false
    }
}

/// Reads a value of a type.
pub(crate) fn read<T: Field>(reader: &mut Reader<'_>) -> Read<T> {
    let mut value = T::blank();
    value.read(reader)?;
    Ok(value)
}

impl Field for String {
    #[inline]
    fn blank() -> Self {
        Self::new()
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        *self = reader.string()?.into_owned();
        Ok(())
    }

    fn view(&self) -> View<'_> {
        View::Text(self)
    }
}

impl Field for Secret {
    fn blank() -> Self {
        Self::from(String::new())
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        *self = reader.string()?.into_owned().into();
        Ok(())
    }

    fn view(&self) -> View<'_> {
        View::Text(self.expose())
    }
}

impl Field for bool {
    #[inline]
    fn blank() -> Self {
        false
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        *self = reader.boolean()?;
        Ok(())
    }

    fn view(&self) -> View<'_> {
        View::Boolean(*self)
    }
}

impl Field for i64 {
    #[inline]
    fn blank() -> Self {
        0
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        let mark = reader.mark();
        *self = match reader.number("i64")? {
            Numeral::Integer(number) => number,
            Numeral::Large(_) => return Err(out_of_range(reader, mark)),
            Numeral::Float(_) => return Err(not_an_integer(reader, mark)),
        };
        Ok(())
    }

    fn view(&self) -> View<'_> {
        View::Integer(*self)
    }
}

#[cold]
fn out_of_range(reader: &mut Reader<'_>, mark: super::reader::Mark) -> ReadError {
    reader.return_to(mark);
    ReadError::new(Problem::Range, reader.rest().0)
}

#[cold]
fn not_an_integer(reader: &mut Reader<'_>, mark: super::reader::Mark) -> ReadError {
    reader.return_to(mark);
    let (_, text) = reader.rest();
    let digits = super::scan::value(text).unwrap_or_default().trim_start_matches('-');
    // An integer that no integer type holds is a float for serde_json.
    if digits.len() > 1 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return out_of_range(reader, mark);
    }
    reader.mismatch("i64")
}

#[expect(clippy::cast_precision_loss, reason = "the field is a float")]
impl Field for f64 {
    #[inline]
    fn blank() -> Self {
        0.0
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        *self = match reader.number("f64")? {
            Numeral::Integer(number) => number as Self,
            Numeral::Large(number) => number as Self,
            Numeral::Float(number) => number,
        };
        Ok(())
    }

    fn view(&self) -> View<'_> {
        View::Float(*self)
    }
}

#[expect(clippy::cast_precision_loss, reason = "no integer type of this crate holds it")]
impl Field for Number {
    #[inline]
    fn blank() -> Self {
        Self::Integer(0)
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        *self = match reader.number("a number")? {
            Numeral::Integer(number) => Self::Integer(number),
            Numeral::Large(number) => Self::Float(number as f64),
            Numeral::Float(number) => Self::Float(number),
        };
        Ok(())
    }

    fn view(&self) -> View<'_> {
        match *self {
            Self::Integer(number) => View::Integer(number),
            Self::Float(number) => View::Float(number),
        }
    }
}

impl Field for Uuid {
    #[inline]
    fn blank() -> Self {
        Self::nil()
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        let (at, _) = reader.rest();
        let text = reader.string_as("a UUID")?;
        *self = Self::try_parse(&text).map_err(|_| ReadError::new(Problem::Uuid, at))?;
        Ok(())
    }

    fn view(&self) -> View<'_> {
        View::Uuid(*self)
    }
}

impl Field for DateTime<Utc> {
    #[inline]
    fn blank() -> Self {
        Self::UNIX_EPOCH
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        let (at, _) = reader.rest();
        let text = reader.string_as("a date and time such as `2026-04-16T12:34:56Z`")?;
        *self = timestamp::parse(&text).ok_or_else(|| ReadError::new(Problem::Time, at))?;
        Ok(())
    }

    fn view(&self) -> View<'_> {
        View::Time(*self)
    }
}

impl Field for NaiveDate {
    #[inline]
    fn blank() -> Self {
        Self::default()
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        let (at, _) = reader.rest();
        let text = reader.string_as("a date such as `2026-04-16`")?;
        *self = text.parse().map_err(|_| ReadError::new(Problem::Date, at))?;
        Ok(())
    }

    fn view(&self) -> View<'_> {
        View::Date(*self)
    }
}

impl Field for Value {
    #[inline]
    fn blank() -> Self {
        Self::Null
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        *self = reader.value()?;
        Ok(())
    }

    fn view(&self) -> View<'_> {
        View::Json(self)
    }
}

impl<T: Field> Field for Option<T> {
    #[inline]
    fn blank() -> Self {
        None
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        if reader.null()? {
            *self = None;
            return Ok(());
        }
        self.insert(T::blank()).read(reader)
    }

    fn view(&self) -> View<'_> {
        self.as_ref().map_or(View::Absent, T::view)
    }

    fn leave_out(&mut self) -> bool {
        *self = None;
        true
    }
}

impl<T: Field> Field for Nullable<T> {
    #[inline]
    fn blank() -> Self {
        Self::Absent
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        *self = read::<Option<T>>(reader)?.into();
        Ok(())
    }

    fn view(&self) -> View<'_> {
        match self {
            Self::Absent => View::Absent,
            Self::Null => View::Null,
            Self::Value(value) => value.view(),
        }
    }

    fn leave_out(&mut self) -> bool {
        *self = Self::Absent;
        true
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
        self.last_mut().map(|last| last as &mut dyn Field)
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
            Self::One(value) => value.view(),
            Self::Many(values) => View::List(values),
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
            let name = super::scan::value(reader.text_from(mark)).and_then(super::scan::string);
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
            fn len(&self) -> usize {
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
    fn len(&self) -> usize {
        self.len()
    }

    fn item(&self, index: usize) -> Option<View<'_>> {
        self.get(index).map(T::view)
    }
}

impl<K: Field, V: Field> Map for BTreeMap<K, V> {
    fn len(&self) -> usize {
        self.len()
    }

    fn each(&self, take: &mut dyn FnMut(View<'_>, View<'_>)) {
        self.iter().for_each(|(key, value)| take(key.view(), value.view()));
    }
}
