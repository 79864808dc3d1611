//! Unions: what remains of their members, and how a reader tells them apart.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::schemas::{Discriminator, Used};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::ir::{
    Case, Const, Decision, Field, Kind, Member, Presence, Shape, Signature, Struct, Type, TypeDef, TypeId, Union,
};

/// Whether one of the members says nothing about its values, so that the union says nothing either.
pub(super) fn admits_anything(used: &[Used]) -> bool {
    used.iter().any(|member| member.ty == Type::Any && member.constant.is_none())
}

/// Drops members that another one includes: repeats, and strings of a format beside strings of any content.
pub(super) fn simplify(used: Vec<Used>) -> Vec<Used> {
    let any_string = used.iter().any(|u| u.ty == Type::String && u.constant.is_none());
    let mut kept: Vec<Used> = Vec::with_capacity(used.len());
    for member in used {
        let included = any_string && matches!(member.ty, Type::DateTime | Type::Date | Type::Uuid)
            || any_string && member.ty == Type::String && member.constant.is_some();
        if !included && !kept.iter().any(|k| k.ty == member.ty && k.constant == member.constant) {
            kept.push(member);
        }
    }
    kept
}

/// The type that stands for two members together, if there is one.
pub(super) fn combine(used: &[Used]) -> Option<Type> {
    let [a, b] = used else { return None };
    if a.constant.is_some() || b.constant.is_some() {
        return None;
    }
    match (&a.ty, &b.ty) {
        (Type::Integer, Type::Number) | (Type::Number, Type::Integer) => Some(Type::IntegerOrNumber),
        (one, Type::List(many)) | (Type::List(many), one) if **many == *one => Some(Type::OneOrMany(many.clone())),
        _ => None,
    }
}

/// A word for a member that has no name of its own.
pub(super) fn word(used: &Used) -> String {
    match &used.constant {
        Some(constant) => constant.to_tag(),
        None => type_word(&used.ty),
    }
}

fn type_word(ty: &Type) -> String {
    match ty {
        Type::Any => "Any".to_owned(),
        Type::String => "String".to_owned(),
        Type::Secret => "Secret".to_owned(),
        Type::Uuid => "Uuid".to_owned(),
        Type::DateTime => "DateTime".to_owned(),
        Type::Date => "Date".to_owned(),
        Type::Integer => "Integer".to_owned(),
        Type::Number | Type::IntegerOrNumber => "Number".to_owned(),
        Type::Boolean => "Boolean".to_owned(),
        Type::List(inner) | Type::OneOrMany(inner) => format!("{}s", type_word(inner)),
        Type::Tuple(_) => "Tuple".to_owned(),
        Type::Map(_, value) => format!("{}Map", type_word(value)),
        Type::Nullable(inner) => type_word(inner),
        Type::Named(_) => String::new(),
    }
}

/// Decides for every union how its members are told apart.
pub(super) fn decide_all(
    types: &mut [TypeDef],
    discriminators: &HashMap<TypeId, Discriminator>,
    diagnostics: &mut Diagnostics,
) {
    for index in 0..types.len() {
        let Shape::Union(union) = &types[index].shape else {
            continue;
        };
        let mut union = union.clone();
        let view = View { types };
        let pointer = &types[index].pointer;
        union.decision = match discriminators.get(&TypeId(index)) {
            Some(discriminator) => view.by_discriminator(&union, discriminator, pointer, diagnostics),
            None => view
                .by_tag(&union)
                .unwrap_or_else(|| Decision::Signatures(view.signatures(&mut union, pointer, diagnostics))),
        };
        types[index].shape = Shape::Union(union);
    }
}

/// How deep below an object a tag is looked for: `type`, then `benefit.type`.
const TAG_DEPTH: usize = 2;

struct View<'a> {
    types: &'a [TypeDef],
}

