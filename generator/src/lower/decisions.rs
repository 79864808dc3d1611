//! Decides how a reader distinguishes the variants of a union: by a discriminator, a tag that all variants declare, a
//! constant that only some of them declare, a tag one level down, or finally the structure.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use indexmap::IndexSet;

use super::schemas::Discriminator;
use super::variants::{Allowed, Likeness, Variants};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::ir::{Case, Const, Decision, Shape, Signature, Tag, Type, TypeDef, TypeId, Union, Unlisted, Variant};
use crate::pointer::child;

/// Maximum depth of a tag below an object: `type`, then `benefit.type`.
const TAG_DEPTH: usize = 2;

/// Maximum number of paths to tags that are examined in a union. Tags that split the variants in many ways lead to
/// groups that can be split in many ways again; no real API comes near.
const MAX_CANDIDATES: usize = 20_000;

/// Decides for every union how its variants are distinguished. For the unions in `told_by_parent` the best guess is
/// enough: the object around them has the tag.
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
            budget: MAX_CANDIDATES,
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

/// Returns whether a tag only marks some of the variants: `legacy: true`.
fn is_flag(cases: &[Case]) -> bool {
    cases.iter().flat_map(|case| &case.values).all(|value| matches!(value, Const::Boolean(_)))
}

/// Removes variants that are read as another one.
fn take_out(union: &mut Union, merged: &BTreeSet<usize>) {
    let position = |index: usize| index - merged.range(..index).count();
    union.decision.each_variant(&mut |index| *index = position(*index));
    let mut index = 0..;
    union.variants.retain(|_| index.next().is_none_or(|index| !merged.contains(&index)));
}

struct Decider<'a> {
    variants: Variants<'a>,
    pointer: &'a str,
    /// Whether the structure is only a guess, so that variants may be indistinguishable.
    is_guess: bool,
    /// Variants that are read as another one, because they declare the same properties.
    merged: BTreeSet<usize>,
    /// Number of paths to tags that may still be examined.
    budget: usize,
    diagnostics: &'a mut Diagnostics,
}

/// How well a tag distinguishes a group of variants, best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Quality {
    /// All variants have different constants.
    Constants,
    /// All variants have different values.
    Values,
    /// All variants have constants, some of them the same, and something else distinguishes these.
    SharedConstants,
    /// Some variants have values in common, and something else distinguishes these.
    SharedValues,
    /// Some variants have a required constant `true` or `false`, and the others do not declare the property.
    Flag,
    /// Some variants have other required constants, and the others do not declare the property.
    Undeclared,
    /// One of these, one level down.
    Below,
}

