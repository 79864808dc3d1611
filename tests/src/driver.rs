//! A call to every operation, with arguments and answers as JSON.

use polar_client::{Error, Polar};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

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
