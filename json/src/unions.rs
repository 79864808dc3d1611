//! Unions: the text of a value is inspected, then read as the variant it belongs to.
//!
//! How variants are distinguished is data. The code that decides is here, once for all unions.

use std::borrow::Cow;

use crate::choice::Choice;
use crate::error::{Problem, ReadError, Step};
use crate::reader::{Mark, Read, Reader};
use crate::scan;
use crate::shapes::{Alternatives, JsonKind, VariantShape, fit, kind};
use crate::unknown::Unknown;

/// The description of a union for the reader.
#[derive(Clone, Copy, Debug)]
pub struct Variants {
    /// Name of the type.
    pub name: &'static str,
    /// How the variants are distinguished.
    pub decision: Decision,
    /// Variants for which a value that does not fit is kept as unknown: another version of the API may have one more
    /// variant.
    pub open: &'static [usize],
    /// Variants, each with those that are tried in this order if a value has its tag and does not fit it.
    pub fallbacks: &'static [(usize, &'static [usize])],
}

impl Variants {
    /// The default, for struct update syntax.
    pub const EMPTY: Self = Self { name: "", decision: Decision::Structure(&[]), open: &[], fallbacks: &[] };
}

/// How variants are distinguished.
#[derive(Clone, Copy, Debug)]
pub enum Decision {
    /// One variant is left.
    Variant(usize),
    /// Objects are distinguished in one way, all other values in another.
    ByKind {
        /// The decision between objects.
        objects: &'static Decision,
        /// The decision between values of other JSON types.
        others: &'static Decision,
    },
    /// By the string, boolean or number at a path of properties.
    Tag(Tag),
    /// By the JSON type of the value and its properties.
    Structure(&'static [VariantShape]),
}

/// A decision by the value at a path of properties.
#[derive(Clone, Copy, Debug)]
pub struct Tag {
    /// Property names, from the object to the tag.
    pub path: &'static [&'static str],
    /// Whether the tag is a string rather than a boolean or a number.
    pub is_text: bool,
    /// Values of the tag, with their outcomes.
    pub cases: &'static [(&'static [&'static str], Decision)],
    /// The outcome for a tag that is not listed in the cases.
    pub unlisted: Unlisted,
    /// The decision for objects without the tag. If there is none, a missing tag is an error.
    pub absent: Option<&'static Decision>,
}

/// The outcome for a tag that is not listed in the cases.
#[derive(Clone, Copy, Debug)]
pub enum Unlisted {
    /// The value is kept as unknown.
    Unknown,
    /// It is read as this variant, whose schema allows any tag. So is a value that does not fit the variant of its tag.
    Variant(usize),
    /// It is read as this variant, which may contain the tag as an undeclared property. If it does not fit, it is kept
    /// as unknown.
    VariantOrUnknown(usize),
    /// The same as for an object without the tag.
    Absent,
}

/// A union of types.
pub trait Union {
    /// Reads the next value as the variant at this index.
    ///
    /// # Errors
    /// It has another structure.
    fn read_variant(&mut self, index: usize, reader: &mut Reader<'_>) -> Result<(), ReadError>;

    /// Sets an unknown variant.
    fn set_unknown(&mut self, unknown: Unknown);
}

/// Reads a union: inspects the text of the value, and reads it as the variant it belongs to.
///
/// # Errors
/// The value has another structure than its variant, or no variant has its structure.
pub fn read_union(
    variants: &'static Variants,
    reader: &mut Reader<'_>,
    union: &mut dyn Union,
) -> Result<(), ReadError> {
    let choice = match reader.told.take() {
        Some(told) => told,
        None => decide(&variants.decision, variants, reader)?,
    };
    let start = reader.mark();
    match choice {
        Choice::Variant(index) => union.read_variant(index, reader),
        Choice::Guess(index) if variants.open.contains(&index) => or_unknown(index, None, reader, union),
        Choice::Guess(index) => {
            let error = match union.read_variant(index, reader) {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            let fallbacks = variants.fallbacks.iter().find(|(variant, _)| *variant == index);
            first_that_fits(fallbacks.map_or(&[], |(_, others)| *others), error, start, reader, union)
        }
        Choice::Either(tagged, other) => match union.read_variant(tagged, reader) {
            Ok(()) => Ok(()),
            Err(error) => first_that_fits(&[other], error, start, reader, union),
        },
        Choice::VariantOrUnknown(index, tag) => or_unknown(index, Some(tag), reader, union),
        Choice::Unknown(tag) => unknown(tag, reader, union),
    }
}

/// Reads the value as the first of these variants that it fits. The error is about the variant of its tag.
fn first_that_fits(
    variants: &[usize],
    error: ReadError,
    start: Mark,
    reader: &mut Reader<'_>,
    union: &mut dyn Union,
) -> Read<()> {
    for &variant in variants {
        reader.return_to(start);
        if union.read_variant(variant, reader).is_ok() {
            return Ok(());
        }
    }
    Err(error)
}

fn or_unknown(index: usize, tag: Option<String>, reader: &mut Reader<'_>, union: &mut dyn Union) -> Read<()> {
    let start = reader.mark();
    if union.read_variant(index, reader).is_ok() {
        return Ok(());
    }
    reader.return_to(start);
    unknown(tag, reader, union)
}

fn unknown(tag: Option<String>, reader: &mut Reader<'_>, union: &mut dyn Union) -> Read<()> {
    union.set_unknown(Unknown::new(tag.as_deref(), reader.value()?));
    Ok(())
}

fn decide(decision: &Decision, variants: &Variants, reader: &mut Reader<'_>) -> Read<Choice> {
    match decision {
        Decision::Variant(index) => Ok(Choice::Guess(*index)),
        Decision::ByKind { objects, others } => {
            let decision = if kind(reader.rest().1) == JsonKind::Object { objects } else { others };
            decide(decision, variants, reader)
        }
        Decision::Tag(tag) => by_tag(tag, variants, reader),
        Decision::Structure(shapes) => by_structure(shapes, variants, reader),
    }
}

fn by_tag(tag: &Tag, variants: &Variants, reader: &mut Reader<'_>) -> Read<Choice> {
    let value = at(tag.path, reader);
    let found = match tag.is_text {
        true => value.and_then(scan::string),
        false => value
            .filter(|value| matches!(kind(value), JsonKind::Boolean | JsonKind::Integer | JsonKind::Number))
            .map(Cow::Borrowed),
    };
    if let Some(found) = found {
        let case = tag.cases.iter().find(|(values, _)| values.contains(&&*found));
        match (case, tag.unlisted) {
            (Some((_, Decision::Variant(index))), Unlisted::Variant(other)) => {
                return Ok(Choice::Either(*index, other));
            }
            (Some((_, decision)), _) => return decide(decision, variants, reader),
            (None, Unlisted::Unknown) => return Ok(Choice::Unknown(Some(found.into_owned()))),
            (None, Unlisted::Variant(other)) => return Ok(Choice::Guess(other)),
            (None, Unlisted::VariantOrUnknown(variant)) => {
                return Ok(Choice::VariantOrUnknown(variant, found.into_owned()));
            }
            (None, Unlisted::Absent) => {}
        }
    }
    match tag.absent {
        Some(absent) => decide(absent, variants, reader),
        None => Err(untagged(tag.path, variants.name, reader)),
    }
}

/// Returns the text at a path of properties of the next value.
fn at<'a>(path: &[&str], reader: &mut Reader<'a>) -> Option<&'a str> {
    let (first, below) = path.split_first()?;
    let (start, text) = reader.rest();
    let behind = if reader.ahead.0 == start { reader.ahead.1 } else { 0 };
    let (value, end) = scan::property_from(text, behind, first)?;
    reader.ahead = (start, end);
    below.iter().try_fold(value, |text, name| scan::property(text, name))
}

/// The error for an object whose tag is missing or has another JSON type, and for a value that is not an object.
#[cold]
fn untagged(path: &[&'static str], name: &'static str, reader: &mut Reader<'_>) -> ReadError {
    let start = reader.mark();
    let (mut at, mut value) = reader.rest();
    // An error that the text is not JSON is more useful.
    if reader.pass().is_err() {
        return ReadError::syntax();
    }
    reader.return_to(start);
    let mut steps = Vec::new();
    let mut problem = None;
    for &step in path {
        if kind(value) != JsonKind::Object {
            problem = Some(Problem::NoVariant { expected: format!("an object ({name})") });
            break;
        }
        match scan::property(value, step) {
            Some(inner) => {
                at += (inner.as_ptr() as usize).saturating_sub(value.as_ptr() as usize);
                value = inner;
                steps.push(step);
            }
            None => {
                problem = Some(Problem::Missing { name: step, of: Some(name) });
                break;
            }
        }
    }
    let problem = problem.unwrap_or_else(|| Problem::NoVariant { expected: format!("the tag of {name}") });
    let error = ReadError::new(problem, at);
    steps.into_iter().rev().fold(error, |error, step| error.inside(Step::Name(step)))
}

fn by_structure(shapes: &'static [VariantShape], variants: &Variants, reader: &mut Reader<'_>) -> Read<Choice> {
    let is_whole = reader.is_whole();
    let (at, text) = reader.rest();
    if let Some(shape) = fit(text, is_whole, shapes).and_then(|index| shapes.get(index)) {
        return Ok(Choice::Guess(shape.variant));
    }
    let found = kind(text);
    // A string that is not a constant of the union is unknown. Any other value that no variant allows is an error.
    if shapes.iter().any(|shape| shape.kind == found && shape.is_constant()) {
        let constant = scan::value(text).and_then(scan::string);
        return Ok(Choice::Unknown(constant.map(Cow::into_owned)));
    }
    let start = reader.mark();
    reader.pass()?;
    reader.return_to(start);
    let expected = format!("{} ({})", Alternatives(shapes), variants.name);
    Err(ReadError::new(Problem::NoVariant { expected }, at))
}
