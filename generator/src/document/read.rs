//! Parses bytes as data, either JSON or YAML, with the position of an error.

use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{DeserializeSeed, EnumAccess, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::diagnostics::Diagnostic;

/// Maximum size of a document: twenty times that of Polar's. YAML takes seconds for this much.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;

/// Maximum depth of a document. Both parsers have a slightly higher limit; a lower limit of our own gives one message
/// for both formats, and bounds the stack of every later recursion over the data.
pub const MAX_DEPTH: usize = 100;

/// The size that small documents may have after YAML aliases were expanded; above it, see [`Limits::spend`].
const FREE_BYTES: usize = 1024 * 1024;

/// The hint for a file with other content. It is used for overlays, too.
const EXPECTED: &str = "check that this is the right file; it must be an object in JSON or YAML";

/// Parses a document as data, with its properties in order.
///
/// # Errors
/// The reason why the bytes are not a document, with line and column if there is a position.
pub fn read(file: &str, bytes: &[u8]) -> Result<Value, Diagnostic> {
    read_text(bytes).map_err(|diagnostic| diagnostic.in_file(file))
}

fn read_text(bytes: &[u8]) -> Result<Value, Diagnostic> {
    if bytes.len() > MAX_BYTES {
        let message = format!("the file has more than {MAX_BYTES} bytes, the maximum");
        return Err(Diagnostic::error("", message).hint(EXPECTED));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(bytes, error.valid_up_to()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let value = match text.trim_start().chars().next() {
        None => return Err(Diagnostic::error("", "the file is empty").hint(EXPECTED)),
        Some('{' | '[') => read_json(text)?,
        Some(_) => read_yaml(text)?,
    };
    match value {
        Value::Object(_) => Ok(value),
        other => {
            Err(Diagnostic::error("", format!("the top level is {}, not an object", describe(&other))).hint(EXPECTED))
        }
    }
}

fn read_json(text: &str) -> Result<Value, Diagnostic> {
    let limits = Limits::new(text);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = limits.seed().deserialize(&mut deserializer);
    read.and_then(|value| deserializer.end().map(|()| value)).map_err(|error| {
        let place = Some((error.line(), error.column()));
        limits.diagnostic("JSON", &error.to_string(), place)
    })
}

fn read_yaml(text: &str) -> Result<Value, Diagnostic> {
    if let Some((line, column)) = runaway_flow(text) {
        return Err(too_deep().at(line, column));
    }
    let limits = Limits::new(text);
    limits.seed().deserialize(serde_yaml::Deserializer::from_str(text)).map_err(|error| {
        let place = error.location().map(|location| (location.line(), location.column()));
        limits.diagnostic("YAML", &error.to_string(), place)
    })
}

/// Returns where hundreds of brackets are open. The YAML parser reads the whole file before it checks the depth, in
/// time that is quadratic in the depth of brackets, so such a file must not reach it. Brackets inside texts count too;
/// a line in block style resets the count, so that texts are harmless.
fn runaway_flow(text: &str) -> Option<(usize, usize)> {
    const LIMIT: usize = 10 * MAX_DEPTH;
    let mut open = 0_usize;
    for (line, content) in text.lines().enumerate() {
        if content.trim_start().starts_with(|first: char| first.is_alphanumeric() || "/$-_".contains(first)) {
            open = 0;
        }
        for (column, character) in content.chars().enumerate() {
            match character {
                '[' | '{' => open += 1,
                ']' | '}' => open = open.saturating_sub(1),
                _ => {}
            }
            if open > LIMIT {
                return Some((line + 1, column + 1));
            }
        }
    }
    None
}

fn not_utf8(bytes: &[u8], offset: usize) -> Diagnostic {
    let before = bytes.get(..offset).and_then(|valid| std::str::from_utf8(valid).ok()).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Diagnostic::error("", format!("byte {offset} is not UTF-8"))
        .at(line, column)
        .hint("save the file with the encoding UTF-8")
}

fn too_deep() -> Diagnostic {
    Diagnostic::error("", format!("nested more than {MAX_DEPTH} levels deep"))
        .hint("look for a missing closing bracket; no API description needs this depth")
}

/// Returns the JSON type of a value, with an article.
pub(crate) fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// The limits of one run, and the message if one was exceeded.
struct Limits {
    left: Cell<usize>,
    failure: RefCell<Option<Diagnostic>>,
}

impl Limits {
    /// Without aliases, a document has no more nodes and text than bytes. Four times that leaves room for reasonable
    /// aliases, and none for those that double at each level.
    fn new(text: &str) -> Self {
        Self { left: Cell::new(FREE_BYTES.max(text.len().saturating_mul(4))), failure: RefCell::new(None) }
    }

    fn seed(&self) -> ValueSeed<'_> {
        ValueSeed { limits: self, depth: 0 }
    }

    fn spend<E: serde::de::Error>(&self, amount: usize) -> Result<(), E> {
        match self.left.get().checked_sub(amount + 1) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(self.fail(repeats_too_much())),
        }
    }

    /// Ends the run with a message; the parser then adds the position.
    fn fail<E: serde::de::Error>(&self, diagnostic: Diagnostic) -> E {
        let error = E::custom(&diagnostic.message);
        self.failure.borrow_mut().get_or_insert(diagnostic);
        error
    }

    fn diagnostic(&self, format: &str, message: &str, place: Option<(usize, usize)>) -> Diagnostic {
        let diagnostic = self.failure.borrow_mut().take().unwrap_or_else(|| foreign(format, message, place));
        match place {
            Some((line, column)) if line > 0 => diagnostic.at(line, column),
            _ => diagnostic,
        }
    }
}

/// Returns a message of the parser without the position that it repeats.
fn foreign(format: &str, message: &str, place: Option<(usize, usize)>) -> Diagnostic {
    if message.contains("recursion limit exceeded") {
        return too_deep();
    }
    if message.contains("repetition limit exceeded") {
        return repeats_too_much();
    }
    if message.contains("more than one document") {
        return Diagnostic::error("", "the file contains more than one YAML document")
            .hint("keep one document, without a second `---`");
    }
    let place = place.map(|(line, column)| format!(" at line {line} column {column}")).unwrap_or_default();
    Diagnostic::error("", format!("not valid {format}: {}", message.replacen(&place, "", 1)))
        .hint("fix the syntax; text that starts with `{` or `[` is parsed as JSON, any other as YAML")
}

fn repeats_too_much() -> Diagnostic {
    Diagnostic::error("", "the YAML aliases repeat far more data than the file contains")
        .hint("write the data out, or use `$ref`")
}

/// A value and everything below it.
#[derive(Clone, Copy)]
struct ValueSeed<'a> {
    limits: &'a Limits,
    depth: usize,
}

