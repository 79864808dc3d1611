//! What the schemas of a union's variants say about their values.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use indexmap::{IndexMap, IndexSet};

use super::unions::describe;
use crate::ir::{
    Const, Field, JsonKind, Presence, Reading, Shape, Signature, Struct, Type, TypeDef, TypeId, Union, Variant,
};

/// The values of a variant at the place of a tag.
pub(super) enum Allowed {
    /// One of these values.
    Listed {
        values: BTreeSet<Const>,
        /// Whether there is one value for each object in the variant.
        constant: bool,
        /// Whether it is required.
        required: bool,
    },
    /// Any string.
    Open {
        /// Whether it is required.
        required: bool,
    },
    /// Any value, because the variant does not declare the property.
    Undeclared,
}

impl Allowed {
    pub(super) fn into_values(self) -> BTreeSet<Const> {
        match self {
            Self::Listed { values, .. } => values,
            Self::Open { .. } | Self::Undeclared => BTreeSet::new(),
        }
    }

    fn merge(self, other: Self) -> Option<Self> {
        match (self, other) {
            (
                Self::Listed { mut values, constant, required },
                Self::Listed { values: more, constant: also, required: too },
            ) => {
                values.extend(more);
                Some(Self::Listed { values, constant: constant && also, required: required && too })
            }
            (Self::Open { required }, Self::Open { required: also }) => Some(Self::Open { required: required && also }),
            (Self::Undeclared, Self::Undeclared) => Some(Self::Undeclared),
            _ => None,
        }
    }
}

/// See [`Variants::likeness`].
pub(super) type Likeness<'a> =
    (JsonKind, Option<JsonKind>, &'a [Vec<String>], &'a [String], Option<&'a [(String, Vec<Const>)]>);

/// A view of definitions as variants.
#[derive(Clone, Copy)]
pub(super) struct Variants<'a> {
    types: &'a [TypeDef],
}

impl<'a> Variants<'a> {
    pub(super) fn new(types: &'a [TypeDef]) -> Self {
        Self { types }
    }

