//! Changes of schemas: of types, parameters, bodies and responses.

use std::collections::BTreeMap;

use serde_json::Value;

use super::change::{Bump, ChangeKind, Class, Effect};
use super::fits::{Fit, is_same_format};
use super::{Comparison, classes};
use crate::api::{Directions, Kind, Property, Schema, Shape, value_text};

/// The subject of a change.
#[derive(Clone, Debug)]
pub(super) struct At {
    /// The operation, type or event.
    subject: String,
    /// The start of the path, such as "the body of `orders:create`"; empty for a type.
    whole: String,
    /// The path from the start, such as `Order.items[].label`.
    path: String,
}

impl At {
    pub(super) fn of_type(name: &str) -> Self {
        Self { subject: name.to_owned(), whole: String::new(), path: name.to_owned() }
    }

    pub(super) fn whole(subject: &str, whole: String) -> Self {
        Self { subject: subject.to_owned(), whole, path: String::new() }
    }

    fn property(&self, name: &str) -> Self {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Self { path, ..self.clone() }
    }

    fn inside(&self, sign: &str) -> Self {
        Self { path: format!("{}{sign}", self.path), ..self.clone() }
    }

    /// Returns the name of the place in a sentence.
    fn noun(&self) -> String {
        match (self.whole.is_empty(), self.path.is_empty()) {
            (true, _) => format!("`{}`", self.path),
            (false, true) => self.whole.clone(),
            (false, false) => format!("`{}` in {}", self.path, self.whole),
        }
    }
}