impl<'a> ValueSeed<'a> {
    fn below<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(self.limits.fail(too_deep()));
        }
        Ok(ValueSeed { depth: self.depth + 1, ..self })
    }

    fn too_large<E: serde::de::Error>(self, value: &dyn fmt::Display) -> E {
        let diagnostic = Diagnostic::error("", format!("the integer {value} needs more than 64 bits"));
        self.limits.fail(diagnostic.hint("put it in quotes if it is a text"))
    }

    fn number<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| self.limits.fail(Diagnostic::error("", format!("the number {value} is not valid in JSON"))))
    }
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value that JSON can hold")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Value, E> {
        self.limits.spend(0).map(|()| Value::Null)
    }

    /// The value of a YAML file without any node.
    fn visit_none<E: serde::de::Error>(self) -> Result<Value, E> {
        self.visit_unit()
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Value, E> {
        self.limits.spend(0).map(|()| Value::Bool(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        self.limits.spend(0).map(|()| value.into())
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        self.limits.spend(0).map(|()| value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        self.limits.spend(0)?;
        self.number(value)
    }

    fn visit_i128<E: serde::de::Error>(self, value: i128) -> Result<Value, E> {
        Err(self.too_large(&value))
    }

    fn visit_u128<E: serde::de::Error>(self, value: u128) -> Result<Value, E> {
        Err(self.too_large(&value))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        self.limits.spend(value.len()).map(|()| value.into())
    }

    fn visit_string<E: serde::de::Error>(self, value: String) -> Result<Value, E> {
        self.limits.spend(value.len()).map(|()| value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        self.limits.spend(0)?;
        let below = self.below()?;
        let mut array = Vec::new();
        while let Some(element) = elements.next_element_seed(below)? {
            array.push(element);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut properties: A) -> Result<Value, A::Error> {
        self.limits.spend(0)?;
        let below = self.below()?;
        let mut object = Map::new();
        // The key is compared while it is read, because only then the parser knows its position.
        while let Some(key) = properties.next_key_seed(Key { limits: self.limits, seen: &object })? {
            let value = properties.next_value_seed(below)?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, _tagged: A) -> Result<Value, A::Error> {
        Err(self
            .limits
            .fail(Diagnostic::error("", "a YAML tag is not supported").hint("write the value without its `!tag`")))
    }
}

/// Reads the key of a property, which must not be repeated.
struct Key<'a> {
    limits: &'a Limits,
    seen: &'a Map<String, Value>,
}

impl Key<'_> {
    fn refuse<E: serde::de::Error>(&self, what: &str) -> E {
        let message = format!("the key of a property is {what}, not a string");
        self.limits.fail(Diagnostic::error("", message).hint("put the key in quotes"))
    }
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = String;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Key<'_> {
    type Value = String;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the key of a property")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<String, E> {
        self.limits.spend(key.len())?;
        if self.seen.contains_key(key) {
            let diagnostic = Diagnostic::error("", format!("the object contains the key `{key}` twice"));
            return Err(self.limits.fail(diagnostic.hint("remove one of them; only one can be kept")));
        }
        if key == "<<" {
            let diagnostic = Diagnostic::error("", "a YAML merge key (`<<`) is not supported");
            return Err(self.limits.fail(diagnostic.hint("write the properties out, or use `$ref`")));
        }
        Ok(key.to_owned())
    }

    /// Response codes are often written without quotes.
    fn visit_u64<E: serde::de::Error>(self, key: u64) -> Result<String, E> {
        self.visit_str(&key.to_string())
    }

    fn visit_i64<E: serde::de::Error>(self, key: i64) -> Result<String, E> {
        self.visit_str(&key.to_string())
    }

    fn visit_bool<E: serde::de::Error>(self, key: bool) -> Result<String, E> {
        Err(self.refuse(&format!("the boolean `{key}`")))
    }

    fn visit_f64<E: serde::de::Error>(self, key: f64) -> Result<String, E> {
        Err(self.refuse(&format!("the number {key}")))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<String, E> {
        Err(self.refuse("null"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _elements: A) -> Result<String, A::Error> {
        Err(self.refuse("an array"))
    }

    fn visit_map<A: MapAccess<'de>>(self, _members: A) -> Result<String, A::Error> {
        Err(self.refuse("an object"))
    }
}
