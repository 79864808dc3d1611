//! Objects with declared properties: the loop that reads them all, and their `Debug` output.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use crate::choice::{Choice, Told};
use crate::constant::Constant;
use crate::error::{Problem, ReadError, Step};
use crate::extra::Extra;
use crate::field::{self, Field, Object, Parts, Rest, View};
use crate::reader::{Mark, Read, Reader};
use crate::scan;

impl<'a> Parts<'a> {
    /// Constants that are written. If another value came in place of one, it is among the undeclared properties.
    pub(crate) fn constants(&self) -> impl Iterator<Item = (&'static str, View<'a>)> {
        let rest = self.rest;
        let constants = self.object.constants.iter().filter(|constant| !rest.has(constant.name));
        constants.map(|constant| (constant.name, constant.value.view()))
    }

    /// Properties with a field that are written.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'static str, View<'a>)> {
        let fields = self.object.properties.iter().zip(self.fields);
        fields.filter_map(|(property, field)| match field.view() {
            View::Absent if property.optional => None,
            view => Some((property.name, view)),
        })
    }

    /// Calls `take` with each property that is written.
    pub fn each(&self, take: &mut dyn FnMut(&str, View<'_>)) {
        // Constants come first: a reader that looks for the tag of a union finds it at once.
        self.constants().chain(self.fields()).for_each(|(name, view)| take(name, view));
        self.rest.each(take);
    }
}

impl Rest for Extra {
    fn label(&self) -> &'static str {
        "extra"
    }

    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }

    #[inline]
    fn reset(&mut self) {
        *self = Self::default();
    }

    fn keep(&mut self, name: &str, reader: &mut Reader<'_>) -> Read<()> {
        self.insert(name, reader.value()?);
        Ok(())
    }

    fn has(&self, constant: &str) -> bool {
        self.get(constant).is_some()
    }

    fn each<'a>(&'a self, take: &mut dyn FnMut(&'a str, View<'a>)) {
        self.iter().for_each(|(name, value)| take(name, View::Json(value)));
    }
}

/// Returns the number of properties with a declared type.
impl<V: Field> Rest for BTreeMap<String, V> {
    fn label(&self) -> &'static str {
        "additional_properties"
    }

    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&View::Map(self), f)
    }

    fn reset(&mut self) {
        self.clear();
    }

    fn keep(&mut self, name: &str, reader: &mut Reader<'_>) -> Read<()> {
        self.insert(name.to_owned(), field::read(reader)?);
        Ok(())
    }

    fn has(&self, _constant: &str) -> bool {
        false
    }

    fn each<'a>(&'a self, take: &mut dyn FnMut(&'a str, View<'a>)) {
        self.iter().for_each(|(name, value)| take(name, value.view()));
    }
}

/// Reads an object into the fields of a model.
///
/// # Errors
/// The text is not an object, or a property is missing or has another structure.
pub fn read_object(
    object: &'static Object,
    reader: &mut Reader<'_>,
    fields: &mut [&mut dyn Field],
    rest: &mut dyn Rest,
) -> Result<(), ReadError> {
    let start = {
        reader.peek();
        reader.mark()
    };
    reader.open(b'{', || format!("an object ({})", object.name).into())?;
    rest.reset();
    let mut seen = Seen::default();
    // Servers write properties in the order of the document, so the next one is found without a search.
    let mut next = 0;
    let mut is_first = true;
    while reader.property(is_first)? {
        is_first = false;
        let index = match object.properties.get(next) {
            Some(property) if object.plain && reader.is_named(property.name) => next,
            _ => match find(object, next, reader.name()?) {
                Name::Field(index) => index,
                name => {
                    keep(object, name, reader, rest, &mut seen)?;
                    continue;
                }
            },
        };
        if !object.parent_tags.is_empty() {
            reader.told = told(object, index, reader.text_from(start));
        }
        if let Some(field) = fields.get_mut(index)
            && let Err(error) = field.read(reader)
        {
            return Err(inside(object, index, error));
        }
        reader.told = None;
        seen.set(index);
        next = index + 1;
    }
    missing(object, fields, &seen, start, reader)
}