/// A path to a tag, and how well it distinguishes a group of variants.
struct Candidate {
    quality: Quality,
    path: Vec<String>,
    /// Values and the variants that have them.
    listed: Vec<(BTreeSet<Const>, Vec<usize>)>,
    /// The variant that allows any value.
    open: Option<usize>,
    open_is_required: bool,
    /// Variants that do not declare the tag.
    undeclared: Vec<usize>,
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
        let mut places: HashMap<&str, usize> = HashMap::new();
        for (index, variant) in union.variants.iter().enumerate() {
            if let Some(name) = component(variant) {
                places.entry(name).or_insert(index);
            }
        }
        for (value, name) in &discriminator.mapping {
            match places.get(name.as_str()) {
                Some(variant) => found.push((Const::String(value.clone()), *variant)),
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
        let mapped: HashSet<usize> = found.iter().map(|(_, variant)| *variant).collect();
        for (index, variant) in union.variants.iter().enumerate() {
            if let Some(Allowed::Undeclared) = self.variants.allowed(&variant.ty, &path) {
                let name = self.variants.describe(&variant.ty);
                let message = format!("{name} does not declare the discriminator `{}`", discriminator.property);
                let hint = "declare it there as a required property, in the overlay";
                self.diagnostics.push(Diagnostic::error(pointer.clone(), message).hint(hint));
                continue;
            }
            if mapped.contains(&index) {
                continue;
            }
            // Without a mapping, the values are those in the variant's own schema, or its name.
            let values = self.variants.allowed(&variant.ty, &path).map(Allowed::into_values).unwrap_or_default();
            let named = component(variant).filter(|_| values.is_empty());
            if values.is_empty() && named.is_none() {
                let message =
                    format!("no value of the discriminator refers to {}", self.variants.describe(&variant.ty));
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
                let message = format!("`{}` refers to both {} and {}", value.to_tag(), name(first), name(*variant));
                let hint = "map the value to one of them in the overlay";
                self.diagnostics.push(Diagnostic::error(pointer.clone(), message).hint(hint));
            }
        }
        // If the overlay accepts that a value is ambiguous, the first variant has it.
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

    /// Returns the best decision by a tag, if there is one.
    fn by_tag(&mut self, union: &Union, group: &[usize]) -> Option<Decision> {
        if group.len() < 2 {
            return None;
        }
        let paths: IndexSet<Vec<String>> =
            group.iter().flat_map(|&index| self.variants.paths(&union.variants[index].ty, TAG_DEPTH)).collect();
        let mut candidates: Vec<Candidate> =
            paths.into_iter().filter_map(|path| self.candidate(union, group, path)).collect();
        candidates.sort_by_key(|candidate| candidate.quality);
        candidates.into_iter().find_map(|candidate| self.by_candidate(union, group, candidate))
    }

    /// Returns how well a path to a tag distinguishes a group of variants, if it does.
    fn candidate(&mut self, union: &Union, group: &[usize], path: Vec<String>) -> Option<Candidate> {
        self.budget = self.budget.checked_sub(1)?;
        // Variants with values in common are distinguished by something else.
        let mut listed: Vec<(BTreeSet<Const>, Vec<usize>)> = Vec::new();
        let mut places: HashMap<Const, usize> = HashMap::new();
        let (mut open, mut undeclared) = (None, Vec::new());
        let (mut constants, mut required, mut open_is_required) = (true, true, true);
        for &index in group {
            match self.variants.allowed(&union.variants[index].ty, &path)? {
                Allowed::Listed { values, constant, required: is_required } => {
                    constants &= constant;
                    required &= is_required;
                    let mut joined: BTreeSet<usize> =
                        values.iter().filter_map(|value| places.get(value)).copied().collect();
                    let place = joined.pop_first().unwrap_or(listed.len());
                    if place == listed.len() {
                        listed.push((BTreeSet::new(), Vec::new()));
                    }
                    let mut more = (values, vec![index]);
                    for other in joined {
                        let (values, variants) = std::mem::take(&mut listed[other]);
                        more.0.extend(values);
                        more.1.extend(variants);
                    }
                    places.extend(more.0.iter().map(|value| (value.clone(), place)));
                    listed[place].0.extend(more.0);
                    listed[place].1.extend(more.1);
                }
                Allowed::Open { required } if open.is_none() => {
                    open = Some(index);
                    open_is_required = required;
                }
                Allowed::Undeclared => undeclared.push(index),
                Allowed::Open { .. } => return None,
            }
        }
        listed.retain(|(_, variants)| !variants.is_empty());
        listed.iter_mut().for_each(|(_, variants)| variants.sort_unstable());
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
        listed.sort_by_key(|(_, variants)| variants.first().copied());
        Some(Candidate { quality, path, listed, open, open_is_required, undeclared })
    }

    fn by_candidate(&mut self, union: &Union, group: &[usize], candidate: Candidate) -> Option<Decision> {
        let Candidate { path, listed, open, open_is_required, undeclared, .. } = candidate;
        let absent = match (open.filter(|_| !open_is_required), undeclared.as_slice()) {
            (Some(open), _) => Some(Decision::Variant(open)),
            (None, []) if open.is_some() => None,
            (None, []) => self.may_lack(union, group, &path).map(Decision::Variant),
            (None, undeclared) => Some(self.distinct(union, undeclared)?),
        };
        let mut cases = Vec::new();
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
        Some(tag(path, cases, unlisted, absent.map(Box::new)))
    }

    /// Returns the only variant that declares the tag and allows it to be absent or null.
    fn may_lack(&self, union: &Union, group: &[usize], path: &[String]) -> Option<usize> {
        let [name] = path else { return None };
        let mut lacking = group.iter().filter(|&&index| self.variants.may_lack(&union.variants[index].ty, name));
        match (lacking.next(), lacking.next()) {
            (Some(only), None) => Some(*only),
            _ => None,
        }
    }

    /// Returns the decision between variants with the same tag, if they can be distinguished.
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

    /// Returns pairs of shapes that no value can distinguish: the earlier and the later one.
    fn alike(&self, union: &Union, signatures: &[Signature]) -> Vec<(usize, usize)> {
        let ty = |signature: &Signature| &union.variants[signature.variant].ty;
        let mut pairs = Vec::new();
        let mut groups: HashMap<Likeness<'_>, Vec<usize>> = HashMap::new();
        for (index, signature) in signatures.iter().enumerate() {
            let group = groups.entry(Variants::likeness(signature)).or_default();
            let is_twin = |&&other: &&usize| {
                signatures[other].variant != signature.variant && Variants::alike(&signatures[other], signature)
            };
            let twin = group.iter().find(is_twin).copied();
            group.push(index);
            if let Some(twin) = twin
                && !self.variants.same_fields(ty(&signatures[twin]), ty(signature))
            {
                pairs.push((twin, index));
            }
        }
        pairs
    }

    /// Returns the shape of every variant. Variants that declare the same are merged; other indistinguishable ones are
    /// an error.
    fn structure(&mut self, union: &Union, group: &[usize]) -> Vec<Signature> {
        let all = self.signatures(union, group);
        let ty = |signature: &Signature| &union.variants[signature.variant].ty;
        let mut kept: Vec<Signature> = Vec::new();
        let mut groups: HashMap<Likeness<'_>, Vec<&Signature>> = HashMap::new();
        for signature in &all {
            let group = groups.entry(Variants::likeness(signature)).or_default();
            let is_twin = |other: &&&Signature| other.variant != signature.variant && Variants::alike(other, signature);
            let Some(twin) = group.iter().find(is_twin) else {
                group.push(signature);
                kept.push(signature.clone());
                continue;
            };
            if self.is_guess {
                continue;
            }
            let (one, other) = (self.variants.describe(ty(twin)), self.variants.describe(ty(signature)));
            self.diagnostics.push(if self.variants.same_fields(ty(twin), ty(signature)) {
                self.merged.insert(signature.variant);
                Diagnostic::note(self.pointer, format!("{other} has the same properties as {one} and is read as {one}"))
            } else {
                Diagnostic::error(self.pointer, format!("{one} and {other} can't be distinguished")).hint(
                    "add a discriminator or a required property in the overlay, or accept the pointer under x-accept",
                )
            });
        }
        kept
    }
}
