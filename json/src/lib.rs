//! JSON codec of the generated models.
//!
//! Generated types implement serde's traits by hand, in as little code as possible: the loops, lookups and error
//! texts are here, once, and a model only says which member goes into which field. Nothing in here is meant to be
//! called by hand except the value types that the crate root exports again.

mod arguments;
mod constant;
mod decode;
mod enums;
mod extra;
mod fields;
mod nullable;
mod number;
mod object;
mod one_or_many;
mod raw;
mod reader;
mod scan;
mod secret;
mod settle;
mod shapes;
mod timestamp;
mod unknown;
mod words;

pub use arguments::{list, map};
pub use constant::{Const, Constant};
pub use decode::{DecodeError, decode, string_property};
pub use enums::{EnumVisitor, UnknownValue, show_value, value_of};
pub use extra::Extra;
pub use fields::{Field, Fields, Split};
pub use nullable::Nullable;
pub use number::Number;
pub use object::{Members, Model, Object, Refs, Rest, copy, equal, read, show, write};
pub use one_or_many::OneOrMany;
pub use raw::{Source, Union, any_json, attempt, read_union};
pub use secret::Secret;
pub use settle::{Mismatch, Text, settle};
pub use shapes::{ElementKind, Kind, Shape};
pub use unknown::Unknown;

pub use serde::de::Error;
pub use serde::{Deserialize, Deserializer, Serialize, Serializer};
