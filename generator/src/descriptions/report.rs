//! What of an API has a description, and what does not.

use std::fmt;

use indexmap::IndexMap;

use super::key;
use crate::diagnostics::Diagnostics;
use crate::ir::{Api, Shape};

/// What can have a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A call.
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
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Operation, Self::Type, Self::Property, Self::Parameter, Self::Value, Self::Webhook];

    /// In the plural.
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

/// Something that has to have a description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub subject: Subject,
    /// Key of the operation, type or webhook in a file of descriptions.
    pub key: String,
    /// Name of the property, parameter or value in it.
    pub name: Option<String>,
    /// The description.
    pub text: Option<String>,
}

/// What of an API has a description, and what is wrong with the files.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Everything that has to have one.
    pub entries: Vec<Entry>,
    /// Descriptions of what the API does not have.
    pub stale: Diagnostics,
}

/// Everything in the versions of the API that a user can see. What several versions have is there once, and without a
/// description if it has none in one of them.
#[must_use]
pub fn report(apis: &[&Api]) -> Vec<Entry> {
    let mut entries: IndexMap<(Subject, String, Option<String>), Entry> = IndexMap::new();
    for entry in apis.iter().flat_map(|api| report_on(api)) {
        let key = (entry.subject, entry.key.clone(), entry.name.clone());
        let is_missing = entry.text.is_none();
        let known = entries.entry(key).or_insert(entry);
        if is_missing {
            known.text = None;
        }
    }
    entries.into_values().collect()
}

fn report_on(api: &Api) -> Vec<Entry> {
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
