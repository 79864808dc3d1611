#![doc = include_str!("../README.md")]

mod arguments;
mod constant;
mod decode;
mod enums;
mod extra;
mod failure;
mod field;
mod field_list;
mod lookahead;
mod messages;
mod model;
mod nullable;
mod number;
mod object;
mod one_or_many;
mod parent_tag;
mod raw;
mod reader;
mod scan;
mod secret;
mod shapes;
mod timestamp;
mod union;
mod unknown;

pub use arguments::{list, map};
pub use constant::{Const, Constant};
pub use decode::{DecodeError, decode, string_property};
pub use enums::{EnumVisitor, UnknownValue, show_value, value_of};
pub use extra::Extra;
pub use field::Field;
pub use field_list::{FieldList, Fields};
pub use model::{CatchAll, Model, Refs, copy, equal, read, show, write};
pub use nullable::Nullable;
pub use number::Number;
pub use object::{FieldNames, Object};
pub use one_or_many::OneOrMany;
pub use parent_tag::{Mismatch, PropertyText, apply_parent_tag};
pub use raw::any_json;
pub use secret::Secret;
pub use shapes::{JsonKind, VariantShape};
pub use union::{Union, UnionSource, attempt, read_union};
pub use unknown::Unknown;

pub use serde::de::Error;
pub use serde::{Deserialize, Deserializer, Serialize, Serializer};