impl<'a> View<'a> {
    fn by_discriminator(
        &self,
        union: &Union,
        discriminator: &Discriminator,
        pointer: &str,
        diagnostics: &mut Diagnostics,
    ) -> Decision {
        let component = |member: &Member| match &member.ty {
            Type::Named(id) => self.types[id.0].component.clone(),
            _ => None,
        };
        let mut cases = Vec::new();
        for (value, name) in &discriminator.mapping {
            match union.members.iter().position(|member| component(member).as_ref() == Some(name)) {
                Some(member) => cases.push(Case { value: value.clone(), member }),
                None => diagnostics.push(
                    Diagnostic::error(
                        format!("{pointer}/discriminator/mapping"),
                        format!("the discriminator maps `{value}` to `{name}`, which is no member of the union"),
                    )
                    .hint("correct the mapping in the overlay"),
                ),
            }
        }
        let path = vec![discriminator.property.clone()];
        for (index, member) in union.members.iter().enumerate() {
            if cases.iter().any(|case| case.member == index) {
                continue;
            }
            // Without a mapping the values are those that the member's own schema allows, or else its name.
            let values = self.values(&member.ty, &path).and_then(Allowed::listed).unwrap_or_default();
            let named = component(member).filter(|_| values.is_empty());
            if values.is_empty() && named.is_none() {
                let message = format!("no value of the discriminator leads to {}", self.describe(&member.ty));
                let hint = "make it a component schema and map a value to it in the overlay";
                diagnostics.push(Diagnostic::error(format!("{pointer}/discriminator"), message).hint(hint));
            }
            cases.extend(values.iter().map(Const::to_tag).chain(named).map(|value| Case { value, member: index }));
        }
        for (index, case) in cases.iter().enumerate() {
            if let Some(first) = cases[..index].iter().find(|first| first.value == case.value) {
                let name = |case: &Case| self.describe(&union.members[case.member].ty);
                let message = format!("`{}` leads to both {} and {}", case.value, name(first), name(case));
                let hint = "map the value to one of them in the overlay";
                diagnostics.push(Diagnostic::error(format!("{pointer}/discriminator"), message).hint(hint));
            }
        }
        Decision::Tag { path, cases, otherwise: None, absent: None }
    }

    /// Looks for a path whose values are disjoint between the members: constants first, then enumerations.
    fn by_tag(&self, union: &Union) -> Option<Decision> {
        let structs: Vec<_> =
            union.members.iter().map(|member| self.alternatives(&member.ty)).collect::<Option<_>>()?;
        let paths: Vec<_> = {
            let mut seen = Vec::new();
            for path in structs.iter().flatten().flat_map(|s| self.paths(s, TAG_DEPTH)) {
                if !seen.contains(&path) {
                    seen.push(path);
                }
            }
            seen.sort_by_key(Vec::len);
            seen
        };
        let decisions: Vec<_> = paths.iter().filter_map(|path| self.tag_at(union, path)).collect();
        let best = |wanted: fn(&TagQuality) -> bool| decisions.iter().find(|(q, _)| wanted(q)).map(|(_, d)| d.clone());
        best(|q| q.constants && q.complete).or_else(|| best(|q| q.complete)).or_else(|| best(|q| q.constants))
    }

    fn tag_at(&self, union: &Union, path: &[String]) -> Option<(TagQuality, Decision)> {
        let mut cases: Vec<Case> = Vec::new();
        let (mut otherwise, mut absent, mut constants) = (None, None, true);
        for (index, member) in union.members.iter().enumerate() {
            match self.values(&member.ty, path)? {
                Allowed::Listed { values, constant } => {
                    constants &= constant;
                    for value in values {
                        let value = value.to_tag();
                        if cases.iter().any(|case| case.value == value) {
                            return None;
                        }
                        cases.push(Case { value, member: index });
                    }
                }
                Allowed::Open if otherwise.is_none() => otherwise = Some(index),
                Allowed::Absent if absent.is_none() => absent = Some(index),
                Allowed::Open | Allowed::Absent => return None,
            }
        }
        let complete = absent.is_none();
        let mut optional = (0..union.members.len()).filter(|index| self.may_lack(&union.members[*index].ty, path));
        if let (Some(only), None, None) = (optional.next(), optional.next(), otherwise) {
            absent = absent.or(Some(only));
        }
        let ambiguous = otherwise.is_some() && absent.is_some();
        (!cases.is_empty() && !ambiguous).then(|| {
            (TagQuality { constants, complete }, Decision::Tag { path: path.to_vec(), cases, otherwise, absent })
        })
    }

    /// Whether the tag is declared and can be left out.
    fn may_lack(&self, ty: &Type, path: &[String]) -> bool {
        let [name] = path else { return false };
        let lacks = |object: &Struct| object.fields.iter().any(|f| f.wire == *name && !f.presence.is_required());
        self.alternatives(ty).is_some_and(|all| all.into_iter().any(lacks))
    }

