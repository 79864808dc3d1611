//! Unions whose variant is named by a tag in the object around them.

use std::fmt;

use serde::Serialize;

use crate::failure::remember_below;
use crate::union::CapturedText;

/// The text of a property that is decoded again.
pub type PropertyText<'a> = CapturedText<'a, serde_json::Error>;

/// The error of a property that does not fit the variant that its tag names.
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

/// Decodes the property `name` again if it is not the variant that `tag` names. `tags` returns the tags of the current
/// variant, and `read` decodes the variant of a tag.
///
/// # Errors
/// Returns an error if the value does not fit the variant that the tag names.
pub fn apply_parent_tag<T: Serialize>(
    value: Option<&mut T>,
    name: &'static str,
    tag: Option<&str>,
    tags: fn(&T) -> &'static [&'static str],
    read: for<'a> fn(&str, PropertyText<'a>) -> Result<T, serde_json::Error>,
) -> Result<(), Mismatch> {
    let (Some(value), Some(tag)) = (value, tag) else { return Ok(()) };
    if tags(value).contains(&tag) {
        return Ok(());
    }
    let again = serde_json::to_string(value).and_then(|text| {
        let read = read(tag, CapturedText::new(&text));
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
