//! Distinguishes variants of a union without a tag, by the JSON type of the value and the properties of objects.

use std::fmt;

use crate::scan;

/// The type of a JSON value. Integers are a type of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonKind {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A number without fraction and exponent.
    Integer,
    /// Any other number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl fmt::Display for JsonKind {
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

/// What distinguishes one variant of a union from the others if there is no tag.
#[derive(Clone, Copy, Debug)]
pub struct VariantShape {
    /// Position of the variant.
    pub variant: usize,
    /// JSON type of the value.
    pub kind: JsonKind,
    /// JSON type of the elements, if arrays of different elements are variants. An empty array fits all of them.
    pub element: Option<JsonKind>,
    /// Required properties. They are not null, unless `values` says so.
    pub required: &'static [&'static str],
    /// Required nested properties, as paths of names.
    pub nested: &'static [&'static [&'static str]],
    /// Optional properties.
    pub optional: &'static [&'static str],
    /// Properties that must have one of these JSON scalars, if present. An empty name means the value itself.
    pub values: &'static [(&'static str, &'static [&'static str])],
}

impl VariantShape {
    /// Any object, for struct update syntax.
    pub const EMPTY: Self = Self {
        variant: 0,
        kind: JsonKind::Object,
        element: None,
        required: &[],
        nested: &[],
        optional: &[],
        values: &[],
    };

    /// Returns whether null is the value of a required property.
    fn admits_null(&self, name: &str) -> bool {
        self.values.iter().any(|(known, values)| *known == name && values.contains(&"null"))
    }

    /// Returns whether the shape is a list of constants.
    pub(crate) fn is_constant(&self) -> bool {
        self.values.iter().any(|(name, _)| name.is_empty())
    }
}

/// Writes the JSON types of shapes, each once: `a string or an object`.
pub(crate) struct Alternatives<'a>(pub(crate) &'a [VariantShape]);

impl fmt::Display for Alternatives<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_first =
            |(index, shape): &(usize, &VariantShape)| self.0.iter().take(*index).all(|s| s.kind != shape.kind);
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

/// A value that is compared with shapes.
struct Candidate<'a> {
    text: &'a str,
    kind: JsonKind,
    properties: scan::PropertyLookup<'a>,
}

impl<'a> Candidate<'a> {
    /// Returns text that begins with the value at a path of property names.
    fn at(&mut self, path: &[&str]) -> Option<&'a str> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.properties.find(first)?, |text, name| scan::property(text, name))
    }

    fn is_of_kind(&self, shape: &VariantShape) -> bool {
        shape.kind == self.kind || (shape.kind == JsonKind::Number && self.kind == JsonKind::Integer)
    }

    /// Returns the shape of which the object or array lacks fewest required properties.
    #[cold]
    fn closest(&mut self, shapes: &[VariantShape]) -> Option<usize> {
        let mut closest = None;
        for (index, shape) in shapes.iter().enumerate() {
            if self.is_of_kind(shape) && matches!(self.kind, JsonKind::Object | JsonKind::Array) {
                let own = shape.required.iter().filter(|name| self.properties.find(name).is_none()).count();
                let missing = own + shape.nested.iter().filter(|path| self.at(path).is_none()).count();
                if closest.is_none_or(|(_, least)| missing < least) {
                    closest = Some((index, missing));
                }
            }
        }
        closest.map(|(index, _)| index)
    }

    fn fits(&mut self, shape: &VariantShape) -> bool {
        self.is_of_kind(shape)
            && shape.required.iter().all(|name| {
                self.properties.find(name).is_some_and(|text| kind(text) != JsonKind::Null || shape.admits_null(name))
            })
            && shape.nested.iter().all(|path| self.at(path).is_some_and(|text| kind(text) != JsonKind::Null))
            && shape.element.is_none_or(|wanted| element_fits(self.text, wanted))
            && shape.values.iter().all(|(name, allowed)| {
                let value = if name.is_empty() { Some(self.text) } else { self.properties.find(name) };
                value.and_then(scan::value).is_none_or(|value| allowed.contains(&value))
            })
    }

    /// Returns how well a fitting shape fits.
    fn score(&mut self, shape: &VariantShape) -> (usize, usize, usize) {
        let known = shape.optional.iter().filter(|name| self.properties.find(name).is_some()).count();
        let exact = shape.values.len() + usize::from(shape.kind == self.kind);
        (shape.required.len() + known, exact, usize::MAX - shape.required.len() - shape.optional.len())
    }
}