    /// The structs that a type stands for, if it stands for objects only.
    fn alternatives(&self, ty: &Type) -> Option<Vec<&'a Struct>> {
        let Type::Named(id) = ty else { return None };
        match &self.types[id.0].shape {
            Shape::Struct(object) => Some(vec![object]),
            Shape::Union(union) => {
                let parts: Option<Vec<_>> = union.members.iter().map(|member| self.alternatives(&member.ty)).collect();
                parts.map(|parts| parts.into_iter().flatten().collect())
            }
            Shape::Enum(_) => None,
        }
    }

    /// Paths to members that may tell structs apart, as deep as `depth`.
    fn paths(&self, object: &Struct, depth: usize) -> Vec<Vec<String>> {
        let mut paths = Vec::new();
        for field in &object.fields {
            if self.listed(field).is_some() {
                paths.push(vec![field.wire.clone()]);
            }
            if depth > 1 && field.presence.is_required() {
                for inner in self.alternatives(&field.ty).unwrap_or_default() {
                    for mut path in self.paths(inner, depth - 1) {
                        path.insert(0, field.wire.clone());
                        paths.push(path);
                    }
                }
            }
        }
        paths
    }

    /// The values that a field allows, if the document lists them, and whether it is a constant.
    fn listed(&self, field: &Field) -> Option<(BTreeSet<Const>, bool)> {
        if let Some(constant) = &field.constant {
            return Some((BTreeSet::from([constant.clone()]), true));
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

    /// What a type allows at a path; nothing where the path leads somewhere that can't be a tag.
    fn values(&self, ty: &Type, path: &[String]) -> Option<Allowed> {
        let mut all: Option<Allowed> = None;
        for object in self.alternatives(ty)? {
            let allowed = self.values_in(object, path)?;
            all = Some(match all {
                None => allowed,
                Some(before) => before.merge(allowed)?,
            });
        }
        all
    }

    fn values_in(&self, object: &Struct, path: &[String]) -> Option<Allowed> {
        let (first, rest) = path.split_first()?;
        let Some(field) = object.fields.iter().find(|field| field.wire == *first) else {
            return rest.is_empty().then_some(Allowed::Absent);
        };
        if !rest.is_empty() {
            return if field.presence.is_required() { self.values(&field.ty, rest) } else { None };
        }
        match self.listed(field) {
            Some((values, constant)) => Some(Allowed::Listed { values, constant }),
            None => (field.ty == Type::String && field.presence.is_required()).then_some(Allowed::Open),
        }
    }

    /// What every member looks like, so that a reader can look for it. Members that look alike in all respects are
    /// one; members that differ only in what can't be seen are an error.
    fn signatures(&self, union: &mut Union, pointer: &str, diagnostics: &mut Diagnostics) -> Vec<Signature> {
        let members = union.members.iter().enumerate();
        let mut all: Vec<_> =
            members.flat_map(|(index, m)| self.signatures_of(index, &m.ty, m.constant.as_ref())).collect();
        keep_telling_values(&mut all);
        let shallow = all.clone();
        for signature in &mut all {
            if shallow.iter().any(|other| other.member != signature.member && alike(other, signature)) {
                signature.required.extend(self.required_below(&union.members[signature.member].ty));
            }
        }

        let mut kept: Vec<Signature> = Vec::new();
        let mut twins = BTreeSet::new();
        for signature in all {
            let ty = |signature: &Signature| &union.members[signature.member].ty;
            let Some(twin) = kept.iter().find(|other| other.member != signature.member && alike(other, &signature))
            else {
                kept.push(signature);
                continue;
            };
            let (one, other) = (self.describe(ty(twin)), self.describe(ty(&signature)));
            diagnostics.push(if self.same_fields(ty(twin), ty(&signature)) {
                twins.insert(signature.member);
                Diagnostic::note(pointer, format!("{other} has the members of {one} and is read as that"))
            } else {
                Diagnostic::error(pointer, format!("{one} and {other} can't be told apart")).hint(
                    "add a discriminator or a required member in the overlay, or accept the pointer under x-accept",
                )
            });
        }
        for signature in &mut kept {
            signature.member -= twins.iter().filter(|&&twin| twin < signature.member).count();
        }
        let mut index = 0..;
        union.members.retain(|_| index.next().is_none_or(|i| !twins.contains(&i)));
        kept
    }

    /// Required members of the required objects inside, for objects whose own members are alike.
    fn required_below(&self, ty: &Type) -> Vec<Vec<String>> {
        let [object] = self.alternatives(ty).unwrap_or_default()[..] else {
            return Vec::new();
        };
        let inner = |field: &'a Field| match self.alternatives(&field.ty).unwrap_or_default()[..] {
            [inner] => inner.fields.iter().collect(),
            _ => Vec::new(),
        };
        let fields = object.fields.iter().filter(|field| field.presence == Presence::Required);
        fields
            .flat_map(|field| inner(field).into_iter().map(move |below| (field, below)))
            .filter(|(_, below)| below.presence.is_required())
            .map(|(field, below)| vec![field.wire.clone(), below.wire.clone()])
            .collect()
    }

    fn signatures_of(&self, member: usize, ty: &Type, constant: Option<&Const>) -> Vec<Signature> {
        let plain = |kind| Signature {
            member,
            kind,
            element: None,
            required: Vec::new(),
            declared: Vec::new(),
            values: constant.map(|c| (String::new(), vec![c.clone()])).into_iter().collect(),
        };
        match ty {
            Type::Boolean => vec![plain(Kind::Boolean)],
            Type::Integer => vec![plain(Kind::Integer)],
            Type::Number | Type::IntegerOrNumber => vec![plain(Kind::Number)],
            Type::String | Type::Secret | Type::Uuid | Type::DateTime | Type::Date => vec![plain(Kind::String)],
            Type::List(inner) => {
                let element = match self.signatures_of(member, inner, None).as_slice() {
                    [only] => Some(only.kind),
                    _ => None,
                };
                vec![Signature { element, ..plain(Kind::Array) }]
            }
            Type::Tuple(_) => vec![plain(Kind::Array)],
            Type::Map(..) => vec![plain(Kind::Object)],
            Type::OneOrMany(inner) => {
                let mut both = self.signatures_of(member, inner, None);
                both.extend(self.signatures_of(member, &Type::List(inner.clone()), None));
                both
            }
            Type::Nullable(inner) => self.signatures_of(member, inner, constant),
            Type::Any => Vec::new(),
            Type::Named(id) => match &self.types[id.0].shape {
                Shape::Enum(_) => vec![plain(Kind::String)],
                Shape::Union(union) => union
                    .members
                    .iter()
                    .flat_map(|inner| self.signatures_of(member, &inner.ty, inner.constant.as_ref()))
                    .collect(),
                Shape::Struct(object) => vec![Signature {
                    required: object
                        .fields
                        .iter()
                        .filter(|f| f.presence.is_required())
                        .map(|f| vec![f.wire.clone()])
                        .collect(),
                    declared: object.fields.iter().map(|f| f.wire.clone()).collect(),
                    values: object
                        .fields
                        .iter()
                        .filter_map(|f| {
                            self.listed(f).map(|(values, _)| (f.wire.clone(), values.into_iter().collect()))
                        })
                        .collect(),
                    ..plain(Kind::Object)
                }],
            },
        }
    }

    /// Whether two objects declare the same members, so that reading one as the other loses nothing.
    fn same_fields(&self, a: &Type, b: &Type) -> bool {
        let (a, b) = (self.alternatives(a).unwrap_or_default(), self.alternatives(b).unwrap_or_default());
        let ([a], [b]) = (&a[..], &b[..]) else { return false };
        let fields = |object: &Struct| -> BTreeMap<_, _> {
            let typed = |f: &Field| (f.wire.clone(), format!("{:?} {:?} {:?}", f.ty, f.presence, f.constant));
            object.fields.iter().map(typed).collect()
        };
        fields(a) == fields(b)
    }

    fn describe(&self, ty: &Type) -> String {
        match ty {
            Type::Named(id) => match &self.types[id.0].component {
                Some(name) => format!("`{name}`"),
                None => format!("the schema at {}", self.types[id.0].pointer),
            },
            other => format!("`{}`", type_word(other)),
        }
    }
}

