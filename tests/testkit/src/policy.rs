//! The expected result of decoding a JSON value, by the document and the decode policy alone. The crate is compared
//! with this, and never used here.

use serde_json::Value;

use polar_client::runtime::chrono::{DateTime, NaiveDate};
use uuid::Uuid;

use crate::document::{Document, text};
use crate::path::Path;
use crate::unions::{Declared, Tag, Told, Unions};

/// The expected value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading<'a> {
    /// References to the schemas of the variants of its unions.
    pub variants: Vec<&'a str>,
    /// Values of tags, enumerations and constants that the document does not list. They are kept.
    pub unknown: Vec<String>,
    /// Whether it has a union whose variant the document leaves open.
    pub undecided: bool,
    /// Whether it may also be an error or contain something unknown, because these variants do not agree on it.
    pub disputed: bool,
}

/// Why a value can't be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The place.
    pub place: String,
    /// Whether the error may also name a place below.
    pub below: bool,
    /// The missing properties, of which the error must name one.
    pub names: Vec<String>,
}

impl<'a> Reading<'a> {
    fn extend(&mut self, other: Self) {
        self.variants.extend(other.variants);
        self.unknown.extend(other.unknown);
        self.undecided |= other.undecided;
        self.disputed |= other.disputed;
    }
}

impl Refusal {
    /// Returns whether the text of an error has this content.
    #[must_use]
    pub fn is_told_by(&self, error: &str) -> bool {
        let place = match error.strip_prefix("at `").and_then(|rest| rest.split_once('`')) {
            Some((place, _)) => place,
            None => "",
        };
        let rest = place.strip_prefix(&*self.place);
        let is_there = rest.is_some_and(|rest| {
            rest.is_empty() || self.below && (self.place.is_empty() || rest.starts_with(['.', '[']))
        });
        is_there && (self.names.is_empty() || self.names.iter().any(|name| error.contains(&format!("{name}`"))))
    }
}

/// Returns the expected result for a value.
///
/// # Errors
/// The value can't be decoded.
pub fn read<'a>(unions: &Unions<'a>, schema: &'a Value, value: &Value) -> Result<Reading<'a>, Refusal> {
    let mut reading = Reading::default();
    Reader { document: unions.document(), unions }.any(schema, value, &Path::default(), &mut reading)?;
    Ok(reading)
}

struct Reader<'u, 'a> {
    document: &'a Document,
    unions: &'u Unions<'a>,
}

type Step = Result<(), Refusal>;