impl Comparison<'_> {
    pub(super) fn deprecation(&mut self, subject: &str, noun: &str, old: bool, new: bool) {
        if !old && new {
            self.push(ChangeKind::Deprecated, subject, format!("{noun} is deprecated"), vec![Class::Docs], Bump::Minor);
        }
        if old && !new {
            let text = format!("{noun} is no longer deprecated");
            self.push(ChangeKind::NoLongerDeprecated, subject, text, vec![Class::Docs], Bump::Patch);
        }
    }

    pub(super) fn text(&mut self, subject: &str, noun: &str, old: &str, new: &str) {
        // The files in `spec/` have no texts. A document that has them is not another version of the API.
        if old != new && !old.is_empty() && !new.is_empty() {
            let text = format!("the description of {noun} changed");
            self.push(ChangeKind::TextChanged, subject, text, vec![Class::Docs], Bump::Patch);
        }
    }

    /// Compares two schemas at the same place.
    pub(super) fn schema(&mut self, at: &At, old: &Schema, new: &Schema, directions: Directions) {
        self.deprecation(&at.subject, &at.noun(), old.deprecated, new.deprecated);
        self.text(&at.subject, &at.noun(), &old.text, &new.text);
        self.default(at, old.default.as_ref(), new.default.as_ref(), directions);
        self.bounds(at, old, new, directions);
        self.nullable(at, old, new, directions, false);
        self.shape(at, old, new, directions);
    }

    fn is_null_admitted(&self, schema: &Schema, is_old: bool) -> bool {
        let api = if is_old { self.old } else { self.new };
        let target = api.resolve(schema);
        schema.nullable || target.nullable || matches!(target.shape, Shape::Null | Shape::Anything)
    }

    /// `was_optional`: the value may be absent, so a program already handles that.
    fn nullable(&mut self, at: &At, old: &Schema, new: &Schema, directions: Directions, was_optional: bool) {
        let noun = at.noun();
        match (self.is_null_admitted(old, true), self.is_null_admitted(new, false)) {
            (false, true) => {
                let responses = if was_optional { Effect::Additive } else { Effect::Breaking };
                let classes = classes(directions, Effect::Additive, responses);
                let bump = if directions.requests || !was_optional { Bump::Major } else { Bump::Patch };
                self.push(ChangeKind::BecameNullable, &at.subject, format!("{noun} can be null"), classes, bump);
            }
            (true, false) => {
                let classes = classes(directions, Effect::Breaking, Effect::Additive);
                let text = format!("{noun} can no longer be null");
                let bump = if directions.requests || !was_optional { Bump::Major } else { Bump::Patch };
                self.push(ChangeKind::NoLongerNullable, &at.subject, text, classes, bump);
            }
            _ => {}
        }
    }

    fn default(&mut self, at: &At, old: Option<&Value>, new: Option<&Value>, directions: Directions) {
        if old == new || !directions.requests {
            return;
        }
        let noun = at.noun();
        let text = match (old, new) {
            (Some(old), Some(new)) => {
                format!("the default of {noun} is now `{}`, it was `{}`", value_text(new), value_text(old))
            }
            (None, Some(new)) => format!("the default of {noun} is `{}`", value_text(new)),
            (Some(old), None) => format!("{noun} no longer has the default `{}`", value_text(old)),
            (None, None) => return,
        };
        // A default that is documented only now may have existed before.
        let class = if old.is_some() { Class::BreakingForRequests } else { Class::Docs };
        self.push(ChangeKind::DefaultChanged, &at.subject, text, vec![class], Bump::Patch);
    }

    fn bounds(&mut self, at: &At, old: &Schema, new: &Schema, directions: Directions) {
        let names = old.bounds.keys().chain(new.bounds.keys());
        for name in names.collect::<std::collections::BTreeSet<_>>() {
            let (before, after) = (old.bounds.get(name), new.bounds.get(name));
            if before == after {
                continue;
            }
            let said = |value: Option<&Value>| {
                value.map_or_else(|| "none".to_owned(), |value| format!("`{}`", value_text(value)))
            };
            let text = format!("`{name}` of {} is now {}, it was {}", at.noun(), said(after), said(before));
            let is_looser = is_looser(name, before, after);
            let (kind, requests) = match is_looser {
                true => (ChangeKind::BoundLoosened, Effect::Additive),
                false => (ChangeKind::BoundTightened, Effect::Breaking),
            };
            self.push(kind, &at.subject, text, classes(directions, requests, Effect::Docs), Bump::Patch);
        }
    }

    fn shape(&mut self, at: &At, old: &Schema, new: &Schema, directions: Directions) {
        match (&old.shape, &new.shape) {
            (Shape::Reference(name), Shape::Reference(other)) if self.renamed(name) == other => {}
            (Shape::Object(a), Shape::Object(b)) => self.properties(at, a, b, directions),
            (Shape::List(a), Shape::List(b)) => self.schema(&at.inside("[]"), a, b, directions),
            (Shape::Map(keys, values), Shape::Map(other_keys, other_values)) => {
                self.schema(&at.inside("{key}"), keys, other_keys, directions);
                self.schema(&at.inside("{}"), values, other_values, directions);
            }
            (Shape::Tuple(a), Shape::Tuple(b)) if a.len() == b.len() => {
                for (index, (a, b)) in a.iter().zip(b).enumerate() {
                    self.schema(&at.inside(&format!("[{index}]")), a, b, directions);
                }
            }
            (Shape::Values(_) | Shape::Constant(_), Shape::Values(_) | Shape::Constant(_)) => {
                self.values(at, old, new, directions);
            }
            (Shape::Union(a, tag), Shape::Union(b, other)) => {
                self.tag(at, tag.as_deref(), other.as_deref(), directions);
                self.variants(at, a, b, directions);
            }
            (Shape::Union(a, _), _) if is_variant(self.new.resolve(new)) => {
                self.variants(at, a, std::slice::from_ref(new), directions);
            }
            (_, Shape::Union(b, _)) if is_variant(self.old.resolve(old)) => {
                self.variants(at, std::slice::from_ref(old), b, directions);
            }
            _ if self.is_same(&without_null(old), &without_null(new)) => {}
            _ => self.changed(at, old, new, directions),
        }
    }

    /// Compares two structures that have no comparable parts in common.
    fn changed(&mut self, at: &At, old: &Schema, new: &Schema, directions: Directions) {
        let (old, new) = (&without_null(old), &without_null(new));
        let text = format!("{} is now {new}, it was {old}", at.noun());
        let widens = Fit::new(self.new, self.old).admits(new, old);
        let narrows = Fit::new(self.old, self.new).admits(old, new);
        let (requests, responses) = match (widens, narrows) {
            (true, true) => (Effect::Docs, Effect::Docs),
            (true, false) => (Effect::Additive, Effect::Breaking),
            (false, true) => (Effect::Breaking, Effect::Additive),
            (false, false) => (Effect::Breaking, Effect::Breaking),
        };
        let (kind, bump) = match (rust_type(old), rust_type(new)) {
            (Some(old), Some(new)) if old == new => (ChangeKind::FormatChanged, Bump::Patch),
            _ => (ChangeKind::TypeChanged, Bump::Major),
        };
        self.push(kind, &at.subject, text, classes(directions, requests, responses), bump);
    }

    fn properties(
        &mut self,
        at: &At,
        old: &BTreeMap<String, Property>,
        new: &BTreeMap<String, Property>,
        directions: Directions,
    ) {
        for (name, property) in old {
            let before = directions.and(property.schema.directions());
            let after = new.get(name).map(|property| directions.and(property.schema.directions()));
            match (new.get(name), after) {
                (Some(now), Some(after)) if !before.and(after).is_empty() => {
                    self.moved(at, name, before, after);
                    self.property(&at.property(name), property, now, before.and(after));
                }
                _ => self.property_removed(at, name, before),
            }
        }
        for (name, property) in new {
            let after = directions.and(property.schema.directions());
            let was_there =
                old.get(name).is_some_and(|old| !directions.and(old.schema.directions()).and(after).is_empty());
            if !was_there {
                self.property_added(at, name, property, after);
            }
        }
    }

    /// A property that is only sent or only received now.
    fn moved(&mut self, at: &At, name: &str, before: Directions, after: Directions) {
        let gone = Directions {
            requests: before.requests && !after.requests,
            responses: before.responses && !after.responses,
        };
        if gone.requests || gone.responses {
            self.property_removed(at, name, gone);
        }
    }

    fn property_removed(&mut self, at: &At, name: &str, directions: Directions) {
        if directions.is_empty() {
            return;
        }
        let noun = at.noun();
        let text = match (directions.requests, directions.responses) {
            (true, false) => format!("{noun} no longer takes the property `{name}`"),
            _ => format!("{noun} no longer has the property `{name}`"),
        };
        let classes = classes(directions, Effect::Breaking, Effect::Breaking);
        self.push(ChangeKind::PropertyRemoved, &at.subject, text, classes, Bump::Major);
    }

    fn property_added(&mut self, at: &At, name: &str, property: &Property, directions: Directions) {
        if directions.is_empty() {
            return;
        }
        let noun = at.noun();
        let schema = &property.schema;
        let requests = if property.required { Effect::Breaking } else { Effect::Additive };
        let text = match (directions.requests, property.required) {
            (true, true) => format!("{noun} takes the new required property `{name}` ({schema})"),
            (true, false) => format!("{noun} takes the new optional property `{name}` ({schema})"),
            (false, _) => format!("{noun} has the new property `{name}` ({schema})"),
        };
        self.push(
            ChangeKind::PropertyAdded,
            &at.subject,
            text,
            classes(directions, requests, Effect::Additive),
            Bump::Minor,
        );
    }

    fn property(&mut self, at: &At, old: &Property, new: &Property, directions: Directions) {
        let noun = at.noun();
        let is_nullable = self.is_null_admitted(&old.schema, true) && self.is_null_admitted(&new.schema, false);
        // In received values, the crate treats absent and null alike.
        let bump = if directions.requests || !is_nullable { Bump::Major } else { Bump::Patch };
        if !old.required && new.required {
            let classes = classes(directions, Effect::Breaking, Effect::Additive);
            self.push(ChangeKind::BecameRequired, &at.subject, format!("{noun} became required"), classes, bump);
        }
        if old.required && !new.required {
            let responses = if is_nullable { Effect::Additive } else { Effect::Breaking };
            let classes = classes(directions, Effect::Additive, responses);
            self.push(ChangeKind::BecameOptional, &at.subject, format!("{noun} became optional"), classes, bump);
        }
        let (old_schema, new_schema) = (&old.schema, &new.schema);
        self.deprecation(&at.subject, &noun, old_schema.deprecated, new_schema.deprecated);
        self.text(&at.subject, &noun, &old_schema.text, &new_schema.text);
        self.default(at, old_schema.default.as_ref(), new_schema.default.as_ref(), directions);
        self.bounds(at, old_schema, new_schema, directions);
        self.nullable(at, old_schema, new_schema, directions, !old.required && !new.required);
        self.shape(at, old_schema, new_schema, directions);
    }

    fn values(&mut self, at: &At, old: &Schema, new: &Schema, directions: Directions) {
        let noun = at.noun();
        if let (Shape::Constant(before), Shape::Constant(after)) = (&old.shape, &new.shape) {
            if before != after {
                let text = format!("{noun} is now `{}`, it was `{}`", value_text(after), value_text(before));
                let classes = classes(directions, Effect::Breaking, Effect::Breaking);
                self.push(ChangeKind::TypeChanged, &at.subject, text, classes, Bump::Major);
            }
            return;
        }
        // A constant has another type than an enumeration, or none.
        let is_constant = |schema: &Schema| matches!(schema.shape, Shape::Constant(_));
        let bump = if is_constant(old) == is_constant(new) { Bump::Minor } else { Bump::Major };
        let (old, new) = (old.values().unwrap_or_default(), new.values().unwrap_or_default());
        for value in old.iter().filter(|value| !new.contains(value)) {
            let text = format!("{noun} no longer has the value `{}`", value_text(value));
            let classes = classes(directions, Effect::Breaking, Effect::Breaking);
            self.push(ChangeKind::ValueRemoved, &at.subject, text, classes, Bump::Major);
        }
        for value in new.iter().filter(|value| !old.contains(value)) {
            let text = format!("{noun} has the new value `{}`", value_text(value));
            // Enumerations are open: a former version of the crate keeps the value as unknown.
            self.push(ChangeKind::ValueAdded, &at.subject, text, vec![Class::Additive], bump);
        }
    }

    fn tag(&mut self, at: &At, old: Option<&str>, new: Option<&str>, directions: Directions) {
        if let (Some(old), Some(new)) = (old, new)
            && old != new
        {
            let text = format!("the variants of {} are told apart by `{new}`, it was `{old}`", at.noun());
            let classes = classes(directions, Effect::Breaking, Effect::Breaking);
            self.push(ChangeKind::TagChanged, &at.subject, text, classes, Bump::Major);
        }
    }

    fn variants(&mut self, at: &At, old: &[Schema], new: &[Schema], directions: Directions) {
        let mut gone: Vec<&Schema> = old.iter().collect();
        let mut came: Vec<&Schema> = new.iter().collect();
        if let ([only], variants) | (variants, [only]) = (old, new)
            && !variants.iter().any(|variant| self.is_same(&without_null(only), &without_null(variant)))
        {
            let whole = |variants: &[Schema]| match variants {
                [only] => only.clone(),
                variants => Schema { shape: Shape::Union(variants.to_vec(), None), ..Schema::default() },
            };
            self.changed(at, &whole(old), &whole(new), directions);
            return;
        }
        gone.retain(|variant| {
            match came.iter().position(|other| self.is_same(&without_null(variant), &without_null(other))) {
                Some(index) => {
                    came.remove(index);
                    false
                }
                None => true,
            }
        });
        // The remaining variants of both sides may be the same variant with changes inside.
        gone.retain(|variant| {
            let Some(index) = came.iter().position(|other| is_alike(variant, other)) else { return true };
            let other = came.remove(index);
            self.shape(&at.inside(""), variant, other, directions);
            false
        });
        let noun = at.noun();
        for variant in gone {
            let text = format!("{noun} can no longer be {}", without_null(variant));
            let classes = classes(directions, Effect::Breaking, Effect::Breaking);
            self.push(ChangeKind::VariantRemoved, &at.subject, text, classes, Bump::Major);
        }
        let bump = if old.len() == 1 || new.len() == 1 { Bump::Major } else { Bump::Minor };
        for variant in came {
            let text = format!("{noun} can be {}", without_null(variant));
            // Unions are open: a former version of the crate keeps the value as unknown. A type that was not a union
            // can't.
            let responses = if old.len() == 1 { Effect::Breaking } else { Effect::Additive };
            self.push(
                ChangeKind::VariantAdded,
                &at.subject,
                text,
                classes(directions, Effect::Additive, responses),
                bump,
            );
        }
    }
}