/// Takes out the values that no other member contradicts: they tell nothing, and a new one must not hide the member.
fn keep_telling_values(signatures: &mut [Signature]) {
    let all = signatures.to_vec();
    for signature in signatures {
        let member = signature.member;
        signature.values.retain(|(name, values)| {
            name.is_empty()
                || all.iter().filter(|other| other.member != member).any(|other| disjoint(name, values, other))
        });
    }
}

fn disjoint(name: &str, values: &[Const], other: &Signature) -> bool {
    other.values.iter().any(|(named, allowed)| named == name && values.iter().all(|v| !allowed.contains(v)))
}

/// Whether no JSON value can show a difference.
fn alike(a: &Signature, b: &Signature) -> bool {
    let told_by_value = a.values.iter().any(|(name, values)| disjoint(name, values, b));
    let one_fixed = a.kind != Kind::Object && a.values.is_empty() != b.values.is_empty();
    let same = (a.kind, a.element, &a.required, &a.declared) == (b.kind, b.element, &b.required, &b.declared);
    same && !told_by_value && !one_fixed
}

/// How good a tag is: only constants, and declared for every member.
struct TagQuality {
    constants: bool,
    complete: bool,
}

/// What the document allows at the place of a tag.
enum Allowed {
    Listed { values: BTreeSet<Const>, constant: bool },
    Open,
    Absent,
}

impl Allowed {
    fn listed(self) -> Option<BTreeSet<Const>> {
        match self {
            Self::Listed { values, .. } => Some(values),
            Self::Open | Self::Absent => None,
        }
    }

    fn merge(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Listed { mut values, constant }, Self::Listed { values: more, constant: also }) => {
                values.extend(more);
                Some(Self::Listed { values, constant: constant && also })
            }
            (Self::Open, Self::Open) => Some(Self::Open),
            (Self::Absent, Self::Absent) => Some(Self::Absent),
            _ => None,
        }
    }
}
