//! Fields with a single value: strings, numbers, ids, dates and any JSON.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::error::{Problem, ReadError};
use crate::field::{Field, View};
use crate::number::Number;
use crate::reader::{Mark, Numeral, Read, Reader};
use crate::secret::Secret;
use crate::{scan, timestamp};

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
        View::Secret(self.expose())
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
fn out_of_range(reader: &mut Reader<'_>, mark: Mark) -> ReadError {
    reader.return_to(mark);
    ReadError::new(Problem::Range, reader.rest().0)
}

#[cold]
fn not_an_integer(reader: &mut Reader<'_>, mark: Mark) -> ReadError {
    reader.return_to(mark);
    let (_, text) = reader.rest();
    let digits = scan::value(text).unwrap_or_default().trim_start_matches('-');
    // serde_json reads an integer that fits no integer type as a float.
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
        match self {
            Self::Integer(number) => View::Variant("Integer", number),
            Self::Float(number) => View::Variant("Float", number),
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
