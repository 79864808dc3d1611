//! Unions whose variant a property beside them tells.

use std::fmt;

use serde::Serialize;

use super::decode::remember_below;
use super::raw::Piece;

/// Text of a value that is decoded once more.
pub type Text<'a> = Piece<'a, serde_json::Error>;

/// Why a value does not fit the tag beside it.
#[derive(Debug)]
pub struct Mismatch {
    name: &'static str,
    tag: String,
    message: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` for the tag {:?}: {}", self.name, self.tag, self.message)
    }
}

impl std::error::Error for Mismatch {}

/// Decodes the property `name` again if it is not the variant that the `tag` beside it names. `tags` are those of the
/// variant that it is now.
///
/// # Errors
/// The value does not have the shape of the variant that the tag names.
pub fn settle<T: Serialize>(
    value: Option<&mut T>,
    name: &'static str,
    tag: Option<&str>,
    tags: fn(&T) -> &'static [&'static str],
    read: for<'a> fn(&str, Text<'a>) -> Result<T, serde_json::Error>,
) -> Result<(), Mismatch> {
    let (Some(value), Some(tag)) = (value, tag) else { return Ok(()) };
    if tags(value).contains(&tag) {
        return Ok(());
    }
    let again = serde_json::to_string(value).and_then(|text| {
        let read = read(tag, Piece::new(&text));
        read.inspect_err(|_| remember_below(name, &text))
    });
    match again {
        Ok(again) => {
            *value = again;
            Ok(())
        }
        Err(error) => Err(Mismatch { name, tag: tag.to_owned(), message: error.to_string() }),
    }
}