impl<'a> Reader<'_, 'a> {
    fn any(&self, schema: &'a Value, value: &Value, path: &Path, reading: &mut Reading<'a>) -> Step {
        let variants = self.document.variants(schema);
        if value.is_null() {
            return if self.document.admits_null(schema) { Ok(()) } else { refused(path) };
        }
        if variants.len() > 1 {
            return self.union(&variants, value, path, reading);
        }
        let schema = self.document.resolve(variants[0]);
        if !self.document.admits_kind(schema, value) {
            return refused(path);
        }
        if let Some(listed) = self.document.listed(variants[0]) {
            reading.unknown.extend(Some(text(value)).filter(|value| !listed.contains(value)));
            return Ok(());
        }
        match value {
            Value::String(text) if !has_format(schema, text) => refused(path),
            Value::Array(_) => self.array(schema, value, path, reading),
            Value::Object(_) => self.object(schema, value, path, reading),
            _ => Ok(()),
        }
    }

    fn array(&self, schema: &'a Value, value: &Value, path: &Path, reading: &mut Reading<'a>) -> Step {
        let mut items = value.as_array().into_iter().flatten().enumerate();
        let Some(fixed) = schema.get("prefixItems").and_then(Value::as_array) else {
            return items.try_for_each(|(i, item)| self.any(&schema["items"], item, &path.item(i), reading));
        };
        if value.as_array().map(Vec::len) != Some(fixed.len()) {
            return refused(path);
        }
        items.zip(fixed).try_for_each(|((i, item), schema)| self.any(schema, item, &path.item(i), reading))
    }

    fn object(&self, schema: &'a Value, value: &Value, path: &Path, reading: &mut Reading<'a>) -> Step {
        let mut names = Vec::new();
        for (name, property, required) in self.document.properties(schema) {
            match value.get(name) {
                // A reader may treat null as absent.
                Some(Value::Null) if !required && !self.document.admits_null(property) => reading.disputed = true,
                Some(inner) => match self.told_by_parent(property, value) {
                    Some(Ok(variant)) => reading.extend(self.variant(variant, inner, &path.property(name))?),
                    Some(Err(tag)) => reading.unknown.push(tag),
                    None => self.any(property, inner, &path.property(name), reading)?,
                },
                None if required && !self.document.admits_null(property) => names.push(name.to_owned()),
                None => {}
            }
        }
        if !names.is_empty() {
            return Err(Refusal { names, ..refusal(path) });
        }
        let Some(additional) = schema.get("additionalProperties").filter(|schema| schema.is_object()) else {
            return Ok(());
        };
        let declared = |name: &str| schema["properties"].get(name).is_some();
        let mut others = value.as_object().into_iter().flatten().filter(|(name, _)| !declared(name));
        others.try_for_each(|(name, value)| self.any(additional, value, &path.property(name), reading))
    }

    /// The variant that a property beside it determines, or a value without a variant; `None` if there is no such
    /// property.
    fn told_by_parent(&self, schema: &'a Value, parent: &Value) -> Option<Result<&'a Value, String>> {
        let (tag, mapping) = self.document.parent_discriminator(schema)?;
        let tag = parent.pointer(&Path::default().below(&tag).pointer)?.as_str()?;
        let variants = self.document.variants(schema);
        let named = mapping.get(tag).and_then(|name| variants.into_iter().find(|variant| variant["$ref"] == *name));
        Some(named.ok_or_else(|| tag.to_owned()))
    }

    fn union(&self, variants: &[&'a Value], value: &Value, path: &Path, reading: &mut Reading<'a>) -> Step {
        match &*self.unions.told(variants) {
            Told::Tags(tags) if value.is_object() => self.tagged(variants, tags, value, path, reading),
            Told::Marker(tag) if value.is_object() => {
                let marker = value.pointer(&Path::default().below(&tag.path).pointer).map(text);
                let wanted = |declared: &Option<Declared>| match declared {
                    Some(declared) => marker.as_ref().is_some_and(|marker| declared.lists(marker)),
                    None => marker.as_deref() != Some("true"),
                };
                let left = variants.iter().zip(&tag.declared).filter(|(_, declared)| wanted(declared));
                let left: Vec<_> = left.map(|(variant, _)| *variant).collect();
                self.only(&left, value, path, reading)
            }
            _ => self.only(variants, value, path, reading),
        }
    }

    /// Objects that are distinguished by tags.
    fn tagged(
        &self,
        variants: &[&'a Value],
        tags: &[Tag],
        value: &Value,
        path: &Path,
        reading: &mut Reading<'a>,
    ) -> Step {
        let (mut left, mut open): (Vec<usize>, _) = ((0..variants.len()).collect(), Vec::new());
        for Tag { path: tag, declared } in tags {
            let says = |variant: usize, what: &dyn Fn(&Declared) -> bool| declared[variant].as_ref().is_some_and(what);
            match value.pointer(&Path::default().below(tag).pointer) {
                None | Some(Value::Null) => left.retain(|variant| says(*variant, &|declared| declared.optional)),
                Some(Value::String(value)) => {
                    open.extend(left.iter().copied().filter(|variant| says(*variant, &|d| d.values.is_none())));
                    left.retain(|variant| says(*variant, &|declared| declared.lists(value)));
                    if left.is_empty() && open.is_empty() {
                        reading.unknown.push(value.clone());
                        return Ok(());
                    }
                }
                Some(_) => return refused(&path.below(tag)),
            }
            if left.is_empty() && open.is_empty() {
                let names = tags.iter().filter_map(|tag| missing(value, &tag.path)).collect();
                return Err(Refusal { place: path.shown.clone(), below: true, names });
            }
        }
        let mut tried = left.iter().chain(&open).map(|variant| self.variant(variants[*variant], value, path));
        let first = tried.next().unwrap_or_else(|| refused(path));
        let read = first.or_else(|refusal| tried.find_map(Result::ok).ok_or(refusal))?;
        reading.extend(read);
        Ok(())
    }

    /// The one of these that allows the value. If several do, the document leaves the variant open; if only one does,
    /// and another one declares or requires more of its properties, the error of that one is correct as well.
    fn only(&self, variants: &[&'a Value], value: &Value, path: &Path, reading: &mut Reading<'a>) -> Step {
        if let [variant] = variants {
            return self.variant(variant, value, path).map(|read| reading.extend(read));
        }
        let all: Vec<_> = variants.iter().map(|variant| self.variant(variant, value, path)).collect();
        let mut read = all.iter().flatten();
        match (read.next(), read.next()) {
            (Some(only), None) => {
                reading.extend(only.clone());
                let best = |(variant, read): (&&'a Value, &Result<_, _>)| (self.fit(variant, value), read.is_ok());
                reading.disputed |= variants.iter().zip(&all).map(best).max().is_some_and(|(_, is_read)| !is_read);
            }
            (Some(first), Some(_)) => {
                let same = |one: &Result<Reading<'a>, _>| one.as_ref().is_ok_and(|r| r.unknown == first.unknown);
                reading.disputed |= first.disputed || !all.iter().all(same);
                reading.unknown.extend(first.unknown.iter().filter(|_| !reading.disputed).cloned());
                reading.undecided = true;
            }
            (None, _) => return Err(Refusal { below: true, ..refusal(path) }),
        }
        Ok(())
    }

    /// The number of properties of a value that a variant declares, and the number that it requires.
    fn fit(&self, variant: &'a Value, value: &Value) -> (usize, usize) {
        let names = value.as_object().into_iter().flatten().map(|(name, _)| name);
        let declared: Vec<_> = names.filter_map(|name| self.document.property(variant, name)).collect();
        (declared.len(), declared.iter().filter(|(_, required)| *required).count())
    }

    fn variant(&self, variant: &'a Value, value: &Value, path: &Path) -> Result<Reading<'a>, Refusal> {
        let mut reading = Reading::default();
        if self.document.variants(variant).len() == 1 {
            reading.variants.extend(variant["$ref"].as_str());
        }
        self.any(variant, value, path, &mut reading)?;
        Ok(reading)
    }
}

/// The first name of a path that an object lacks.
fn missing(value: &Value, path: &[String]) -> Option<String> {
    let (first, rest) = path.split_first()?;
    match value.as_object()?.get(first) {
        Some(value) => missing(value, rest),
        None => Some(first.clone()),
    }
}

fn refusal(path: &Path) -> Refusal {
    Refusal { place: path.shown.clone(), below: false, names: Vec::new() }
}

fn refused<T>(path: &Path) -> Result<T, Refusal> {
    Err(refusal(path))
}

fn has_format(schema: &Value, text: &str) -> bool {
    match schema["format"].as_str() {
        Some("uuid" | "uuid4") => Uuid::try_parse(text).is_ok(),
        Some("date-time") => DateTime::parse_from_rfc3339(text).is_ok(),
        Some("date") => text.parse::<NaiveDate>().is_ok(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A description of the result.
    fn seen(variants: Value, value: &Value) -> String {
        let document = Document::new(json!({"schemas": variants}));
        let names = document.at("/schemas").as_object().into_iter().flatten();
        let members: Vec<_> = names.map(|(name, _)| json!({"$ref": format!("#/schemas/{name}")})).collect();
        let union = json!({"anyOf": members});
        match read(&Unions::new(&document), &union, value) {
            Ok(Reading { undecided: true, .. }) => "undecided".to_owned(),
            Ok(Reading { variants, unknown, .. }) => {
                [variants, unknown.iter().map(String::as_str).collect()].concat().join(" ")
            }
            Err(Refusal { place, names, .. }) => format!("error at {place:?} {names:?}"),
        }
    }

    fn object(properties: Value, required: &[&str]) -> Value {
        json!({"type": "object", "properties": properties, "required": required})
    }

    #[test]
    fn a_tag_decides_and_an_open_one_takes_the_rest() {
        let (fixed, number) = (json!({"type": "string", "const": "card"}), json!({"type": "integer"}));
        let variants = || {
            json!({
                "Card": object(json!({"method": fixed, "digits": number}), &["method", "digits"]),
                "Other": object(json!({"method": {"type": "string"}}), &["method"]),
            })
        };
        assert_eq!(seen(variants(), &json!({"method": "card", "digits": 1})), "#/schemas/Card");
        assert_eq!(seen(variants(), &json!({"method": "cash", "digits": 1})), "#/schemas/Other");
        assert_eq!(seen(variants(), &json!({"method": "card"})), "#/schemas/Other");
        assert_eq!(seen(variants(), &json!({"digits": 1})), "error at \"\" [\"method\"]");
        assert_eq!(seen(variants(), &json!({"method": 1, "digits": 1})), "error at \"method\" []");
    }

    #[test]
    fn two_tags_may_decide_together() {
        let word = |word: &str| json!({"type": "string", "const": word});
        let variant =
            |kind: &str, time: &str| object(json!({"kind": word(kind), "time": word(time)}), &["kind", "time"]);
        let variants = || json!({"A": variant("a", "once"), "B": variant("a", "twice"), "C": variant("b", "once")});
        assert_eq!(seen(variants(), &json!({"kind": "a", "time": "twice"})), "#/schemas/B");
        assert_eq!(seen(variants(), &json!({"kind": "c", "time": "once"})), "c");
        assert_eq!(seen(variants(), &json!({"kind": "b"})), "error at \"\" [\"time\"]");
    }

    #[test]
    fn a_marker_decides_and_no_other_constant_does() {
        let old = json!({"old": {"type": "boolean", "const": true}, "kind": {"type": "string", "const": "a"}});
        let variants = || json!({"New": object(json!({}), &[]), "Old": object(old.clone(), &["old", "kind"])});
        assert_eq!(seen(variants(), &json!({"old": true, "kind": "a"})), "#/schemas/Old");
        assert_eq!(seen(variants(), &json!({"kind": "a"})), "#/schemas/New");
        assert_eq!(seen(variants(), &json!({"old": true})), "error at \"\" [\"kind\"]");
    }

    #[test]
    fn structure_decides_if_one_variant_alone_fits() {
        let number = || json!({"type": "integer"});
        let variants =
            || json!({"A": object(json!({"a": number()}), &["a"]), "B": object(json!({"b": number()}), &["b"])});
        assert_eq!(seen(variants(), &json!({"a": 1})), "#/schemas/A");
        assert_eq!(seen(variants(), &json!({"a": 1, "b": 1})), "undecided");
        for none in [json!({}), json!({"a": "1"}), json!([]), json!(null)] {
            assert_eq!(seen(variants(), &none), "error at \"\" []", "{none}");
        }
    }
}
