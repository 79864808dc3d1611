//! How the variants of the document's unions are distinguished.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use serde_json::Value;

use crate::document::Document;

/// What distinguishes the variants of a union.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Properties that every variant declares: for any two variants, the values of one of them differ.
    Tags(Vec<Tag>),
    /// A constant that some variants require and the others don't declare.
    Marker(Tag),
    /// The JSON types of the values, and the required properties.
    Structure,
}

/// A property that distinguishes variants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Names of properties, from the variant down.
    pub path: Vec<String>,
    /// What each variant says about it; `None` if it does not declare it.
    pub declared: Vec<Option<Declared>>,
}

/// What a variant says about a property.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// The listed values; `None` if any string is allowed.
    pub values: Option<BTreeSet<String>>,
    /// Whether it may be absent.
    pub optional: bool,
}

impl Tag {
    /// Returns the number of variants that allow any string.
    fn open(&self) -> usize {
        self.declared.iter().flatten().filter(|declared| declared.values.is_none()).count()
    }

    fn is_marker(&self) -> bool {
        let is_true = |d: &Declared| d.lists("true") && d.values.as_ref().is_some_and(|values| values.len() == 1);
        self.path.len() == 1 && self.declared.iter().flatten().all(|declared| !declared.optional && is_true(declared))
    }
}

impl Declared {
    /// Whether the variant lists a value.
    #[must_use]
    pub fn lists(&self, value: &str) -> bool {
        self.values.as_ref().is_some_and(|values| values.contains(value))
    }
}

/// A variant that is not a union itself, with what distinguishes it in each union that contains it, outer ones first.
#[derive(Clone, Debug)]
pub struct Leaf<'a> {
    /// Its schema in the union: usually a reference.
    pub schema: &'a Value,
    /// What distinguishes it.
    pub told: Vec<Rc<Told>>,
}

/// The unions of a document. How their variants are distinguished is determined once for each.
pub struct Unions<'a> {
    document: &'a Document,
    told: RefCell<HashMap<*const Value, Rc<Told>>>,
}

impl<'a> Unions<'a> {
    /// The unions of a document.
    #[must_use]
    pub fn new(document: &'a Document) -> Self {
        Self { document, told: RefCell::default() }
    }

    /// The document.
    #[must_use]
    pub fn document(&self) -> &'a Document {
        self.document
    }

    /// Returns all variants that are not unions themselves. Empty if the schema is not a union.
    #[must_use]
    pub fn leaves(&self, schema: &'a Value) -> Vec<Leaf<'a>> {
        let variants = self.document.variants(schema);
        if variants.len() < 2 {
            return Vec::new();
        }
        let told = self.told(&variants);
        let below = |variant| match self.leaves(variant) {
            leaves if leaves.is_empty() => vec![Leaf { schema: variant, told: Vec::new() }],
            leaves => leaves,
        };
        let mut leaves: Vec<_> = variants.into_iter().flat_map(below).collect();
        leaves.iter_mut().for_each(|leaf| leaf.told.insert(0, Rc::clone(&told)));
        leaves
    }

    /// Returns what distinguishes the variants of a union.
    #[must_use]
    pub fn told(&self, variants: &[&'a Value]) -> Rc<Told> {
        let key = std::ptr::from_ref(variants[0]);
        if let Some(told) = self.told.borrow().get(&key) {
            return Rc::clone(told);
        }
        let told = Rc::new(self.find(variants));
        self.told.borrow_mut().insert(key, Rc::clone(&told));
        told
    }

    /// Tags that all variants declare come first, then a marker: a constant of two values rather than one of many,
    /// which the other variants may have as an undeclared property.
    fn find(&self, variants: &[&'a Value]) -> Told {
        if !variants.iter().all(|variant| self.document.is_object(variant)) {
            return Told::Structure;
        }
        let mut paths = BTreeSet::new();
        variants.iter().for_each(|variant| self.paths(variant, &[], &mut paths));
        let declared = |path: &[String]| variants.iter().map(|variant| self.declared(variant, path)).collect();
        let all = paths.into_iter().map(|path| Tag { declared: declared(&path), path });
        let (mut complete, others): (Vec<_>, Vec<_>) = all.partition(|tag| tag.declared.iter().all(Option::is_some));
        complete.retain(|tag| tag.open() < 2);
        complete.sort_by_key(|tag| (tag.path.len(), tag.open()));
        let one = || complete.iter().find_map(|tag| tags(&[tag]));
        let two = || complete.iter().enumerate().find_map(|(i, b)| complete[..i].iter().find_map(|a| tags(&[a, b])));
        let marker = || others.iter().find(|tag| tag.is_marker()).cloned().map(Told::Marker);
        one().or_else(two).or_else(marker).unwrap_or(Told::Structure)
    }

    /// Paths to properties with listed values, at depth one or two.
    fn paths(&self, schema: &'a Value, above: &[String], found: &mut BTreeSet<Vec<String>>) {
        for variant in self.document.variants(schema) {
            if self.document.variants(variant).len() > 1 {
                self.paths(variant, above, found);
            }
            for (name, property, required) in self.document.properties(variant) {
                let path = [above, &[name.to_owned()]].concat();
                if self.document.listed(property).is_some() {
                    found.insert(path);
                } else if required && above.is_empty() {
                    self.paths(property, &path, found);
                }
            }
        }
    }

    /// What a schema says about the property at a path, over all its variants; `None` if one does not declare it.
    #[must_use]
    pub fn declared(&self, schema: &'a Value, path: &[String]) -> Option<Declared> {
        let variants = self.document.variants(schema);
        if variants.len() > 1 {
            let all: Option<Vec<_>> = variants.iter().map(|variant| self.declared(variant, path)).collect();
            let join = |mut a: Declared, b: Declared| {
                a.values = a.values.zip(b.values).map(|(mut a, b)| {
                    a.extend(b);
                    a
                });
                a.optional |= b.optional;
                a
            };
            return all?.into_iter().reduce(join);
        }
        let (first, rest) = path.split_first()?;
        let (property, required) = self.document.property(variants[0], first)?;
        if !rest.is_empty() {
            return if required { self.declared(property, rest) } else { None };
        }
        let values = self.document.listed(property);
        let property = self.document.resolve(property);
        (values.is_some() || property["type"] == "string").then_some(Declared { values, optional: !required })
    }
}

/// What distinguishes by these, if they distinguish any two variants.
fn tags(tags: &[&Tag]) -> Option<Told> {
    let count = tags.first()?.declared.len();
    let differ = |a: usize, b: usize| tags.iter().any(|tag| disjoint(&tag.declared[a], &tag.declared[b]));
    let tell = (0..count).all(|b| (0..b).all(|a| differ(a, b)));
    tell.then(|| Told::Tags(tags.iter().copied().cloned().collect()))
}

fn disjoint(a: &Option<Declared>, b: &Option<Declared>) -> bool {
    let (Some(a), Some(b)) = (a, b) else { return false };
    match (&a.values, &b.values) {
        (Some(a), Some(b)) => a.is_disjoint(b),
        // The open one allows what the other does not list.
        (a, b) => a.is_some() || b.is_some(),
    }
}
