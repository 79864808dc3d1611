//! Unions, and how a reader tells their members apart.

use super::types::{Const, Type};

/// One of several types.
#[derive(Clone, Debug, PartialEq)]
pub struct Union {
    /// The members.
    pub members: Vec<Member>,
    /// How to tell them apart.
    pub decision: Decision,
    /// Fields that all members share, for accessors.
    pub shared: Vec<SharedField>,
}

/// A member of a union.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Identifier of the variant.
    pub name: String,
    /// Words from which the identifier of a member without a named type is made.
    pub context: String,
    /// What the variant holds.
    pub ty: Type,
    /// The one value that the member allows; such a variant holds nothing.
    pub constant: Option<Const>,
    /// Whether the content is boxed.
    pub boxed: bool,
}

/// A field that every member of a union has, with one type.
#[derive(Clone, Debug, PartialEq)]
pub struct SharedField {
    /// Identifier of the accessor and of the field.
    pub name: String,
    /// Type of the field.
    pub ty: Type,
    /// Whether the field may be absent.
    pub optional: bool,
}

/// How to tell the members of a union apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// By the value at a path of member names.
    Tag {
        /// Member names from the object down.
        path: Vec<String>,
        /// Values and the members that they stand for.
        cases: Vec<Case>,
        /// The member for all other values, where the document leaves its tag open.
        otherwise: Option<usize>,
        /// The member for objects without the tag, where the document does not declare it for one member or lets one
        /// leave it out.
        absent: Option<usize>,
    },
    /// By kind of value and the members that it has.
    Signatures(Vec<Signature>),
}

/// A tag value and its member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Text of the tag.
    pub value: String,
    /// Position in [`Union::members`].
    pub member: usize,
}

/// What a JSON value must look like to be a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Position in [`Union::members`].
    pub member: usize,
    /// Kind of value.
    pub kind: Kind,
    /// Kind of an array's elements.
    pub element: Option<Kind>,
    /// Paths of member names that must be there.
    pub required: Vec<Vec<String>>,
    /// Names of all declared members.
    pub declared: Vec<String>,
    /// Members, or the value itself under an empty name, and the values that they allow.
    pub values: Vec<(String, Vec<Const>)>,
}

/// Kinds of JSON values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
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
