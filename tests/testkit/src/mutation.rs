//! Changes of instances that a server may and may not make, derived from their schemas.

use serde_json::{Map, Value, json};

use crate::document::Document;
use crate::instance::{Extent, instance};
use crate::path::Path;
use crate::unions::{Leaf, Told, Unions};

/// A kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// None: the unchanged instance.
    Unchanged,
    /// An object has an undeclared property.
    NewProperty,
    /// An enumeration or a constant has a value that the document does not list.
    NewValue,
    /// A variant has a property that only other variants of its union declare.
    SiblingProperty,
    /// A variant has all properties that only other variants of its union declare.
    SiblingProperties,
    /// A tag comes last in its object.
    TagLast,
    /// A tag's name or value is written with an escape.
    TagEscaped,
    /// A tag has a value that no variant lists.
    TagUnknown,
    /// A tag is missing.
    TagMissing,
    /// A tag is null.
    TagNull,
    /// A property that may be null is missing, or all of them are.
    NullableMissing,
    /// A property that is not required is missing.
    OptionalMissing,
    /// A property that is required and not nullable is missing.
    RequiredMissing,
    /// A property that is required and not nullable is null.
    RequiredNull,
    /// A property has a value of another JSON kind.
    OtherKind,
    /// The whole value, or a property, is `null`, `{}`, `[]`, `""`, `0` or `true`.
    Replaced,
}

impl Kind {
    /// Returns whether the type of the value, and of everything in it, must stay the same.
    #[must_use]
    pub fn keeps_types(self) -> bool {
        matches!(
            self,
            Self::NewProperty | Self::SiblingProperty | Self::SiblingProperties | Self::TagLast | Self::TagEscaped
        )
    }
}

/// An instance with one change.
#[derive(Clone, Debug)]
pub struct Mutation {
    /// The kind of change.
    pub kind: Kind,
    /// A description of the changed property or value.
    pub words: String,
    /// The instance.
    pub value: Value,
    /// Its text, which may have escapes.
    pub text: String,
}

/// An instance and changes of it.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The instance.
    pub base: Value,
    /// The changes.
    pub mutations: Vec<Mutation>,
}

const REPLACEMENTS: [fn() -> Value; 6] =
    [|| Value::Null, || json!({}), || json!([]), || json!(""), || json!(0), || json!(true)];

/// Returns all changes of the instances of a schema that the server sends.
#[must_use]
pub fn subjects<'a>(unions: &Unions<'a>, schema: &'a Value) -> Vec<Subject> {
    let maker = Maker { unions, document: unions.document() };
    let leaves = unions.leaves(schema);
    let mut subjects = match &leaves[..] {
        [] => maker.of_object(schema),
        leaves => leaves.iter().flat_map(|leaf| maker.of_variant(leaf, leaves)).collect(),
    };
    let base = instance(maker.document, schema, Extent::Least);
    let whole = Site { base: &base, path: Path::default() };
    subjects.insert(0, Subject { mutations: whole.replaced(), base: base.clone() });
    subjects
}

struct Maker<'u, 'a> {
    unions: &'u Unions<'a>,
    document: &'a Document,
}

