//! Whether a schema allows values that another one does not.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Comparison;
use crate::api::{Api, Kind, Schema, Shape};

/// A comparison of the values of two schemas.
pub(super) struct Fit<'a> {
    /// The API of the wide schema.
    pub(super) wide: &'a Api,
    /// The API of the narrow one.
    pub(super) narrow: &'a Api,
    /// Results for pairs of types. A pair that is being compared counts as fitting, so that types can refer to each
    /// other.
    known: RefCell<BTreeMap<(String, String), bool>>,
}

impl<'a> Fit<'a> {
    pub(super) fn new(wide: &'a Api, narrow: &'a Api) -> Self {
        Self { wide, narrow, known: RefCell::default() }
    }

    /// Returns whether the wide schema allows every value of the narrow one. If in doubt, returns `false`.
    pub(super) fn admits(&self, wide: &Schema, narrow: &Schema) -> bool {
        let (Shape::Reference(name), Shape::Reference(other)) = (&wide.shape, &narrow.shape) else {
            return self.compare(wide, narrow);
        };
        let pair = (name.clone(), other.clone());
        if let Some(known) = self.known.borrow().get(&pair) {
            return *known;
        }
        self.known.borrow_mut().insert(pair.clone(), true);
        let admits = self.compare(wide, narrow);
        self.known.borrow_mut().insert(pair, admits);
        admits
    }

    fn compare(&self, wide: &Schema, narrow: &Schema) -> bool {
        let (outer_wide, outer_narrow) = (wide.nullable, narrow.nullable);
        let (wide, narrow) = (self.wide.resolve(wide), self.narrow.resolve(narrow));
        let admits_null = outer_wide || wide.nullable || matches!(wide.shape, Shape::Null | Shape::Anything);
        if (outer_narrow || narrow.nullable) && !admits_null {
            return false;
        }
        let admits = |wide: &Schema, narrow: &Schema| self.admits(wide, narrow);
        match (&wide.shape, &narrow.shape) {
            (Shape::Anything, _) => true,
            (_, Shape::Null) => admits_null,
            (_, Shape::Union(variants, _)) => variants.iter().all(|variant| admits(wide, variant)),
            (Shape::Union(variants, _), _) => variants.iter().any(|variant| admits(variant, narrow)),
            (Shape::Scalar(kind, format), Shape::Scalar(other, other_format)) => {
                let has_format = format.is_none() || is_same_format(format.as_deref(), other_format.as_deref());
                (kind == other || (*kind == Kind::Number && *other == Kind::Integer)) && has_format
            }
            (Shape::Scalar(kind, None), Shape::Values(_) | Shape::Constant(_)) => {
                narrow.values().is_some_and(|values| values.iter().all(|value| is_of_kind(value, *kind)))
            }
            (Shape::Values(values), Shape::Values(_) | Shape::Constant(_)) => {
                narrow.values().is_some_and(|others| others.iter().all(|value| values.contains(value)))
            }
            (Shape::List(items), Shape::List(others)) => admits(items, others),
            (Shape::Map(keys, values), Shape::Map(other_keys, other_values)) => {
                admits(keys, other_keys) && admits(values, other_values)
            }
            (Shape::List(items), Shape::Tuple(others)) => others.iter().all(|other| admits(items, other)),
            (Shape::Tuple(items), Shape::Tuple(others)) => {
                items.len() == others.len() && items.iter().zip(others).all(|(item, other)| admits(item, other))
            }
            (Shape::Map(_, values), Shape::Object(properties)) => {
                properties.values().all(|property| admits(values, &property.schema))
            }
            (Shape::Object(properties), Shape::Object(others)) => {
                let names: BTreeSet<_> = properties.keys().collect();
                names.into_iter().all(|name| match (properties.get(name), others.get(name)) {
                    (Some(property), Some(other)) => {
                        (other.required || !property.required) && admits(&property.schema, &other.schema)
                    }
                    (Some(property), None) => !property.required,
                    (None, _) => true,
                })
            }
            (wide, narrow) => wide == narrow,
        }
    }
}

impl Comparison<'_> {
    /// Returns whether two schemas are the same except for names.
    pub(super) fn is_same(&self, old: &Schema, new: &Schema) -> bool {
        if old.nullable != new.nullable {
            return false;
        }
        match (&old.shape, &new.shape) {
            (Shape::Reference(name), Shape::Reference(other)) => self.renamed(name) == other,
            (Shape::Scalar(kind, format), Shape::Scalar(other, other_format)) => {
                kind == other && is_same_format(format.as_deref(), other_format.as_deref())
            }
            (Shape::List(items), Shape::List(others)) => self.is_same(items, others),
            (Shape::Map(keys, values), Shape::Map(other_keys, other_values)) => {
                self.is_same(keys, other_keys) && self.is_same(values, other_values)
            }
            (Shape::Tuple(items), Shape::Tuple(others)) => {
                items.len() == others.len() && items.iter().zip(others).all(|(item, other)| self.is_same(item, other))
            }
            (Shape::Union(variants, _), Shape::Union(others, _)) => {
                variants.len() == others.len()
                    && variants.iter().all(|variant| others.iter().any(|other| self.is_same(variant, other)))
            }
            (Shape::Object(properties), Shape::Object(others)) => {
                properties.len() == others.len()
                    && properties.iter().all(|(name, property)| {
                        others.get(name).is_some_and(|other| {
                            property.required == other.required && self.is_same(&property.schema, &other.schema)
                        })
                    })
            }
            (old, new) => old == new,
        }
    }
}

fn is_of_kind(value: &Value, kind: Kind) -> bool {
    match kind {
        Kind::String => value.is_string(),
        Kind::Integer => value.is_i64() || value.is_u64(),
        Kind::Number => value.is_number(),
        Kind::Boolean => value.is_boolean(),
    }
}

/// `uuid4` is a `uuid` with a known version; the difference changes neither values in use nor types.
pub(super) fn is_same_format(a: Option<&str>, b: Option<&str>) -> bool {
    fn plain(format: &str) -> &str {
        if format.starts_with("uuid") { "uuid" } else { format }
    }
    a.map(plain) == b.map(plain)
}
