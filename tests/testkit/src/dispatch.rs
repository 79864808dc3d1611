//! Calls every operation with arguments and results as JSON, and reads and writes every type.

use std::fmt::Debug;

use polar_client::runtime::codec::{self, Field};
use polar_client::{Error, Polar};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::kept::{Kept, What, kept};

include!(concat!(env!("OUT_DIR"), "/dispatch.rs"));

/// Arguments of a call.
#[derive(Clone, Debug, Default)]
pub struct Arguments {
    /// Path parameters.
    pub path: Map<String, Value>,
    /// Query parameters.
    pub query: Map<String, Value>,
    /// Header parameters.
    pub headers: Map<String, Value>,
    /// Body.
    pub body: Option<Value>,
}

/// A type of the generated crate.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// Name in Rust.
    pub name: &'static str,
    /// Place in the document, with `#`; empty after it for the unions of all webhooks and of all errors.
    pub pointer: &'static str,
    /// Whether the client sends it.
    pub sent: bool,
    /// Whether the server sends it.
    pub received: bool,
}

/// A value that was read and written again, or why that failed.
pub type Recoded = Result<Again, String>;

/// A value that was read and written again.
#[derive(Clone, Debug)]
pub struct Again {
    /// The written value.
    pub value: Value,
    /// The parts for which the crate has no type, name or field.
    pub kept: Vec<Kept>,
    /// Its `Debug` text.
    pub shown: String,
}

impl Again {
    /// Returns whether the crate knows all of it.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.kept.is_empty()
    }

    /// Returns values of enumerations and tags of variants that the crate does not know.
    pub fn unknown(&self) -> impl Iterator<Item = Option<&str>> {
        self.kept.iter().filter_map(|kept| match &kept.what {
            What::Variant(text) => Some(text.as_deref()),
            What::Property => None,
        })
    }
}

/// The result, read and written again.
pub type Outcome = Result<Again, Failure>;

/// Why there is no result.
#[derive(Debug)]
pub enum Failure {
    /// The call failed.
    Call(Box<Error>),
    /// The arguments have wrong types, or the result can't be encoded.
    Test(String),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Call(error) => write!(f, "{error}"),
            Self::Test(message) => f.write_str(message),
        }
    }
}

fn unknown(operation: &str) -> Outcome {
    Err(Failure::Test(format!("no operation `{operation}`")))
}

fn undefined(name: &str) -> Recoded {
    Err(format!("no type `{name}`"))
}

fn recoded<T: Field + Serialize + Debug>(text: &str) -> Recoded {
    let decoded: T = codec::decode(text.as_bytes()).map_err(|error| error.to_string())?;
    again(&decoded)
}

fn answered<T: Serialize + Debug>(result: Result<polar_client::Response<T>, Error>) -> Outcome {
    answered_as(result, encoded)
}

/// An output that depends on the status, which has no JSON of its own.
fn answered_as<T>(result: Result<polar_client::Response<T>, Error>, encode: impl FnOnce(&T) -> Outcome) -> Outcome {
    encode(&result.map_err(|error| Failure::Call(Box::new(error)))?.value)
}

fn encoded<T: Serialize + Debug>(value: &T) -> Outcome {
    again(value).map_err(Failure::Test)
}

/// Writes a value that was read.
///
/// # Errors
/// It can't be written as JSON.
pub fn again<T: Serialize + Debug>(decoded: &T) -> Recoded {
    let value = serde_json::to_value(decoded).map_err(|error| error.to_string())?;
    let shown = format!("{decoded:?}");
    Ok(Again { value, kept: kept(decoded, &shown), shown })
}

impl Arguments {
    fn optional<T: Field>(&self, place: &Map<String, Value>, name: &str) -> Result<Option<T>, Failure> {
        place.get(name).map(|value| decode(name, value)).transpose()
    }

    fn required<T: Field>(&self, place: &Map<String, Value>, name: &str) -> Result<T, Failure> {
        self.optional(place, name)?.ok_or_else(|| Failure::Test(format!("no argument `{name}`")))
    }

    fn body<T: Field>(&self) -> Result<T, Failure> {
        decode("body", self.body.as_ref().unwrap_or(&Value::Null))
    }
}

fn decode<T: Field>(name: &str, value: &Value) -> Result<T, Failure> {
    codec::decode(value.to_string().as_bytes()).map_err(|error| Failure::Test(format!("{name}: {error}")))
}
