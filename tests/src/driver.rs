//! A call to every operation, with arguments and answers as JSON; and every type, read and written.

use std::fmt::Debug;

use polar_client::{Error, Polar};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// How the types show what they kept as it came: a value, a member of a union, members of an object.
const UNKNOWN: [&str; 3] = ["Unknown(", "Unknown {", "Extra(Some("];

include!(concat!(env!("OUT_DIR"), "/driver.rs"));

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
    /// Place in the document, with `#`; nothing more for the unions of all webhooks and of all errors.
    pub pointer: &'static str,
    /// Whether the client sends it.
    pub sent: bool,
    /// Whether the server sends it.
    pub received: bool,
}

/// A value that was read and written again, or why it could not.
pub type Recoded = Result<Again, String>;

/// A value that was read and written again.
#[derive(Clone, Debug)]
pub struct Again {
    /// As it was written.
    pub value: Value,
    /// Whether the crate has a type, a name or a field for all of it, and kept nothing as unknown.
    pub known: bool,
    /// Its `Debug` text.
    pub shown: String,
}

/// The answer, encoded again.
pub type Outcome = Result<Value, Failure>;

/// Why there is no answer.
#[derive(Debug)]
pub enum Failure {
    /// The call failed.
    Call(Box<Error>),
    /// The arguments don't fit, or the answer can't be encoded.
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

fn recoded<T: DeserializeOwned + Serialize + Debug>(text: &str) -> Recoded {
    let decoded: T = polar_client::runtime::codec::decode(text.as_bytes()).map_err(|error| error.to_string())?;
    let value = serde_json::to_value(&decoded).map_err(|error| error.to_string())?;
    let shown = format!("{decoded:?}");
    Ok(Again { value, known: !UNKNOWN.iter().any(|unknown| shown.contains(unknown)), shown })
}

fn answered<T: Serialize>(result: Result<polar_client::Response<T>, Error>) -> Outcome {
    match result {
        Ok(response) => serde_json::to_value(&response.value).map_err(|error| Failure::Test(error.to_string())),
        Err(error) => Err(Failure::Call(Box::new(error))),
    }
}

impl Arguments {
    fn optional<T: DeserializeOwned>(&self, place: &Map<String, Value>, name: &str) -> Result<Option<T>, Failure> {
        place.get(name).map(|value| decode(name, value)).transpose()
    }

    fn required<T: DeserializeOwned>(&self, place: &Map<String, Value>, name: &str) -> Result<T, Failure> {
        self.optional(place, name)?.ok_or_else(|| Failure::Test(format!("no argument `{name}`")))
    }

    fn body<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        decode("body", self.body.as_ref().unwrap_or(&Value::Null))
    }
}

fn decode<T: DeserializeOwned>(name: &str, value: &Value) -> Result<T, Failure> {
    polar_client::runtime::codec::decode(value.to_string().as_bytes())
        .map_err(|error| Failure::Test(format!("{name}: {error}")))
}
