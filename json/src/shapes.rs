//! What tells the variants of a union apart if no tag does: kinds of values, and the properties that objects have.

use std::fmt;

use super::scan;

/// Kinds of JSON values, integers apart from other numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A number without fraction and exponent.
    Integer,
    /// Any number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        })
    }
}

/// What an array must hold to be a member; an empty array fits any.
pub type ElementKind = Kind;

/// What tells one member of a union from the others, where no tag does.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The position of the variant.
    pub variant: usize,
    /// The kind of value.
    pub kind: Kind,
    /// The kind of an array's elements, where members differ in it.
    pub element: Option<ElementKind>,
    /// Members that must be there.
    pub required: &'static [&'static str],
    /// Members of members that must be there: paths of names, from the value down.
    pub below: &'static [&'static [&'static str]],
    /// Members that may be there.
    pub optional: &'static [&'static str],
    /// Members, or the value itself under an empty name, that must be one of these JSON scalars.
    pub values: &'static [(&'static str, &'static [&'static str])],
}

impl Shape {
    /// Any object: nothing, for what a shape has none of.
    pub const EMPTY: Self =
        Self { variant: 0, kind: Kind::Object, element: None, required: &[], below: &[], optional: &[], values: &[] };

    /// Whether it lists all values that it admits.
    pub(crate) fn is_constant(&self) -> bool {
        self.values.iter().any(|(name, _)| name.is_empty())
    }
}

/// The kinds of values that shapes admit, each once: `a string or an object`.
pub(crate) struct Alternatives<'a>(pub(crate) &'a [Shape]);

impl fmt::Display for Alternatives<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_first = |(index, shape): &(usize, &Shape)| self.0.iter().take(*index).all(|s| s.kind != shape.kind);
        let kinds: Vec<_> = self.0.iter().enumerate().filter(is_first).map(|(_, shape)| shape.kind).collect();
        for (index, kind) in kinds.iter().enumerate() {
            let separator = match index {
                0 => "",
                _ if index + 1 == kinds.len() => " or ",
                _ => ", ",
            };
            write!(f, "{separator}{kind}")?;
        }
        Ok(())
    }
}

/// A value that is held against shapes.
struct Fitting<'a> {
    text: &'a str,
    kind: Kind,
    members: scan::Walk<'a>,
}

impl<'a> Fitting<'a> {
    /// Text that begins with the value at a path of member names.
    fn at(&mut self, path: &[&str]) -> Option<&'a str> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.members.find(first)?, |text, name| scan::member(text, name))
    }

    fn is_of_kind(&self, shape: &Shape) -> bool {
        shape.kind == self.kind || (shape.kind == Kind::Number && self.kind == Kind::Integer)
    }

    /// The object or array that lacks least of what it must have.
    #[cold]
    fn closest(&mut self, shapes: &[Shape]) -> Option<usize> {
        let mut closest = None;
        for (index, shape) in shapes.iter().enumerate() {
            if self.is_of_kind(shape) && matches!(self.kind, Kind::Object | Kind::Array) {
                let own = shape.required.iter().filter(|name| self.members.find(name).is_none()).count();
                let missing = own + shape.below.iter().filter(|path| self.at(path).is_none()).count();
                if closest.is_none_or(|(_, least)| missing < least) {
                    closest = Some((index, missing));
                }
            }
        }
        closest.map(|(index, _)| index)
    }

    fn fits(&mut self, shape: &Shape) -> bool {
        self.is_of_kind(shape)
            && shape.required.iter().all(|name| self.members.find(name).is_some())
            && shape.below.iter().all(|path| self.at(path).is_some())
            && shape.element.is_none_or(|wanted| element_fits(self.text, wanted))
            && shape.values.iter().all(|(name, allowed)| {
                let value = if name.is_empty() { Some(self.text) } else { self.members.find(name) };
                value.and_then(scan::value).is_none_or(|value| allowed.contains(&value))
            })
    }

    /// How well it fits, which it does.
    fn score(&mut self, shape: &Shape) -> (usize, usize, usize) {
        let known = shape.optional.iter().filter(|name| self.members.find(name).is_some()).count();
        let exact = shape.values.len() + usize::from(shape.kind == self.kind);
        (shape.required.len() + known, exact, usize::MAX - shape.required.len() - shape.optional.len())
    }
}

pub(crate) fn fit(text: &str, is_whole: bool, shapes: &[Shape]) -> Option<usize> {
    let mut value = Fitting { text, kind: kind(text), members: scan::Walk::new(text, is_whole) };
    let mut best: Option<usize> = None;
    for (index, shape) in shapes.iter().enumerate() {
        if value.fits(shape) && best.is_none_or(|best| value.score(shape) > value.score(&shapes[best])) {
            best = Some(index);
        }
    }
    best.or_else(|| value.closest(shapes))
}

fn element_fits(text: &str, wanted: Kind) -> bool {
    scan::first_element(text).is_none_or(|first| {
        let found = kind(first);
        found == wanted || (wanted == Kind::Number && found == Kind::Integer)
    })
}

pub(crate) fn kind(text: &str) -> Kind {
    match text.as_bytes().first() {
        Some(b'{') => Kind::Object,
        Some(b'[') => Kind::Array,
        Some(b'"') => Kind::String,
        Some(b't' | b'f') => Kind::Boolean,
        Some(b'n') => Kind::Null,
        _ if scan::value(text).is_some_and(|number| number.contains(['.', 'e', 'E'])) => Kind::Number,
        _ => Kind::Integer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_that_declares_most_members_fits_best() {
        const fn object(required: &'static [&'static str]) -> Shape {
            Shape { required, optional: &["name"], ..Shape::EMPTY }
        }
        let shapes = [object(&["sub"]), object(&["sub", "email"])];
        let fit = |text: &str| super::fit(text, true, &shapes);
        assert_eq!(fit(r#"{"sub":"x","name":"n"}"#), Some(0));
        assert_eq!(fit(r#"{"sub":"x","email":"n"}"#), Some(1));
        assert_eq!(fit(r#"{"email":"x"}"#), Some(0), "it lacks as much of both");
        assert_eq!(fit("[]"), None);
    }

    #[test]
    fn a_member_that_must_be_there_may_stand_below() {
        let shape = Shape { below: &[&["a", "b"]], optional: &["a"], ..Shape::EMPTY };
        assert_eq!(fit(r#"{"a":{"b":1}}"#, true, &[shape]), Some(0));
        let shapes = [shape, Shape { below: &[&["a", "c"]], ..shape }];
        assert_eq!(fit(r#"{"a":{"c":1}}"#, true, &shapes), Some(1));
    }
}
