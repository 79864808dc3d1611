//! Values of query and form parameters: they turn any `Serialize` into one of the few structures that a parameter can
//! have.

use std::borrow::Cow;
use std::fmt::{self, Display};

use serde::Serialize;
use serde::ser::{self, Impossible};
use serde_json::Value;

use crate::codec::View;

/// The value of a parameter before encoding.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Param {
    Null,
    Text(String),
    List(Vec<Param>),
    Map(Vec<(String, Param)>),
}

impl Param {
    pub(crate) fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self, ParamError> {
        value.serialize(ToParam)
    }

    /// The same for a value of a generated crate.
    pub(crate) fn of_view(view: View<'_>) -> Result<Self, ParamError> {
        Ok(match view {
            View::Absent | View::Null | View::Json(Value::Null) => Self::Null,
            View::Json(json @ (Value::Array(_) | Value::Object(_))) => Self::of(json)?,
            View::Float(number) if !number.is_finite() => return Err(not_finite(number)),
            View::Variant(_, content) => Self::of_view(content.view())?,
            View::Constant(_, constant) => Self::of_view(constant.view())?,
            View::Unknown(unknown) => Self::of_view(View::Json(unknown.json()))?,
            View::List(list) => {
                let items = (0..list.count()).filter_map(|index| list.item(index));
                Self::List(items.map(Self::of_view).collect::<Result<_, _>>()?)
            }
            View::Map(map) => {
                let mut members = Vec::with_capacity(map.count());
                map.each(&mut |key, value| members.push((key.with_text(str::to_owned), Self::of_view(value))));
                Self::Map(joined(members)?)
            }
            View::Model(model) => {
                let mut members = Vec::new();
                model.parts(&mut |parts| {
                    parts.each(&mut |name, value| members.push((name.to_owned(), Self::of_view(value))));
                });
                Self::Map(joined(members)?)
            }
            scalar => Self::Text(scalar.with_text(str::to_owned)),
        })
    }

    /// A list of values of a generated crate.
    pub(crate) fn of_views(views: &[View<'_>]) -> Result<Self, ParamError> {
        views.iter().copied().map(Self::of_view).collect::<Result<_, _>>().map(Self::List)
    }

    /// Returns the pairs of a query parameter: arrays repeat the key, objects are `name[key]=value` (OpenAPI's
    /// `deepObject`), and null has no pair.
    pub(crate) fn query_pairs(
        self,
        name: &'static str,
        add: &mut dyn FnMut(Cow<'static, str>, String),
    ) -> Result<(), ParamError> {
        match self {
            Self::Map(members) => {
                members.into_iter().try_for_each(|(key, value)| value.repeat(format!("{name}[{key}]").into(), add))
            }
            value => value.repeat(name.into(), add),
        }
    }

    /// Returns the properties of a form as pairs: arrays repeat the key, and null has no pair.
    pub(crate) fn form_pairs(self) -> Result<Vec<(String, String)>, ParamError> {
        let Self::Map(members) = self else {
            return Err(ParamError::new("a form must be an object"));
        };
        let mut pairs = Vec::new();
        for (key, value) in members {
            value.repeat(key.into(), &mut |key, value| pairs.push((key.into_owned(), value)))?;
        }
        Ok(pairs)
    }

    fn repeat(self, key: Cow<'static, str>, add: &mut dyn FnMut(Cow<'static, str>, String)) -> Result<(), ParamError> {
        match self {
            Self::Null => {}
            Self::Text(text) => add(key, text),
            Self::List(items) => {
                for item in items {
                    match item {
                        Self::Null => {}
                        Self::Text(text) => add(key.clone(), text),
                        Self::List(_) | Self::Map(_) => {
                            return Err(ParamError::new("an array may contain only plain values here"));
                        }
                    }
                }
            }
            Self::Map(_) => {
                return Err(ParamError::new("an object may contain only plain values and arrays here"));
            }
        }
        Ok(())
    }
}

type Members<T> = Vec<(String, T)>;

/// Properties whose values can all be encoded.
fn joined(members: Members<Result<Param, ParamError>>) -> Result<Members<Param>, ParamError> {
    members.into_iter().map(|(name, value)| value.map(|value| (name, value))).collect()
}

fn not_finite(number: f64) -> ParamError {
    ParamError(format!("{number} is not a finite number"))
}

/// Why a value can't be encoded as a parameter.
#[derive(Debug)]
pub(crate) struct ParamError(String);

impl ParamError {
    fn new(message: &str) -> Self {
        Self(message.to_owned())
    }
}

impl Display for ParamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ParamError {}

impl ser::Error for ParamError {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// serde_json passes a `RawValue` under this name. The codec uses it for values that it does not know.
const RAW_VALUE: &str = "$serde_json::private::RawValue";

struct ToParam;

macro_rules! plain {
    ($($method:ident: $type:ty),*) => {
        $(fn $method(self, value: $type) -> Result<Param, ParamError> {
            Ok(Param::Text(value.to_string()))
        })*
    };
}

// A separate serializer, because `serde_json::to_value` turns NaN into null, which would drop the parameter.
impl ser::Serializer for ToParam {
    type Ok = Param;
    type Error = ParamError;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = List;
    type SerializeTupleVariant = Impossible<Param, ParamError>;
    type SerializeMap = Map;
    type SerializeStruct = Map;
    type SerializeStructVariant = Impossible<Param, ParamError>;

    plain! {
        serialize_bool: bool, serialize_char: char, serialize_str: &str,
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128
    }

