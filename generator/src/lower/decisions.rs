//! How a reader tells the variants of a union apart: a discriminator, a tag that all variants declare, a constant that
//! only some of them declare, a tag one level down, and at last the structure.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::schemas::Discriminator;
use super::variants::{Allowed, Variants};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::ir::{Case, Const, Decision, Shape, Signature, Tag, Type, TypeDef, TypeId, Union, Unlisted, Variant};
use crate::pointer::child;

/// How deep below an object a tag is looked for: `type`, then `benefit.type`.
const TAG_DEPTH: usize = 2;

/// Decides for every union how its variants are told apart. For the unions in `told_by_parent` it is enough to find the
/// best guess: the object around them has the tag.
pub(super) fn decide_all(
    types: &mut [TypeDef],
    discriminators: &HashMap<TypeId, Discriminator>,
    told_by_parent: &HashSet<TypeId>,
    diagnostics: &mut Diagnostics,
) {
    for index in 0..types.len() {
        let Shape::Union(union) = &types[index].shape else {
            continue;
        };
        let mut union = union.clone();
        let pointer = types[index].pointer();
        let mut decider = Decider {
            variants: Variants::new(types),
            pointer,
            is_guess: told_by_parent.contains(&TypeId(index)),
            merged: BTreeSet::new(),
            diagnostics,
        };
        union.decision = match discriminators.get(&TypeId(index)) {
            Some(discriminator) => decider.by_discriminator(&union, discriminator),
            None => {
                let all: Vec<_> = (0..union.variants.len()).collect();
                decider.decide(&union, &all)
            }
        };
        let (is_guess, merged) = (decider.is_guess, decider.merged);
        take_out(&mut union, &merged);
        let variants = Variants::new(types);
        for index in 0..union.variants.len() {
            union.variants[index].reading = variants.reading(&union, index, is_guess);
        }
        types[index].shape = Shape::Union(union);
    }
}

fn tag(path: Vec<String>, cases: Vec<Case>, unlisted: Unlisted, absent: Option<Box<Decision>>) -> Decision {
    let is_text = cases.iter().flat_map(|case| &case.values).all(|value| matches!(value, Const::String(_)));
    Decision::Tag(Tag { path, is_text, cases, unlisted, absent })
}

/// Whether a tag only says whether a variant is one of some: `legacy: true`.
fn is_flag(cases: &[Case]) -> bool {
    cases.iter().flat_map(|case| &case.values).all(|value| matches!(value, Const::Boolean(_)))
}

/// Takes out variants that are read as another one.
fn take_out(union: &mut Union, merged: &BTreeSet<usize>) {
    let position = |index: usize| index - merged.range(..index).count();
    union.decision.each_variant(&mut |index| *index = position(*index));
    let mut index = 0..;
    union.variants.retain(|_| index.next().is_none_or(|index| !merged.contains(&index)));
}

struct Decider<'a> {
    variants: Variants<'a>,
    pointer: &'a str,
    /// Whether the structure is a guess only, so that variants may look alike.
    is_guess: bool,
    /// Variants that are read as another one, because they declare the same.
    merged: BTreeSet<usize>,
    diagnostics: &'a mut Diagnostics,
}

/// What a tag does for a group of variants, best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Quality {
    /// All variants have constants of their own.
    Constants,
    /// All variants have values of their own.
    Values,
    /// All variants have constants, some of them the same, and something else tells these apart.
    SharedConstants,
    /// Some variants have values in common, and something else tells these apart.
    SharedValues,
    /// Some variants have a required constant `true` or `false`, and the others do not declare the property.
    Flag,
    /// Some variants have other required constants, and the others do not declare the property.
    Undeclared,
    /// As one of these, one level down.
    Below,
}