/// Returns whether a schema can be one variant of a union.
fn is_variant(schema: &Schema) -> bool {
    !matches!(schema.shape, Shape::Anything | Shape::Null | Shape::Union(..))
}

/// Returns whether two variants have the same kind, and can be compared part by part.
fn is_alike(a: &Schema, b: &Schema) -> bool {
    matches!(
        (&a.shape, &b.shape),
        (Shape::Object(_), Shape::Object(_))
            | (Shape::List(_), Shape::List(_))
            | (Shape::Map(..), Shape::Map(..))
            | (Shape::Values(_) | Shape::Constant(_), Shape::Values(_) | Shape::Constant(_))
    )
}

fn without_null(schema: &Schema) -> Schema {
    Schema { nullable: false, ..schema.clone() }
}

/// Returns whether a bound allows more than before.
fn is_looser(name: &str, old: Option<&Value>, new: Option<&Value>) -> bool {
    let (old, new) = match (old, new) {
        (_, None) => return true,
        (None, _) => return false,
        (Some(old), Some(new)) => (old.as_f64(), new.as_f64()),
    };
    match (old, new) {
        (Some(old), Some(new)) if name.starts_with("max") || name == "exclusiveMaximum" => new > old,
        (Some(old), Some(new)) if name.starts_with("min") || name == "exclusiveMinimum" => new < old,
        // A divisor of the former step allows all its multiples.
        (Some(old), Some(new)) if name == "multipleOf" && new != 0.0 => old % new == 0.0,
        _ => false,
    }
}

/// The Rust type of a scalar.
fn rust_type(schema: &Schema) -> Option<&'static str> {
    match &schema.shape {
        Shape::Scalar(Kind::String, format) => Some(match format.as_deref() {
            format if is_same_format(format, Some("uuid")) => "Uuid",
            Some("date-time") => "DateTime",
            Some("date") => "NaiveDate",
            Some("password") => "Secret",
            _ => "String",
        }),
        Shape::Scalar(Kind::Integer, _) => Some("i64"),
        Shape::Scalar(Kind::Number, _) => Some("f64"),
        Shape::Scalar(Kind::Boolean, _) => Some("bool"),
        _ => None,
    }
}