#[cold]
fn inside(object: &'static Object, index: usize, error: ReadError) -> ReadError {
    error.inside(Step::Name(object.properties.get(index).map_or("", |property| property.name)))
}

/// Returns an error if a required property or constant is missing.
fn missing(
    object: &'static Object,
    fields: &mut [&mut dyn Field],
    seen: &Seen,
    start: Mark,
    reader: &mut Reader<'_>,
) -> Read<()> {
    let is_missing = |(index, constant): &(usize, &Constant)| constant.required && seen.constants & (1 << index) == 0;
    let constant = object.constants.iter().enumerate().take(64).find(is_missing).map(|(_, constant)| constant.name);
    let name = constant.or_else(|| {
        let mut nothing = Reader::of_nothing();
        let mut unseen = fields.iter_mut().enumerate().filter(|(index, _)| !seen.has(*index));
        let absent = unseen.find_map(|(index, field)| field.read(&mut nothing).is_err().then_some(index))?;
        object.properties.get(absent).map(|property| property.name)
    });
    let Some(name) = name else { return Ok(()) };
    reader.return_to(start);
    let (at, _) = reader.rest();
    Err(ReadError::new(Problem::Missing { name, of: None }, at))
}

enum Name<'a> {
    Field(usize),
    Constant(usize),
    Other(Cow<'a, str>),
}

/// Returns the meaning of a property that is not the expected next one.
#[inline(never)]
fn find<'a>(object: &'static Object, next: usize, name: Cow<'a, str>) -> Name<'a> {
    if let Some(index) = object.constants.iter().position(|constant| constant.name == name) {
        return Name::Constant(index);
    }
    let (before, after) = object.properties.split_at(next.min(object.properties.len()));
    let later = after.iter().position(|known| known.name == name).map(|index| index + before.len());
    match later.or_else(|| before.iter().position(|known| known.name == name)) {
        Some(index) => Name::Field(index),
        None => Name::Other(name),
    }
}

/// Keeps a property that has no field.
#[inline(never)]
fn keep(
    object: &'static Object,
    name: Name<'_>,
    reader: &mut Reader<'_>,
    rest: &mut dyn Rest,
    seen: &mut Seen,
) -> Read<()> {
    match name {
        Name::Field(_) => Ok(()),
        Name::Constant(index) => {
            seen.constants |= 1u64.checked_shl(u32::try_from(index).unwrap_or(u32::MAX)).unwrap_or_default();
            let Some(constant) = object.constants.get(index) else { return Ok(()) };
            let mark = reader.mark();
            let read = constant.read(reader).and_then(|is_it| {
                if is_it {
                    return Ok(());
                }
                reader.return_to(mark);
                rest.keep(constant.name, reader)
            });
            read.map_err(|error| error.inside(Step::Name(constant.name)))
        }
        Name::Other(name) => rest.keep(&name, reader).map_err(|error| error.inside(Step::Key(name.into()))),
    }
}

/// Returns the variant of the union in a field, if a property of the object determines it. `text` begins with the
/// object.
#[inline(never)]
fn told(object: &'static Object, index: usize, text: &str) -> Option<Told> {
    let tag = object.parent_tags.iter().find(|tag| tag.field == index)?;
    let (first, below) = tag.path.split_first()?;
    let value = below.iter().try_fold(scan::property(text, first)?, |value, name| scan::property(value, name))?;
    let found = scan::string(value)?;
    Some(match tag.cases.iter().find(|(case, _)| *case == found) {
        Some((_, variant)) => Choice::Variant(*variant),
        None => Choice::Unknown(Some(found.into_owned())),
    })
}

/// The properties that were read, one bit for each.
#[derive(Default)]
struct Seen {
    constants: u64,
    fields: [u64; 4],
    more: Vec<usize>,
}

impl Seen {
    #[inline]
    fn set(&mut self, index: usize) {
        match self.fields.get_mut(index / 64) {
            Some(bits) => *bits |= 1 << (index % 64),
            None => self.more.push(index),
        }
    }

    #[inline]
    fn has(&self, index: usize) -> bool {
        match self.fields.get(index / 64) {
            Some(bits) => bits & (1 << (index % 64)) != 0,
            None => self.more.contains(&index),
        }
    }
}