impl Decider<'_> {
    fn decide(&mut self, union: &Union, group: &[usize]) -> Decision {
        if let [only] = group {
            return Decision::Variant(*only);
        }
        let (objects, others): (Vec<_>, Vec<_>) =
            group.iter().partition(|&&index| self.variants.objects(&union.variants[index].ty).is_some());
        match self.by_tag(union, &objects) {
            Some(decision) if others.is_empty() => decision,
            Some(decision) if !others.iter().any(|&index| self.variants.admits_objects(&union.variants[index].ty)) => {
                Decision::ByKind { objects: Box::new(decision), others: Box::new(self.decide(union, &others)) }
            }
            _ => Decision::Structure(self.structure(union, group)),
        }
    }

    fn by_discriminator(&mut self, union: &Union, discriminator: &Discriminator) -> Decision {
        let component = |variant: &Variant| match &variant.ty {
            Type::Named(id) => self.variants.component(*id),
            _ => None,
        };
        let pointer = child(self.pointer, "discriminator");
        let mut found: Vec<(Const, usize)> = Vec::new();
        for (value, name) in &discriminator.mapping {
            match union.variants.iter().position(|variant| component(variant) == Some(name)) {
                Some(variant) => found.push((Const::String(value.clone()), variant)),
                None => self.diagnostics.push(
                    Diagnostic::error(
                        child(&pointer, "mapping"),
                        format!("the discriminator maps `{value}` to `{name}`, which is not a variant of the union"),
                    )
                    .hint("correct the mapping in the overlay"),
                ),
            }
        }
        let path = vec![discriminator.property.clone()];
        for (index, variant) in union.variants.iter().enumerate() {
            if let Some(Allowed::Undeclared) = self.variants.allowed(&variant.ty, &path) {
                let name = self.variants.describe(&variant.ty);
                let message = format!("{name} does not declare the discriminator `{}`", discriminator.property);
                let hint = "declare it there as a required property, in the overlay";
                self.diagnostics.push(Diagnostic::error(pointer.clone(), message).hint(hint));
                continue;
            }
            if found.iter().any(|(_, variant)| *variant == index) {
                continue;
            }
            // Without a mapping the values are those that the variant's own schema allows, or else its name.
            let values = self.variants.allowed(&variant.ty, &path).map(Allowed::into_values).unwrap_or_default();
            let named = component(variant).filter(|_| values.is_empty());
            if values.is_empty() && named.is_none() {
                let message = format!("no value of the discriminator leads to {}", self.variants.describe(&variant.ty));
                let hint = "make it a component schema and map a value to it in the overlay";
                self.diagnostics.push(Diagnostic::error(pointer.clone(), message).hint(hint));
            }
            let named = named.map(|name| Const::String(name.to_owned()));
            found.extend(values.into_iter().chain(named).map(|value| (value, index)));
        }
        let mut firsts: BTreeMap<Const, usize> = BTreeMap::new();
        for (value, variant) in &found {
            let first = *firsts.entry(value.clone()).or_insert(*variant);
            if first != *variant {
                let name = |variant: usize| self.variants.describe(&union.variants[variant].ty);
                let message = format!("`{}` leads to both {} and {}", value.to_tag(), name(first), name(*variant));
                let hint = "map the value to one of them in the overlay";
                self.diagnostics.push(Diagnostic::error(pointer.clone(), message).hint(hint));
            }
        }
        // If the overlay accepts that a value is not clear, the first variant has it.
        let mut values = vec![Vec::new(); union.variants.len()];
        for (value, variant) in found {
            if firsts.get(&value) == Some(&variant) && !values[variant].contains(&value) {
                values[variant].push(value);
            }
        }
        let cases = values.into_iter().enumerate().filter(|(_, values)| !values.is_empty());
        let cases = cases.map(|(variant, values)| Case { values, decision: Decision::Variant(variant) });
        let all: Vec<_> = (0..union.variants.len()).collect();
        let absent = self.may_lack(union, &all, &path).map(|variant| Box::new(Decision::Variant(variant)));
        tag(path, cases.collect(), Unlisted::Unknown, absent)
    }

    /// The best decision by a tag, if there is one.
    fn by_tag(&mut self, union: &Union, group: &[usize]) -> Option<Decision> {
        if group.len() < 2 {
            return None;
        }
        let mut paths = Vec::new();
        for &index in group {
            for path in self.variants.paths(&union.variants[index].ty, TAG_DEPTH) {
                if !paths.contains(&path) {
                    paths.push(path);
                }
            }
        }
        let mut best: Option<(Quality, Decision)> = None;
        for path in paths {
            if let Some((quality, decision)) = self.tag_at(union, group, path)
                && best.as_ref().is_none_or(|(other, _)| quality < *other)
            {
                best = Some((quality, decision));
            }
        }
        best.map(|(_, decision)| decision)
    }

    fn tag_at(&mut self, union: &Union, group: &[usize], path: Vec<String>) -> Option<(Quality, Decision)> {
        // Variants with values in common are told apart by something else.
        let mut listed: Vec<(BTreeSet<Const>, Vec<usize>)> = Vec::new();
        let (mut open, mut undeclared) = (None, Vec::new());
        let (mut constants, mut required, mut open_is_required) = (true, true, true);
        for &index in group {
            match self.variants.allowed(&union.variants[index].ty, &path)? {
                Allowed::Listed { values, constant, required: is_required } => {
                    constants &= constant;
                    required &= is_required;
                    let overlaps = |(known, _): &(BTreeSet<Const>, _)| !known.is_disjoint(&values);
                    let (joined, apart) = listed.into_iter().partition::<Vec<_>, _>(overlaps);
                    listed = apart;
                    let mut case = (values, vec![index]);
                    for (values, variants) in joined {
                        case.0.extend(values);
                        case.1.splice(0..0, variants);
                    }
                    listed.push(case);
                }
                Allowed::Open { required } if open.is_none() => {
                    open = Some(index);
                    open_is_required = required;
                }
                Allowed::Undeclared => undeclared.push(index),
                Allowed::Open { .. } => return None,
            }
        }
        let outcomes = listed.len() + usize::from(open.is_some()) + usize::from(!undeclared.is_empty());
        let are_flags = || listed.iter().flat_map(|(values, _)| values).all(|value| matches!(value, Const::Boolean(_)));
        if listed.is_empty() || outcomes < 2 || (!undeclared.is_empty() && (open.is_some() || !constants || !required))
        {
            return None;
        }
        let quality = match (path.len(), undeclared.is_empty()) {
            (1, true) => match (listed.iter().any(|(_, variants)| variants.len() > 1), constants) {
                (false, true) => Quality::Constants,
                (false, false) => Quality::Values,
                (true, true) => Quality::SharedConstants,
                (true, false) => Quality::SharedValues,
            },
            (1, false) if are_flags() => Quality::Flag,
            (1, false) => Quality::Undeclared,
            _ => Quality::Below,
        };
        let absent = match (open.filter(|_| !open_is_required), undeclared.as_slice()) {
            (Some(open), _) => Some(Decision::Variant(open)),
            (None, []) if open.is_some() => None,
            (None, []) => self.may_lack(union, group, &path).map(Decision::Variant),
            (None, undeclared) => Some(self.distinct(union, undeclared)?),
        };
        let mut cases = Vec::new();
        listed.sort_by_key(|(_, variants)| variants.first().copied());
        for (values, variants) in listed {
            let values: Vec<_> = values.into_iter().filter(|value| *value != Const::Null).collect();
            if !values.is_empty() {
                cases.push(Case { values, decision: self.distinct(union, &variants)? });
            }
        }
        let unlisted = match (open, &absent) {
            (Some(open), _) => Unlisted::Variant(open),
            (None, Some(Decision::Variant(index))) if !undeclared.is_empty() && !is_flag(&cases) => {
                Unlisted::VariantOrUnknown(*index)
            }
            (None, Some(_)) if !undeclared.is_empty() => Unlisted::Absent,
            _ => Unlisted::Unknown,
        };
        Some((quality, tag(path, cases, unlisted, absent.map(Box::new))))
    }

    /// The only variant that declares the tag and lets objects leave it out, or null.
    fn may_lack(&self, union: &Union, group: &[usize], path: &[String]) -> Option<usize> {
        let [name] = path else { return None };
        let mut lacking = group.iter().filter(|&&index| self.variants.may_lack(&union.variants[index].ty, name));
        match (lacking.next(), lacking.next()) {
            (Some(only), None) => Some(*only),
            _ => None,
        }
    }

    /// The decision between variants that a tag leaves, if nothing is left that can't be told apart.
    fn distinct(&mut self, union: &Union, group: &[usize]) -> Option<Decision> {
        match group {
            [only] => Some(Decision::Variant(*only)),
            _ => self.by_tag(union, group).or_else(|| {
                let signatures = self.signatures(union, group);
                self.alike(union, &signatures).is_empty().then_some(Decision::Structure(signatures))
            }),
        }
    }

    fn signatures(&self, union: &Union, group: &[usize]) -> Vec<Signature> {
        self.variants.signatures(group.iter().map(|&index| (index, &union.variants[index])))
    }

    /// Pairs of signatures that no value can tell apart: the earlier and the later one.
    fn alike(&self, union: &Union, signatures: &[Signature]) -> Vec<(usize, usize)> {
        let ty = |signature: &Signature| &union.variants[signature.variant].ty;
        let mut pairs = Vec::new();
        for (index, signature) in signatures.iter().enumerate() {
            let twin = signatures[..index]
                .iter()
                .position(|other| other.variant != signature.variant && Variants::alike(other, signature));
            if let Some(twin) = twin
                && !self.variants.same_fields(ty(&signatures[twin]), ty(signature))
            {
                pairs.push((twin, index));
            }
        }
        pairs
    }

    /// What every variant looks like. Variants that declare the same are one; others that look alike are an error.
    fn structure(&mut self, union: &Union, group: &[usize]) -> Vec<Signature> {
        let all = self.signatures(union, group);
        let ty = |signature: &Signature| &union.variants[signature.variant].ty;
        let mut kept: Vec<Signature> = Vec::new();
        for signature in all {
            let Some(twin) = kept.iter().find(|o| o.variant != signature.variant && Variants::alike(o, &signature))
            else {
                kept.push(signature);
                continue;
            };
            if self.is_guess {
                continue;
            }
            let (one, other) = (self.variants.describe(ty(twin)), self.variants.describe(ty(&signature)));
            self.diagnostics.push(if self.variants.same_fields(ty(twin), ty(&signature)) {
                self.merged.insert(signature.variant);
                Diagnostic::note(self.pointer, format!("{other} has the properties of {one} and is read as that"))
            } else {
                Diagnostic::error(self.pointer, format!("{one} and {other} can't be told apart")).hint(
                    "add a discriminator or a required property in the overlay, or accept the pointer under x-accept",
                )
            });
        }
        kept
    }
}