/// Returns the index of the best shape. Among the shapes that fit, it is the one that declares most of the properties,
/// then the one that declares the fewest others, then the first. If none fits, it is the closest one for the same JSON
/// type, so that decoding the value as that variant reports what is wrong with it.
pub(crate) fn fit(text: &str, is_whole: bool, shapes: &[VariantShape]) -> Option<usize> {
    let mut value = Candidate { text, kind: kind(text), properties: scan::PropertyLookup::new(text, is_whole) };
    let mut best: Option<usize> = None;
    for (index, shape) in shapes.iter().enumerate() {
        if value.fits(shape) && best.is_none_or(|best| value.score(shape) > value.score(&shapes[best])) {
            best = Some(index);
        }
    }
    best.or_else(|| value.closest(shapes))
}

fn element_fits(text: &str, wanted: JsonKind) -> bool {
    scan::first_element(text).is_none_or(|first| {
        let found = kind(first);
        found == wanted || (wanted == JsonKind::Number && found == JsonKind::Integer)
    })
}

/// Returns the JSON type of the value that a text begins with.
pub(crate) fn kind(text: &str) -> JsonKind {
    match text.as_bytes().first() {
        Some(b'{') => JsonKind::Object,
        Some(b'[') => JsonKind::Array,
        Some(b'"') => JsonKind::String,
        Some(b't' | b'f') => JsonKind::Boolean,
        Some(b'n') => JsonKind::Null,
        _ if scan::value(text).is_some_and(|number| number.contains(['.', 'e', 'E'])) => JsonKind::Number,
        _ => JsonKind::Integer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_with_most_properties_fits_best() {
        const fn object(required: &'static [&'static str]) -> VariantShape {
            VariantShape { required, optional: &["name"], ..VariantShape::EMPTY }
        }
        let shapes = [object(&["sub"]), object(&["sub", "email"])];
        let fit = |text: &str| super::fit(text, true, &shapes);
        assert_eq!(fit(r#"{"sub":"x","name":"n"}"#), Some(0));
        assert_eq!(fit(r#"{"sub":"x","email":"n"}"#), Some(1));
        assert_eq!(fit(r#"{"email":"x"}"#), Some(0), "it lacks as much of both");
        assert_eq!(fit("[]"), None);
    }

    #[test]
    fn a_required_property_is_not_null() {
        let person = VariantShape { required: &["sub"], optional: &["name", "email"], ..VariantShape::EMPTY };
        let company = VariantShape { required: &["sub", "name"], ..VariantShape::EMPTY };
        let fit = |text: &str| super::fit(text, true, &[person, company]);
        assert_eq!(fit(r#"{"sub":"x","name":"n"}"#), Some(1));
        assert_eq!(fit(r#"{"sub":"x","name":null}"#), Some(0));
        assert_eq!(fit(r#"{"sub":"x","name": null, "email":null}"#), Some(0));
        let cleared = VariantShape { required: &["name"], values: &[("name", &["null"])], ..VariantShape::EMPTY };
        assert_eq!(super::fit(r#"{"name":null}"#, true, &[person, cleared]), Some(1));
        assert_eq!(super::fit(r#"{"sub":"x","name":"n"}"#, true, &[person, cleared]), Some(0));
    }

    #[test]
    fn a_required_property_may_be_nested() {
        let shape = VariantShape { nested: &[&["a", "b"]], optional: &["a"], ..VariantShape::EMPTY };
        assert_eq!(fit(r#"{"a":{"b":1}}"#, true, &[shape]), Some(0));
        let shapes = [shape, VariantShape { nested: &[&["a", "c"]], ..shape }];
        assert_eq!(fit(r#"{"a":{"c":1}}"#, true, &shapes), Some(1));
    }
}