impl<'a> Maker<'_, 'a> {
    /// A variant of a union that is the whole value.
    fn of_variant(&self, leaf: &Leaf<'a>, leaves: &[Leaf<'a>]) -> Vec<Subject> {
        let mut subjects = self.of_properties(leaf.schema, &self.markers(leaf));
        let most = instance(self.document, leaf.schema, Extent::Most);
        subjects.push(Subject { base: most, mutations: Vec::new() });
        subjects.retain(|subject| subject.base.is_object());
        for (index, Subject { base, mutations }) in subjects.iter_mut().enumerate() {
            let site = Site { base, path: Path::default() };
            mutations.extend(self.variant(&site, leaf, leaves));
            if index == 0 {
                mutations.extend(self.siblings(&site, leaf, leaves, true));
            }
        }
        subjects.extend(self.other_tags(leaf));
        subjects
    }

    /// The smallest instance of an object and a complete one, with the changes that are allowed for their properties.
    fn of_properties(&self, schema: &'a Value, markers: &[String]) -> Vec<Subject> {
        let subject = |extent, mutations: &dyn Fn(&Site<'_>) -> Vec<Mutation>| {
            let base = instance(self.document, schema, extent);
            Subject { mutations: mutations(&Site { base: &base, path: Path::default() }), base }
        };
        vec![
            subject(Extent::Least, &|site| self.required(site, schema, markers)),
            subject(Extent::Shallow, &|site| self.properties(site, schema, markers)),
        ]
    }

    /// An unchanged instance for each value of the tags beyond the first.
    fn other_tags(&self, leaf: &Leaf<'a>) -> Vec<Subject> {
        let least = instance(self.document, leaf.schema, Extent::Least);
        let mut subjects = Vec::new();
        for tag in self.tags(leaf) {
            let declared = self.unions.declared(leaf.schema, &tag);
            let path = Path::default().below(&tag);
            for value in declared.and_then(|declared| declared.values).into_iter().flatten() {
                let site = Site { base: &least, path: path.clone() };
                let other = site.value().is_some_and(|first| first.is_string() && *first != value);
                if let Some(base) = other.then(|| site.with(|place| *place = json!(value))) {
                    subjects.push(Subject { base, mutations: Vec::new() });
                }
            }
        }
        subjects
    }

    /// An object that is the whole value, and the values of its properties.
    fn of_object(&self, schema: &'a Value) -> Vec<Subject> {
        if !self.document.is_object(schema) {
            return Vec::new();
        }
        let mut subjects = self.of_properties(schema, &[]);
        let least = instance(self.document, schema, Extent::Least);
        for (name, property, _) in self.document.properties(schema) {
            let path = Path::default().property(name);
            subjects.extend(match self.document.parent_discriminator(property) {
                Some((tag, mapping)) => self.told_by_parent(&least, schema, &path, property, &tag, mapping),
                None => self.held(&least, &path, property),
            });
        }
        subjects
    }

    /// The variants of a property that another property of the object determines, each with the value for it.
    fn told_by_parent(
        &self,
        least: &Value,
        schema: &'a Value,
        path: &Path,
        property: &'a Value,
        tag: &[String],
        mapping: &Map<String, Value>,
    ) -> Vec<Subject> {
        let leaves = self.unions.leaves(property);
        let mut subjects = Vec::new();
        for (named, reference) in mapping {
            let Some(host) = self.with_tag(least, schema, tag, named) else { continue };
            for leaf in leaves.iter().filter(|leaf| leaf.schema["$ref"] == *reference) {
                let leaf = Leaf { schema: leaf.schema, told: Vec::new() };
                for extent in [Extent::Least, Extent::Shallow] {
                    let base = put(&host, path, instance(self.document, leaf.schema, extent));
                    let (site, root) =
                        (Site { base: &base, path: path.clone() }, Site { base: &base, path: Path::default() });
                    let mut mutations = site.replaced();
                    mutations.extend(self.siblings(&site, &leaf, &leaves, true));
                    mutations.extend(self.siblings(&site, &leaf, &leaves, false));
                    mutations.push(mutation(Kind::TagLast, &tag.join("."), root.with(|place| move_last(place, tag))));
                    let tagged = Site { base: &base, path: Path::default().below(tag) };
                    let unknown = tagged.with(|place| *place = json!("kind_of_tomorrow"));
                    mutations.push(mutation(Kind::TagUnknown, &tag.join("."), unknown));
                    subjects.push(Subject { mutations, base });
                }
            }
        }
        subjects
    }

    /// An object with a value at the place of a tag; `None` if no variant there has the value.
    fn with_tag(&self, host: &Value, schema: &'a Value, tag: &[String], value: &str) -> Option<Value> {
        let (first, rest) = tag.split_first()?;
        let path = Path::default().property(first);
        if rest.is_empty() {
            return Some(put(host, &path, json!(value)));
        }
        let leaves = self.unions.leaves(self.document.property(schema, first)?.0);
        let lists = |leaf: &&Leaf<'a>| self.unions.declared(leaf.schema, rest).is_some_and(|d| d.lists(value));
        Some(put(host, &path, instance(self.document, leaves.iter().find(lists)?.schema, Extent::Least)))
    }

    /// The value of a property, or the elements of its list or map, inside of the smallest instance of the object.
    fn held(&self, host: &Value, path: &Path, schema: &'a Value) -> Vec<Subject> {
        let [only] = self.document.variants(schema)[..] else {
            let leaves = self.unions.leaves(schema);
            let objects = leaves.iter().filter(|leaf| self.document.is_object(leaf.schema));
            let mut subjects: Vec<_> = objects.map(|leaf| self.held_variant(host, path, leaf, &leaves)).collect();
            if let (Some(first), Some(leaf)) = (subjects.first_mut(), leaves.first()) {
                let base = put(host, path, instance(self.document, leaf.schema, Extent::Least));
                first.mutations.extend(Site { base: &base, path: path.clone() }.replaced());
            }
            return subjects;
        };
        let resolved = self.document.resolve(only);
        if let Some(items) = resolved.get("items") {
            return self.held(&put(host, path, json!([null])), &path.item(0), items);
        }
        if let Some(additional) = resolved.get("additionalProperties").filter(|additional| additional.is_object()) {
            return self.held(&put(host, path, json!({"key": null})), &path.property("key"), additional);
        }
        if !self.document.is_object(only) {
            return Vec::new();
        }
        let base = put(host, path, instance(self.document, only, Extent::Least));
        let site = Site { base: &base, path: path.clone() };
        let mut mutations = site.replaced();
        mutations.extend(self.required(&site, only, &[]).into_iter().next());
        vec![Subject { mutations, base }]
    }

    fn held_variant(&self, host: &Value, path: &Path, leaf: &Leaf<'a>, leaves: &[Leaf<'a>]) -> Subject {
        let base = put(host, path, instance(self.document, leaf.schema, Extent::Least));
        let site = Site { base: &base, path: path.clone() };
        let mut mutations = self.variant(&site, leaf, leaves);
        mutations.extend(self.required(&site, leaf.schema, &[]).into_iter().next());
        Subject { mutations, base }
    }

    /// Allowed changes of a variant of a union.
    fn variant(&self, site: &Site<'_>, leaf: &Leaf<'a>, leaves: &[Leaf<'a>]) -> Vec<Mutation> {
        let mut mutations = self.siblings(site, leaf, leaves, false);
        for tag in self.tags(leaf) {
            let (Some(name), at) = (tag.last(), site.path.below(&tag)) else { continue };
            let tagged = Site { base: site.base, path: at };
            let Some(value) = tagged.value() else { continue };
            let holder = Site { base: site.base, path: site.path.below(&tag[..tag.len() - 1]) };
            let shown = tag.join(".");
            let mut add = |kind, value| mutations.push(mutation(kind, &shown, value));
            add(Kind::TagMissing, holder.with_properties(|all| drop(all.shift_remove(name))));
            if value.is_string() {
                add(Kind::TagNull, tagged.with(|place| *place = Value::Null));
                add(Kind::TagUnknown, tagged.with(|place| *place = json!("kind_of_tomorrow")));
            }
            add(Kind::TagLast, site.with(|place| move_last(place, &tag)));
            mutations.extend(escaped(&holder, name, value));
        }
        mutations
    }

    /// The properties that distinguish the variant, and that it declares.
    fn tags(&self, leaf: &Leaf<'a>) -> Vec<Vec<String>> {
        let paths = leaf.told.iter().flat_map(|told| match &**told {
            Told::Tags(tags) => tags.iter().map(|tag| tag.path.clone()).collect(),
            Told::Marker(tag) => vec![tag.path.clone()],
            Told::Structure => Vec::new(),
        });
        paths.filter(|path| self.unions.declared(leaf.schema, path).is_some()).collect()
    }

    fn markers(&self, leaf: &Leaf<'a>) -> Vec<String> {
        let markers = leaf.told.iter().filter_map(|told| match &**told {
            Told::Marker(tag) => tag.path.last().cloned(),
            Told::Tags(_) | Told::Structure => None,
        });
        markers.collect()
    }

    /// Properties that only other variants declare: one at a time after those of the variant, or all of them before. A
    /// marker is not among them, because it decides.
    fn siblings(&self, site: &Site<'_>, leaf: &Leaf<'a>, leaves: &[Leaf<'a>], singly: bool) -> Vec<Mutation> {
        let own: Vec<_> = self.document.properties(leaf.schema).map(|(name, _, _)| name).collect();
        let markers = self.markers(leaf);
        let is_marker = |name: &str| markers.iter().any(|marker| marker == name);
        let mut added: Vec<(&str, Value)> = Vec::new();
        for (name, property, _) in leaves.iter().flat_map(|other| self.document.properties(other.schema)) {
            if !own.contains(&name) && !is_marker(name) {
                let value = (name, instance(self.document, property, Extent::Most));
                added.extend(Some(value).filter(|value| !added.contains(value)));
            }
        }
        if singly {
            let with = |(name, value): &(&str, Value)| {
                let changed = site.with_properties(|all| drop(all.insert((*name).to_owned(), value.clone())));
                mutation(Kind::SiblingProperty, name, changed)
            };
            return added.iter().map(with).collect();
        }
        let names: Vec<_> = added.iter().map(|(name, _)| *name).collect();
        let first = added.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let all = site.with_properties(|all| *all = first.chain(std::mem::take(all)).collect());
        let some = (!added.is_empty()).then(|| mutation(Kind::SiblingProperties, &names.join(", "), all));
        some.into_iter().collect()
    }

    /// Allowed changes of an object with all its properties. A marker may differ between variants, so it is not
    /// changed.
    fn properties(&self, site: &Site<'_>, schema: &'a Value, markers: &[String]) -> Vec<Mutation> {
        let mut mutations = Vec::new();
        if !self.document.resolve(schema).get("additionalProperties").is_some_and(Value::is_object) {
            let new = json!({"deep": [1, "two", null]});
            let value = site.with_properties(|all| drop(all.insert("property_of_tomorrow".to_owned(), new)));
            mutations.push(mutation(Kind::NewProperty, "property_of_tomorrow", value));
        }
        for (name, property, required) in self.document.properties(schema) {
            let place = Site { base: site.base, path: site.path.property(name) };
            let Some(value) = place.value().filter(|_| !markers.iter().any(|marker| marker == name)) else { continue };
            let without = || site.with_properties(|all| drop(all.shift_remove(name)));
            if self.document.admits_null(property) {
                mutations.push(mutation(Kind::NullableMissing, name, without()));
            } else if !required {
                mutations.push(mutation(Kind::OptionalMissing, name, without()));
            }
            if let Some(other) = self.other_kind(property) {
                mutations.push(mutation(Kind::OtherKind, name, place.with(|place| *place = other)));
            }
            let [only] = self.document.variants(property)[..] else { continue };
            if value.is_string() && self.document.listed(only).is_some() {
                mutations.push(mutation(Kind::NewValue, name, place.with(|place| *place = json!("value_of_tomorrow"))));
            }
        }
        mutations
    }

    /// Changes of the required properties of an object that are not allowed, and of the others that may be missing.
    fn required(&self, site: &Site<'_>, schema: &'a Value, markers: &[String]) -> Vec<Mutation> {
        let is_required = |property, required| required && !self.document.admits_null(property);
        let mut mutations = Vec::new();
        for (name, property, required) in self.document.properties(schema) {
            if is_required(property, required) {
                let place = Site { base: site.base, path: site.path.property(name) };
                let missing = site.with_properties(|all| drop(all.shift_remove(name)));
                mutations.push(mutation(Kind::RequiredMissing, name, missing));
                if !markers.iter().any(|marker| marker == name) {
                    mutations.push(mutation(Kind::RequiredNull, name, place.with(|place| *place = Value::Null)));
                }
            }
        }
        let nullable = self.document.properties(schema).filter(|(_, property, _)| self.document.admits_null(property));
        let nullable: Vec<_> = nullable.map(|(name, _, _)| name).collect();
        if !nullable.is_empty() {
            let value = site.with_properties(|all| all.retain(|name, _| !nullable.contains(&name.as_str())));
            mutations.push(mutation(Kind::NullableMissing, &nullable.join(", "), value));
        }
        mutations
    }

    /// A value with a JSON type that a schema does not allow; `None` if it allows all of them.
    fn other_kind(&self, schema: &'a Value) -> Option<Value> {
        let candidates = [json!("7"), json!([]), json!({}), json!(7)];
        candidates.into_iter().find(|value| !self.document.admits_kind(schema, value))
    }
}

/// A place in an instance.
struct Site<'b> {
    base: &'b Value,
    path: Path,
}