    /// Returns the name of the component schema of a definition.
    pub(super) fn component(self, id: TypeId) -> Option<&'a str> {
        self.types[id.0].component()
    }

    /// Returns the structs of a type, if all its values are objects with declared properties.
    pub(super) fn objects(self, ty: &Type) -> Option<Vec<&'a Struct>> {
        let mut found = Vec::new();
        self.collect_objects(ty, &mut HashSet::new(), &mut found).then_some(found)
    }

    /// Collects each object once, even if several unions contain it. Returns whether there are only objects.
    fn collect_objects(self, ty: &Type, seen: &mut HashSet<TypeId>, found: &mut Vec<&'a Struct>) -> bool {
        let Type::Named(id) = ty else { return false };
        if !seen.insert(*id) {
            return true;
        }
        match &self.types[id.0].shape {
            Shape::Struct(object) => {
                found.push(object);
                true
            }
            Shape::Union(union) => union.variants.iter().all(|variant| self.collect_objects(&variant.ty, seen, found)),
            Shape::Enum(_) => false,
        }
    }

    /// Returns whether some value of a type is an object.
    pub(super) fn admits_objects(self, ty: &Type) -> bool {
        self.signatures_of(0, ty, None, &mut HashSet::new()).iter().any(|signature| signature.kind == JsonKind::Object)
    }

    /// Returns the paths to properties of a type that may distinguish it from others, up to `depth`.
    pub(super) fn paths(self, ty: &Type, depth: usize) -> Vec<Vec<String>> {
        self.objects(ty).unwrap_or_default().into_iter().flat_map(|object| self.paths_in(object, depth)).collect()
    }

    fn paths_in(self, object: &Struct, depth: usize) -> Vec<Vec<String>> {
        let mut paths = Vec::new();
        for field in &object.fields {
            if self.listed(field).is_some() {
                paths.push(vec![field.wire.clone()]);
            }
            if depth > 1 && field.presence.is_required() {
                for mut path in self.paths(&field.ty, depth - 1) {
                    path.insert(0, field.wire.clone());
                    paths.push(path);
                }
            }
        }
        paths
    }

    /// Returns whether the property is declared and may be absent or null.
    pub(super) fn may_lack(self, ty: &Type, name: &str) -> bool {
        let lacks = |object: &Struct| object.fields.iter().any(|f| f.wire == name && !self.is_demanded(f));
        self.objects(ty).is_some_and(|all| all.into_iter().any(lacks))
    }

    /// Returns whether the property is required and not null.
    fn is_demanded(self, field: &Field) -> bool {
        field.presence == Presence::Required && field.constant != Some(Const::Null)
    }

    /// Returns the values that a field allows, if the document lists them, and whether it is a constant.
    fn listed(self, field: &Field) -> Option<(BTreeSet<Const>, bool)> {
        if let Some(constant) = &field.constant {
            return Some((BTreeSet::from([constant.clone()]), true));
        }
        if let Some(values) = &field.narrowed {
            return Some((values.iter().cloned().collect(), values.len() == 1));
        }
        match &field.ty {
            Type::Named(id) => match &self.types[id.0].shape {
                Shape::Enum(values) => {
                    Some((values.values.iter().map(|v| Const::String(v.wire.clone())).collect(), false))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Returns the values of a type at a path; `None` if a tag can't be there.
    pub(super) fn allowed(self, ty: &Type, path: &[String]) -> Option<Allowed> {
        let mut all: Option<Allowed> = None;
        for object in self.objects(ty)? {
            let allowed = self.allowed_in(object, path)?;
            all = Some(match all {
                None => allowed,
                Some(before) => before.merge(allowed)?,
            });
        }
        all
    }

    fn allowed_in(self, object: &Struct, path: &[String]) -> Option<Allowed> {
        let (first, rest) = path.split_first()?;
        let Some(field) = object.fields.iter().find(|field| field.wire == *first) else {
            return rest.is_empty().then_some(Allowed::Undeclared);
        };
        if !rest.is_empty() {
            return if field.presence == Presence::Required { self.allowed(&field.ty, rest) } else { None };
        }
        let required = self.is_demanded(field);
        match self.listed(field) {
            Some((values, constant)) => Some(Allowed::Listed { values, constant, required }),
            None => (field.ty == Type::String).then_some(Allowed::Open { required }),
        }
    }

    /// Returns the shapes of variants for a reader. Each has the position of its variant in the union.
    pub(super) fn signatures<'m>(self, variants: impl Iterator<Item = (usize, &'m Variant)>) -> Vec<Signature> {
        let variants: Vec<_> = variants.collect();
        // Unions in a variant may contain the same type many times.
        let of_variant = |(index, variant): &(usize, &Variant)| -> IndexSet<Signature> {
            let found = self.signatures_of(*index, &variant.ty, variant.constant.as_ref(), &mut HashSet::new());
            found.into_iter().collect()
        };
        let mut all: Vec<_> = variants.iter().flat_map(of_variant).collect();
        keep_telling_values(&mut all);
        let mut groups: HashMap<Likeness<'_>, Vec<&Signature>> = HashMap::new();
        all.iter().for_each(|signature| groups.entry(Self::likeness(signature)).or_default().push(signature));
        let has_twin = |signature: &Signature| {
            let group = groups.get(&Self::likeness(signature)).into_iter().flatten();
            group.copied().any(|other| other.variant != signature.variant && Self::alike(other, signature))
        };
        let twins: Vec<bool> = all.iter().map(has_twin).collect();
        let types: HashMap<usize, &Type> = variants.iter().map(|(index, variant)| (*index, &variant.ty)).collect();
        for (signature, has_twin) in all.iter_mut().zip(twins) {
            if has_twin && let Some(ty) = types.get(&signature.variant) {
                signature.required.extend(self.required_below(ty));
            }
        }
        all
    }

    /// The common part of all shapes that may be indistinguishable.
    pub(super) fn likeness(signature: &Signature) -> Likeness<'_> {
        let Signature { kind, element, required, declared, values, .. } = signature;
        let values = (*kind != JsonKind::Object).then_some(values.as_slice());
        (*kind, *element, required, declared, values)
    }

    /// Returns whether no JSON value can distinguish them.
    pub(super) fn alike(a: &Signature, b: &Signature) -> bool {
        let told_by_value = a.values.iter().any(|(name, values)| disjoint(name, values, b));
        let one_fixed = a.kind != JsonKind::Object && a.values.is_empty() != b.values.is_empty();
        let same = (a.kind, a.element, &a.required, &a.declared) == (b.kind, b.element, &b.required, &b.declared);
        same && !told_by_value && !one_fixed
    }

    /// Adds required properties of required nested objects, for objects whose own properties are the same.
    fn required_below(self, ty: &Type) -> Vec<Vec<String>> {
        let [object] = self.objects(ty).unwrap_or_default()[..] else {
            return Vec::new();
        };
        let inner = |field: &'a Field| match self.objects(&field.ty).unwrap_or_default()[..] {
            [inner] => inner.fields.iter().collect(),
            _ => Vec::new(),
        };
        let fields = object.fields.iter().filter(|field| field.presence == Presence::Required);
        fields
            .flat_map(|field| inner(field).into_iter().map(move |below| (field, below)))
            .filter(|(_, below)| below.presence == Presence::Required)
            .map(|(field, below)| vec![field.wire.clone(), below.wire.clone()])
            .collect()
    }

    /// `seen` are the unions that contain the type, or that came before it.
    fn signatures_of(
        self,
        variant: usize,
        ty: &Type,
        constant: Option<&Const>,
        seen: &mut HashSet<TypeId>,
    ) -> Vec<Signature> {
        let plain = |kind| Signature {
            variant,
            kind,
            element: None,
            required: Vec::new(),
            declared: Vec::new(),
            values: constant.map(|c| (String::new(), vec![c.clone()])).into_iter().collect(),
        };
        match ty {
            Type::Boolean => vec![plain(JsonKind::Boolean)],
            Type::Integer => vec![plain(JsonKind::Integer)],
            Type::Number | Type::IntegerOrNumber => vec![plain(JsonKind::Number)],
            Type::String | Type::Secret | Type::Uuid | Type::DateTime | Type::Date => vec![plain(JsonKind::String)],
            Type::List(inner) => {
                let element = match self.signatures_of(variant, inner, None, &mut HashSet::new()).as_slice() {
                    [only] => Some(only.kind),
                    _ => None,
                };
                vec![Signature { element, ..plain(JsonKind::Array) }]
            }
            Type::Tuple(_) => vec![plain(JsonKind::Array)],
            Type::Map(..) => vec![plain(JsonKind::Object)],
            Type::OneOrMany(inner) => {
                let mut both = self.signatures_of(variant, inner, None, seen);
                both.extend(self.signatures_of(variant, &Type::List(inner.clone()), None, seen));
                both
            }
            Type::Nullable(inner) => self.signatures_of(variant, inner, constant, seen),
            Type::Any => Vec::new(),
            Type::Named(id) => match &self.types[id.0].shape {
                Shape::Enum(_) => vec![plain(JsonKind::String)],
                Shape::Union(_) if !seen.insert(*id) => Vec::new(),
                Shape::Union(union) => union
                    .variants
                    .iter()
                    .flat_map(|inner| self.signatures_of(variant, &inner.ty, inner.constant.as_ref(), seen))
                    .collect(),
                Shape::Struct(object) => vec![self.signature_of(object, plain(JsonKind::Object))],
            },
        }
    }

    fn signature_of(self, object: &Struct, plain: Signature) -> Signature {
        let required = object.fields.iter().filter(|field| field.presence == Presence::Required);
        let listed = |field: &Field| {
            let (values, _) = self.listed(field)?;
            Some((field.wire.clone(), values.into_iter().collect()))
        };
        Signature {
            required: required.map(|field| vec![field.wire.clone()]).collect(),
            declared: object.fields.iter().map(|field| field.wire.clone()).collect(),
            values: object.fields.iter().filter_map(listed).collect(),
            ..plain
        }
    }

    /// Returns how a value is read as a variant. `is_guess` means that the decision for it may be wrong.
    pub(super) fn reading(self, union: &Union, index: usize, is_guess: bool) -> Reading {
        let variant = &union.variants[index];
        let has_constants = || union.variants.iter().any(|variant| variant.constant.is_some());
        let is_union = |id: TypeId| matches!(self.types[id.0].shape, Shape::Union(_));
        match (&variant.constant, &variant.ty) {
            (Some(_), _) => Reading::Constant,
            // A constant that the server added later has the same JSON type as a formatted string.
            (None, Type::DateTime | Type::Date | Type::Uuid) if has_constants() => Reading::ContentOrUnknown,
            (None, _) if is_guess => Reading::ContentOrUnknown,
            (None, Type::Named(id)) if is_union(*id) => Reading::Union,
            (None, _) => match self.fallbacks(union, index) {
                fallbacks if fallbacks.is_empty() => Reading::Content,
                fallbacks => Reading::Among(fallbacks),
            },
        }
    }

    /// Returns variants whose types allow the tags of another one, because only the overlay narrows them, and that
    /// require a property which that one does not declare: if it is present, the tag may be wrong. The closest come
    /// first.
    fn fallbacks(self, union: &Union, index: usize) -> Vec<usize> {
        let object = |index: usize| match self.objects(&union.variants[index].ty).unwrap_or_default()[..] {
            [object] => Some(object),
            _ => None,
        };
        let Some(chosen) = object(index) else { return Vec::new() };
        let narrowed: Vec<_> = chosen.fields.iter().filter(|field| field.narrowed.is_some()).collect();
        if narrowed.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<(usize, usize)> = Vec::new();
        for other in (0..union.variants.len()).filter(|other| *other != index) {
            let Some(candidate) = object(other) else { continue };
            let same = |field: &Field| candidate.fields.iter().find(|f| f.wire == field.wire && f.ty == field.ty);
            let differing = narrowed.iter().filter(|field| same(field).is_none_or(|f| f.narrowed != field.narrowed));
            let admits_tags = narrowed.iter().all(|field| same(field).is_some());
            let shows_itself = candidate.fields.iter().any(|field| {
                field.presence == Presence::Required && chosen.fields.iter().all(|f| f.wire != field.wire)
            });
            if admits_tags && shows_itself {
                found.push((differing.count(), other));
            }
        }
        found.sort_unstable();
        found.into_iter().map(|(_, other)| other).collect()
    }

    /// Returns whether two objects declare the same properties, so that one can be read as the other without loss.
    pub(super) fn same_fields(self, a: &Type, b: &Type) -> bool {
        let (a, b) = (self.objects(a).unwrap_or_default(), self.objects(b).unwrap_or_default());
        let ([a], [b]) = (&a[..], &b[..]) else { return false };
        let fields = |object: &Struct| -> BTreeMap<_, _> {
            let typed = |f: &Field| (f.wire.clone(), format!("{:?} {:?} {:?}", f.ty, f.presence, f.constant));
            object.fields.iter().map(typed).collect()
        };
        fields(a) == fields(b)
    }

    /// Returns the name of a type for diagnostics.
    pub(super) fn describe(self, ty: &Type) -> String {
        describe(ty, self.types)
    }
}

