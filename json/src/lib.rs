#![cfg_attr(docsrs, feature(doc_cfg))]
#![doc = include_str!("../README.md")]

mod arguments;
mod choice;
mod constant;
mod containers;
mod decode;
mod enums;
mod error;
mod extra;
mod field;
mod macros;
mod nullable;
mod number;
mod object;
mod one_or_many;
mod optional;
mod path;
mod reader;
mod same;
mod scalars;
mod scan;
mod secret;
mod serde_impls;
mod shapes;
mod show;
#[cfg(test)]
mod tests;
mod timestamp;
mod unions;
mod unknown;
mod writer;

pub use arguments::{list, map};
pub use constant::{Const, Constant};
pub use decode::{decode, decode_into, decode_with_serde, string_property};
pub use enums::UnknownValue;
pub use error::{DecodeError, ReadError};
pub use extra::Extra;
pub use field::{Field, List, Map, Model, Object, ParentTag, Parts, Property, Rest, TakeParts, View, property, read};
pub use nullable::Nullable;
pub use number::Number;
pub use object::read_object;
pub use one_or_many::OneOrMany;
pub use optional::{FromText, Optional, optional};
pub use reader::{Read, Reader, any_json};
pub use same::same;
pub use secret::Secret;
pub use serde_impls::{deserialize, deserialize_text, serialize};
pub use shapes::{JsonKind, VariantShape};
pub use show::show;
pub use unions::{Decision, Tag, Union, Unlisted, Variants, read_union};
pub use unknown::Unknown;
pub use writer::to_vec;

// The macros write these names in every type. Each segment of a path costs the compiler memory.
#[doc(hidden)]
pub use std::{
    clone::Clone,
    cmp::PartialEq,
    default::Default,
    fmt,
    fmt::{Formatter, Result as Shown},
    result::Result::{self, Err, Ok},
};

#[doc(hidden)]
pub use serde::{Deserialize, Deserializer, Serialize, Serializer};