    fn serialize_f32(self, value: f32) -> Result<Param, ParamError> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<Param, ParamError> {
        if value.is_finite() { Ok(Param::Text(value.to_string())) } else { Err(not_finite(value)) }
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<Param, ParamError> {
        Err(ParamError::new("bytes are not a parameter value"))
    }

    fn serialize_none(self) -> Result<Param, ParamError> {
        Ok(Param::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Param, ParamError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Param, ParamError> {
        Ok(Param::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Param, ParamError> {
        Ok(Param::Null)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Param, ParamError> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Param, ParamError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Param, ParamError> {
        Ok(Param::Map(vec![(variant.to_owned(), Param::of(value)?)]))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List, ParamError> {
        Ok(List(Vec::new()))
    }

    fn serialize_tuple(self, _: usize) -> Result<List, ParamError> {
        Ok(List(Vec::new()))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List, ParamError> {
        Ok(List(Vec::new()))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, ParamError> {
        Err(ParamError::new("a tuple variant is not a parameter value"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Map, ParamError> {
        Ok(Map::default())
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Map, ParamError> {
        Ok(Map { raw: name == RAW_VALUE, ..Map::default() })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, ParamError> {
        Err(ParamError::new("a struct variant is not a parameter value"))
    }
}

struct List(Vec<Param>);

impl List {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ParamError> {
        self.0.push(Param::of(value)?);
        Ok(())
    }
}

impl ser::SerializeSeq for List {
    type Ok = Param;
    type Error = ParamError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ParamError> {
        self.push(value)
    }

    fn end(self) -> Result<Param, ParamError> {
        Ok(Param::List(self.0))
    }
}

impl ser::SerializeTuple for List {
    type Ok = Param;
    type Error = ParamError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ParamError> {
        self.push(value)
    }

    fn end(self) -> Result<Param, ParamError> {
        Ok(Param::List(self.0))
    }
}

impl ser::SerializeTupleStruct for List {
    type Ok = Param;
    type Error = ParamError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ParamError> {
        self.push(value)
    }

    fn end(self) -> Result<Param, ParamError> {
        Ok(Param::List(self.0))
    }
}

#[derive(Default)]
struct Map {
    raw: bool,
    key: Option<String>,
    members: Vec<(String, Param)>,
}

impl Map {
    fn finish(mut self) -> Result<Param, ParamError> {
        match self.members.pop() {
            Some((_, Param::Text(json))) if self.raw => {
                let value = crate::codec::any_json(&json).map_err(ser::Error::custom)?;
                Param::of(&value)
            }
            last => {
                self.members.extend(last);
                Ok(Param::Map(self.members))
            }
        }
    }
}

impl ser::SerializeMap for Map {
    type Ok = Param;
    type Error = ParamError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), ParamError> {
        match Param::of(key)? {
            Param::Text(key) => self.key = Some(key),
            _ => {
                return Err(ParamError::new("the key of an object must be a plain value"));
            }
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ParamError> {
        let key = self.key.take().unwrap_or_default();
        self.members.push((key, Param::of(value)?));
        Ok(())
    }

    fn end(self) -> Result<Param, ParamError> {
        self.finish()
    }
}

impl ser::SerializeStruct for Map {
    type Ok = Param;
    type Error = ParamError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), ParamError> {
        self.members.push((key.to_owned(), Param::of(value)?));
        Ok(())
    }

    fn end(self) -> Result<Param, ParamError> {
        self.finish()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use serde_json::json;

    fn query<T: Serialize + ?Sized>(value: &T) -> String {
        let mut pairs = Vec::new();
        let mut add = |key, value| pairs.push(format!("{key}={value}"));
        match Param::of(value).and_then(|param| param.query_pairs("p", &mut add)) {
            Ok(()) => pairs.join("&"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn plain_values() {
        assert_eq!(query(&true), "p=true");
        assert_eq!(query(&i64::MIN), "p=-9223372036854775808");
        assert_eq!(query(&1.5), "p=1.5");
        assert_eq!(query(&None::<i64>), "");
        assert_eq!(query(&chrono::DateTime::UNIX_EPOCH), "p=1970-01-01T00:00:00Z");
        assert_eq!(query(&uuid::Uuid::nil()), "p=00000000-0000-0000-0000-000000000000");
    }

    #[test]
    fn arrays_repeat_the_key() {
        assert_eq!(query(&["b", "a"]), "p=b&p=a");
        assert_eq!(query(&(1, "x")), "p=1&p=x");
        assert_eq!(query::<[i64]>(&[]), "");
    }

    #[test]
    fn objects_are_deep_objects() {
        assert_eq!(query(&json!({"a": 1, "b": ["x", "y"], "c": null})), "p[a]=1&p[b]=x&p[b]=y");
    }

    #[test]
    fn raw_json_is_read() {
        let raw = serde_json::value::RawValue::from_string(r#"["new",1]"#.to_owned()).unwrap();
        assert_eq!(query(&raw), "p=new&p=1");
    }

    #[test]
    fn what_a_parameter_cannot_say_is_refused() {
        assert_eq!(query(&f64::NAN), "NaN is not a finite number");
        assert_eq!(query(&[f64::INFINITY]), "inf is not a finite number");
        assert_eq!(query(&[["a"]]), "an array may contain only plain values here");
        assert_eq!(query(&json!({"a": {"b": 1}})), "an object may contain only plain values and arrays here");
        assert_eq!(Param::of("text").and_then(Param::form_pairs).unwrap_err().to_string(), "a form must be an object");
    }
}
