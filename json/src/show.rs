//! `Debug` output of all types: names of properties, values as sent, and no secrets.

use std::fmt::{self, Debug, Formatter};

use crate::field::{List, Parts, Rest, View};
use crate::secret::REDACTED;

/// Writes the `Debug` text of a value.
///
/// # Errors
/// Returns the error of the formatter.
pub fn show(view: View<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    view.fmt(f)
}

impl Debug for View<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("None"),
            Self::Null => f.write_str("Null"),
            Self::Boolean(truth) => truth.fmt(f),
            Self::Integer(number) => number.fmt(f),
            Self::Float(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
            Self::Name(text) => f.write_str(text),
            Self::UnknownName(text) => f.debug_tuple("Unknown").field(text).finish(),
            Self::Secret(_) => f.write_str(REDACTED),
            Self::Uuid(id) => id.fmt(f),
            Self::Time(time) => time.fmt(f),
            Self::Date(date) => date.fmt(f),
            Self::Json(json) => json.fmt(f),
            Self::Unknown(unknown) => f.debug_tuple("Unknown").field(unknown).finish(),
            Self::Variant(name, content) => f.debug_tuple(name).field(&content.view()).finish(),
            Self::Constant(name, _) => f.write_str(name),
            Self::Model(model) => {
                let mut result = Ok(());
                model.parts(&mut |parts| result = show_parts(parts, f));
                result
            }
            Self::List(list) => f.debug_list().entries(items(*list)).finish(),
            Self::Map(map) => {
                let mut debug = f.debug_map();
                map.each(&mut |key, value| {
                    debug.entry(&key, &value);
                });
                debug.finish()
            }
        }
    }
}

fn show_parts(parts: Parts<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    let mut debug = f.debug_struct(parts.object.name);
    for (property, field) in parts.object.properties.iter().zip(parts.fields) {
        let view = field.view();
        let shown: &dyn Debug = if property.secret { &REDACTED } else { &view };
        debug.field(property.name, shown);
    }
    debug.field(parts.rest.label(), &Shown(parts.rest)).finish()
}

struct Shown<'a>(&'a dyn Rest);

impl Debug for Shown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.show(f)
    }
}

fn items<'a>(list: &'a dyn List) -> impl Iterator<Item = View<'a>> {
    (0..list.count()).filter_map(|index| list.item(index))
}
