//! The description of a JSON object: its properties, and which of them are optional, secret or constant.

use crate::constant::Constant;

/// The description of a JSON object that a struct represents.
#[derive(Clone, Copy, Debug)]
pub struct Object {
    /// Name of the type, for error messages.
    pub name: &'static str,
    /// Names of the properties that have a field, in the order of the fields.
    pub properties: &'static [&'static str],
    /// Indices in `properties` of those that may be absent. All others are required, but may be null.
    pub optional: &'static [usize],
    /// Indices in `properties` of those that `Debug` redacts.
    pub secret: &'static [usize],
    /// Properties whose value is fixed. They have no field.
    pub constants: &'static [Constant],
}

impl Object {
    /// An object without properties, for struct update syntax.
    pub const EMPTY: Self = Self { name: "", properties: &[], optional: &[], secret: &[], constants: &[] };

    /// Returns the name of a property by its index, or an empty name for a wrong index.
    #[inline]
    pub(crate) fn property(&self, index: usize) -> &'static str {
        self.properties.get(index).copied().unwrap_or_default()
    }

    /// Returns whether JSON text contains the names without escapes, so that they can be compared with the text.
    pub(crate) const fn has_plain_names(&self) -> bool {
        let mut rest = self.properties;
        while let [first, others @ ..] = rest {
            let mut name = first.as_bytes();
            while let [byte, bytes @ ..] = name {
                if *byte == b'\\' || *byte == b'"' || *byte < b' ' {
                    return false;
                }
                name = bytes;
            }
            rest = others;
        }
        true
    }
}

/// The names that belong to the fields of a tuple: the properties of an object from an index on.
#[derive(Clone, Copy, Debug)]
pub struct FieldNames {
    object: &'static Object,
    first: usize,
}

impl FieldNames {
    pub(crate) fn of(object: &'static Object) -> Self {
        Self { object, first: 0 }
    }

    /// Returns the names after the first `count`.
    pub(crate) fn after(self, count: usize) -> Self {
        Self { first: self.first + count, ..self }
    }

    /// Returns the index in [`Object::properties`] of the field at `index`.
    #[inline]
    pub(crate) fn index_of(self, index: usize) -> usize {
        self.first + index
    }

    /// Returns the name of the property of the field at `index`.
    #[inline]
    pub(crate) fn name(self, index: usize) -> &'static str {
        self.object.property(self.index_of(index))
    }

    /// Returns whether the property may be absent.
    pub(crate) fn is_optional(self, index: usize) -> bool {
        self.object.optional.contains(&self.index_of(index))
    }

    /// Returns whether `Debug` redacts the property.
    pub(crate) fn is_secret(self, index: usize) -> bool {
        self.object.secret.contains(&self.index_of(index))
    }
}
