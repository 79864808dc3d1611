//! Which parts of an API have a description.

use std::fmt;

use super::key;
use crate::diagnostics::Diagnostics;
use crate::ir::{Api, Shape};

/// A kind of item that can have a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// An operation.
    Operation,
    /// A type with a name in the generated crate.
    Type,
    /// A property of an object that has a field.
    Property,
    /// A path, query or header parameter of an operation.
    Parameter,
    /// A value of an enumeration.
    Value,
    /// An event.
    Webhook,
}

impl Subject {
    /// All kinds.
    pub const ALL: [Self; 6] =
        [Self::Operation, Self::Type, Self::Property, Self::Parameter, Self::Value, Self::Webhook];

    /// Returns the name of the kind in the plural.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::Operation => "operations",
            Self::Type => "types",
            Self::Property => "properties",
            Self::Parameter => "parameters",
            Self::Value => "values",
            Self::Webhook => "webhooks",
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Operation => "operation",
            Self::Type => "type",
            Self::Property => "property",
            Self::Parameter => "parameter",
            Self::Value => "value",
            Self::Webhook => "webhook",
        })
    }
}

/// An item that needs a description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The kind of the item.
    pub subject: Subject,
    /// Key of the operation, type or webhook in a file of descriptions.
    pub key: String,
    /// Name of the property, parameter or value in it.
    pub name: Option<String>,
    /// The description.
    pub text: Option<String>,
}

/// Which parts of an API have a description, and what is wrong with the files.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// All items that need one.
    pub entries: Vec<Entry>,
    /// Descriptions of items that the API does not have.
    pub stale: Diagnostics,
}

/// Returns all items of the API that a user can see.
#[must_use]
pub fn report(api: &Api) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut add = |subject, key: &str, name: Option<&str>, text: &Option<String>| {
        entries.push(Entry { subject, key: key.to_owned(), name: name.map(str::to_owned), text: text.clone() });
    };
    for operation in &api.operations {
        add(Subject::Operation, &operation.id, None, &operation.docs.description);
        let parameters = operation.path_parameters.iter().chain(&operation.query).chain(&operation.headers);
        for parameter in parameters {
            add(Subject::Parameter, &operation.id, Some(&parameter.wire), &parameter.docs.description);
        }
    }
    for def in api.types.iter().filter(|def| def.is_used() || def.feature_set.always) {
        let key = key(def);
        add(Subject::Type, key, None, &def.docs.description);
        match &def.shape {
            Shape::Struct(object) => {
                for field in object.fields.iter().filter(|field| field.constant.is_none()) {
                    add(Subject::Property, key, Some(&field.wire), &field.docs.description);
                }
            }
            Shape::Enum(listed) => {
                for value in &listed.values {
                    add(Subject::Value, key, Some(&value.wire), &value.description);
                }
            }
            Shape::Union(_) => {}
        }
    }
    for webhook in &api.webhooks {
        add(Subject::Webhook, &webhook.event, None, &webhook.docs.description);
    }
    entries
}