/// Removes values that no other variant contradicts: they distinguish nothing, and a new value must not exclude the
/// variant.
fn keep_telling_values(signatures: &mut [Signature]) {
    let all = signatures.to_vec();
    // The values that variants list for a name, each with the first such variant and whether there are others.
    let mut listed: HashMap<&str, IndexMap<&[Const], (usize, bool)>> = HashMap::new();
    for signature in &all {
        for (name, values) in &signature.values {
            let (first, has_others) =
                listed.entry(name).or_default().entry(values).or_insert((signature.variant, false));
            *has_others |= *first != signature.variant;
        }
    }
    let are_disjoint = |a: &[Const], b: &[Const]| a.iter().all(|value| !b.contains(value));
    for signature in signatures {
        let variant = signature.variant;
        signature.values.retain(|(name, values)| {
            let contradicts = |(other, (first, has_others)): (&&[Const], &(usize, bool))| {
                (*first != variant || *has_others) && are_disjoint(values, other)
            };
            // A required property is not null unless its values include null.
            let is_null = values.as_slice() == [Const::Null];
            name.is_empty() || is_null || listed.get(name.as_str()).is_some_and(|all| all.iter().any(contradicts))
        });
    }
}

fn disjoint(name: &str, values: &[Const], other: &Signature) -> bool {
    other.values.iter().any(|(named, allowed)| named == name && values.iter().all(|v| !allowed.contains(v)))
}