impl Site<'_> {
    fn value(&self) -> Option<&Value> {
        self.base.pointer(&self.path.pointer)
    }

    /// The instance with a change at the place.
    fn with(&self, change: impl FnOnce(&mut Value)) -> Value {
        let mut value = self.base.clone();
        if let Some(place) = value.pointer_mut(&self.path.pointer) {
            change(place);
        }
        value
    }

    /// The instance with a change of the object at the place.
    fn with_properties(&self, change: impl FnOnce(&mut Map<String, Value>)) -> Value {
        self.with(|place| {
            if let Value::Object(properties) = place {
                change(properties);
            }
        })
    }

    fn replaced(&self) -> Vec<Mutation> {
        let with = |replacement: &fn() -> Value| {
            let replacement = replacement();
            let words = format!("{} by {replacement}", self.path.shown);
            mutation(Kind::Replaced, words.trim_start(), self.with(|place| *place = replacement))
        };
        REPLACEMENTS.iter().map(with).collect()
    }
}

fn mutation(kind: Kind, words: &str, value: Value) -> Mutation {
    Mutation { kind, words: words.to_owned(), text: value.to_string(), value }
}

fn put(host: &Value, path: &Path, value: Value) -> Value {
    let mut host = host.clone();
    match host.pointer_mut(&path.pointer) {
        Some(place) => *place = value,
        // It is optional, and so not in the smallest instance.
        None => host[path.shown.as_str()] = value,
    }
    host
}

