//! Unions, and how a reader tells their variants apart.

use super::arguments::Conversion;
use super::types::{Const, Type};

/// One of several types.
#[derive(Clone, Debug, PartialEq)]
pub struct Union {
    /// The variants.
    pub variants: Vec<Variant>,
    /// How to tell them apart.
    pub decision: Decision,
    /// Methods that read one value, whichever variant has it.
    pub accessors: Vec<Accessor>,
}

/// A variant of a union.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// Identifier of the variant.
    pub name: String,
    /// Words from which the identifier of a variant without a named type is made.
    pub context: String,
    /// What the variant holds.
    pub ty: Type,
    /// The one value that the variant allows; such a variant holds nothing.
    pub constant: Option<Const>,
    /// Whether the content is boxed.
    pub boxed: bool,
    /// How a value is read as this variant.
    pub reading: Reading,
    /// What converts into the union as this variant.
    pub conversions: Vec<Conversion>,
    /// What it means, if there is more to say than its type does.
    pub description: Option<String>,
}

/// How a value is read as a variant that it was decided to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// It is the constant of the variant.
    Constant,
    /// As the type of the variant.
    #[default]
    Content,
    /// As the type of the variant. A value that does not fit is kept as an unknown one.
    ContentOrUnknown,
    /// As another union, which decides by the same text.
    Union,
    /// As the type of the variant. If the value does not fit, these variants are tried in this order: positions in
    /// [`Union::variants`].
    Among(Vec<usize>),
}

/// A method of a union that reads one value, whichever variant has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Accessor {
    /// Identifier of the method.
    pub name: String,
    /// What it reads.
    pub subject: Subject,
    /// What it returns.
    pub returned: Returned,
    /// Whether it returns a value in any case, and not an `Option`.
    pub is_total: bool,
    /// Where each variant has the value, in the order of [`Union::variants`]. `None` for a variant without one.
    pub sources: Vec<Option<Source>>,
}

/// What an accessor reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A property that all variants share, by its name on the wire.
    Property(String),
    /// The property that tells the variants apart, by its name on the wire. An unknown variant has it too.
    Tag(String),
    /// What an event is about, by the identifier of its type.
    Content(String),
    /// A property of what an event is about, by its name on the wire.
    OfContent(String),
}

/// What an accessor returns.
#[derive(Clone, Debug, PartialEq)]
pub enum Returned {
    /// A value of a type that is `Copy`.
    Value(Type),
    /// A text.
    Text,
    /// The items of a list, by their type.
    Slice(Type),
    /// A reference.
    Reference(Type),
}

/// Where a variant has the value of an accessor.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// The property has this value, always.
    Constant(Const),
    /// In a field.
    Field {
        /// Identifiers from the content of the variant down.
        path: Vec<String>,
        /// Whether the field is an `Option`.
        optional: bool,
        /// Whether it is an enumeration that is read as a text.
        is_enum: bool,
    },
    /// In a union, which has an accessor for it.
    Union {
        /// Identifiers of the fields from the content of the variant down to the union.
        path: Vec<String>,
        /// Identifier of the accessor.
        accessor: String,
        /// Whether the accessor returns an `Option`.
        optional: bool,
        /// Whether it is an enumeration that is read as a text.
        is_enum: bool,
    },
}

impl Source {
    /// Whether there may be no value.
    #[must_use]
    pub fn is_optional(&self) -> bool {
        matches!(self, Self::Field { optional: true, .. } | Self::Union { optional: true, .. })
    }
}

/// How to tell the variants of a union apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// There is one candidate left: a position in [`Union::variants`].
    Variant(usize),
    /// Objects are told apart in one way, all other JSON values in another.
    ByKind {
        /// The decision between objects.
        objects: Box<Decision>,
        /// The decision between values of other kinds.
        others: Box<Decision>,
    },
    /// By the scalar at a path of property names.
    Tag(Tag),
    /// By the kind of value and the properties that it has.
    Structure(Vec<Signature>),
}

impl Decision {
    /// Calls `visit` with each variant that the decision may lead to.
    pub fn each_variant(&mut self, visit: &mut impl FnMut(&mut usize)) {
        match self {
            Self::Variant(index) => visit(index),
            Self::ByKind { objects, others } => {
                objects.each_variant(visit);
                others.each_variant(visit);
            }
            Self::Tag(tag) => {
                tag.cases.iter_mut().for_each(|case| case.decision.each_variant(visit));
                if let Unlisted::Variant(index) | Unlisted::VariantOrUnknown(index) = &mut tag.unlisted {
                    visit(index);
                }
                tag.absent.iter_mut().for_each(|absent| absent.each_variant(visit));
            }
            Self::Structure(signatures) => signatures.iter_mut().for_each(|signature| visit(&mut signature.variant)),
        }
    }
}

/// A decision by the scalar at a path of property names.
#[derive(Clone, Debug, PartialEq)]
pub struct Tag {
    /// Property names from the object down.
    pub path: Vec<String>,
    /// Whether all values are strings.
    pub is_text: bool,
    /// Values and the decisions that they lead to.
    pub cases: Vec<Case>,
    /// What a value that no case lists leads to.
    pub unlisted: Unlisted,
    /// The decision for objects without the tag, if some variants do not declare it or one may leave it out.
    pub absent: Option<Box<Decision>>,
}

/// What a tag leads to if its value is not listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlisted {
    /// An unknown variant.
    Unknown,
    /// The decision for objects without the tag: a variant that does not declare it may have it.
    Absent,
    /// This variant, which does not declare the tag and may have it, or an unknown one if the value does not fit.
    VariantOrUnknown(usize),
    /// This variant, whose schema admits any value of the tag. It is also used if the variant that a listed value leads
    /// to does not fit.
    Variant(usize),
}

/// Tag values and what they lead to.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The values.
    pub values: Vec<Const>,
    /// What they lead to.
    pub decision: Decision,
}

/// What a JSON value must look like to be a variant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Signature {
    /// Position in [`Union::variants`].
    pub variant: usize,
    /// Kind of the value.
    pub kind: JsonKind,
    /// Kind of an array's elements.
    pub element: Option<JsonKind>,
    /// Paths of property names that must be there.
    pub required: Vec<Vec<String>>,
    /// Names of all declared properties.
    pub declared: Vec<String>,
    /// Properties, or the value itself under an empty name, and the values that they allow.
    pub values: Vec<(String, Vec<Const>)>,
}

/// Kinds of JSON values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JsonKind {
    /// `true` or `false`
    Boolean,
    /// A number without fraction.
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
