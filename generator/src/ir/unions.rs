//! Unions, and how a reader distinguishes their variants.

use super::arguments::Conversion;
use super::types::{Const, Type};

/// A union of types.
#[derive(Clone, Debug, PartialEq)]
pub struct Union {
    /// The variants.
    pub variants: Vec<Variant>,
    /// How they are distinguished.
    pub decision: Decision,
    /// Fields that all variants share, for accessors.
    pub shared: Vec<SharedField>,
}

/// A variant of a union.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// Identifier of the variant.
    pub name: String,
    /// Words for the identifier of a variant without a named type.
    pub context: String,
    /// Its type.
    pub ty: Type,
    /// The only value that the variant allows; such a variant has no content.
    pub constant: Option<Const>,
    /// Whether the content is boxed.
    pub boxed: bool,
    /// How a value is read as this variant.
    pub reading: Reading,
    /// What converts into the union as this variant.
    pub conversions: Vec<Conversion>,
    /// Its description, if it differs from that of its type.
    pub description: Option<String>,
}

/// How a value is read as a variant.
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
    /// As the type of the variant. A value that does not fit is tried as these variants, in this order: positions in
    /// [`Union::variants`].
    Among(Vec<usize>),
}

/// A field that every variant of a union has, with one type.
#[derive(Clone, Debug, PartialEq)]
pub struct SharedField {
    /// Identifier of the accessor and of the field.
    pub name: String,
    /// Type of the field.
    pub ty: Type,
    /// Whether the field may be absent.
    pub optional: bool,
}

/// How the variants of a union are distinguished.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// One candidate is left: a position in [`Union::variants`].
    Variant(usize),
    /// Objects are distinguished in one way, all other JSON values in another.
    ByKind {
        /// The decision between objects.
        objects: Box<Decision>,
        /// The decision between values of other JSON types.
        others: Box<Decision>,
    },
    /// By the scalar at a path of property names.
    Tag(Tag),
    /// By the JSON type of the value and its properties.
    Structure(Vec<Signature>),
}

impl Decision {
    /// Calls `visit` with each possible variant of the decision.
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
    /// Property names, from the object to the tag.
    pub path: Vec<String>,
    /// Whether all values are strings.
    pub is_text: bool,
    /// Values of the tag, with their decisions.
    pub cases: Vec<Case>,
    /// The outcome for a value that no case lists.
    pub unlisted: Unlisted,
    /// The decision for objects without the tag, if some variants do not declare it or one may omit it.
    pub absent: Option<Box<Decision>>,
}

/// The outcome for a tag whose value is not listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlisted {
    /// An unknown variant.
    Unknown,
    /// The decision for objects without the tag: a variant that does not declare it may have it.
    Absent,
    /// This variant, which may have the tag as an undeclared property, or unknown if the value does not fit.
    VariantOrUnknown(usize),
    /// This variant, whose schema allows any value of the tag. It is also used if a value does not fit the variant of
    /// its tag.
    Variant(usize),
}

/// Values of a tag with their decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The values.
    pub values: Vec<Const>,
    /// Their decision.
    pub decision: Decision,
}

/// The properties of a JSON value by which it is recognized as a variant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Signature {
    /// Position in [`Union::variants`].
    pub variant: usize,
    /// Type of the value.
    pub kind: JsonKind,
    /// Type of the elements of an array.
    pub element: Option<JsonKind>,
    /// Paths of required properties.
    pub required: Vec<Vec<String>>,
    /// Names of all declared properties.
    pub declared: Vec<String>,
    /// Properties and the values that they allow. An empty name means the value itself.
    pub values: Vec<(String, Vec<Const>)>,
}

/// Types of JSON values.
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