/// Moves each step of a path to the end of its object.
fn move_last(place: &mut Value, names: &[String]) {
    let (Some((name, rest)), Value::Object(properties)) = (names.split_first(), place) else { return };
    if let Some(mut value) = properties.shift_remove(name) {
        move_last(&mut value, rest);
        properties.insert(name.clone(), value);
    }
}

/// The same JSON with the name of a tag escaped, and with its value escaped.
fn escaped(holder: &Site<'_>, name: &str, value: &Value) -> Vec<Mutation> {
    let mut mutations = Vec::new();
    let mut add = |original: &str, marked: Value| {
        let text = marked.to_string().replace(MARK, &every_second_escaped(original));
        mutations.push(Mutation {
            kind: Kind::TagEscaped,
            words: original.to_owned(),
            value: holder.base.clone(),
            text,
        });
    };
    let renamed = holder.with_properties(|all| {
        let entries = std::mem::take(all).into_iter();
        all.extend(entries.map(|(other, value)| (if other == name { MARK.to_owned() } else { other }, value)));
    });
    add(name, renamed);
    if let Some(original) = value.as_str() {
        add(original, holder.with_properties(|all| drop(all.insert(name.to_owned(), json!(MARK)))));
    }
    mutations
}

/// A placeholder for a text that is replaced by its escapes.
const MARK: &str = "@escaped@";

/// A text of the Basic Multilingual Plane in JSON escapes.
fn every_second_escaped(text: &str) -> String {
    let escaped = |(index, c): (usize, char)| match index % 2 {
        0 => c.to_string(),
        _ => format!("\\u{:04x}", u32::from(c)),
    };
    text.chars().enumerate().map(escaped).collect()
}
