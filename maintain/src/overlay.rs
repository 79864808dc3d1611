//! Which actions of an overlay no longer fit a document, and which place each of them may mean.

mod path;

use std::collections::BTreeMap;

use polar_codegen::Diagnostic;
use polar_codegen::document::overlay;
use polar_codegen::pointer;
use serde_json::Value;

use path::{Path, Segment};

/// How similar a name must be to be proposed if nothing else speaks for it, from 0 to 1.
const SIMILAR: f64 = 0.8;

/// How similar a name must be if the rest of the path exists below it.
const SIMILAR_WITH_REST: f64 = 0.5;

/// Names that are tried with the rest of the path, the most similar ones.
const TRIED: usize = 20;

/// What an overlay and a document have to do with each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// The overlay without the stale actions.
    pub overlay: Value,
    /// Actions that do not fit the document.
    pub stale: Vec<StaleAction>,
    /// Actions of which some names do not fit.
    pub partly_stale: Vec<StaleAction>,
}

impl Fit {
    /// Marks the actions that the former document has a place for.
    pub fn mark_former(&mut self, former: &Self) {
        for action in &mut self.stale {
            action.fits_former = !former.stale.iter().any(|stale| stale.pointer == action.pointer);
        }
    }
}

/// An action that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaleAction {
    /// Its place in the overlay.
    pub pointer: String,
    /// Its target. Of an action that is stale in part, the part.
    pub target: String,
    /// Why it does not fit.
    pub message: String,
    /// Its reason, as the overlay states it.
    pub reason: String,
    /// A path that exists, and may be the one that is meant; for a target with several names, one for each.
    pub nearest: Option<String>,
    /// The longest part of the target that exists.
    pub existing: String,
    /// Whether it fits the former document.
    pub fits_former: bool,
}

/// Compares an overlay with a document. `renames` are new names of types by the former ones.
///
/// # Errors
/// Everything that is wrong with the overlay itself.
pub fn fit(
    file: &str,
    overlay: &Value,
    document: &Value,
    renames: &BTreeMap<String, String>,
) -> Result<Fit, Vec<Diagnostic>> {
    let parsed = overlay::parse(file, overlay.clone())?;
    let version = document.pointer("/info/version").and_then(Value::as_str).unwrap_or_default();
    let mut corrected = document.clone();
    let failed: BTreeMap<usize, Diagnostic> = overlay::apply(&mut corrected, &parsed)
        .into_iter()
        .filter_map(|error| Some((index(&error.pointer)?, error)))
        .collect();
    let actions = overlay.get("actions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let text =
        |action: &Value, name: &str| action.get(name).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
    let (mut stale, mut partly_stale, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    for (index, action) in actions.iter().enumerate() {
        let target = text(action, "target");
        let path = Path::parse(&target);
        let describe = |path: &Path, message: String| {
            let search = Search { document: &corrected, path, renames };
            let alternatives = path.alternatives();
            let mut nearest: Vec<String> = alternatives
                .iter()
                .filter_map(|path| Search { document: &corrected, path, renames }.nearest())
                .collect();
            nearest.dedup();
            StaleAction {
                pointer: pointer::element("#/actions", index),
                target: path.to_string(),
                message,
                reason: text(action, "description"),
                nearest: (!nearest.is_empty()).then(|| nearest.join(", ")),
                existing: search.existing(),
                fits_former: false,
            }
        };
        if let Some(error) = failed.get(&index) {
            stale.push(describe(&path, error.message.clone()));
            continue;
        }
        let mut kept_action = action.clone();
        let update = kept_action.get_mut("update");
        let lacking = update.map(|update| without_missing(update, &corrected)).unwrap_or_default();
        kept.push(kept_action);
        for name in lacking.iter().filter(|_| parsed.is_for(index, version)) {
            let schema = format!("$.components.schemas.{name}");
            let message = format!("it maps a value to the schema `{name}`, which does not exist");
            partly_stale.push(StaleAction { target: target.clone(), ..describe(&Path::parse(&schema), message) });
        }
        if !parsed.is_for(index, version) {
            continue;
        }
        let parts = path.alternatives().into_iter();
        // Before its action was applied: `remove` leaves nothing to find.
        for part in parts.filter(|part| !part.exists(document) && !part.exists(&corrected)) {
            partly_stale.push(describe(&part, format!("a part of the target `{target}` matches nothing")));
        }
    }
    let mut overlay = overlay.clone();
    if let Some(Value::Array(actions)) = overlay.get_mut("actions") {
        *actions = kept;
    }
    Ok(Fit { overlay, stale, partly_stale })
}

/// Takes what leads to no schema out of the mappings in what an action writes, and returns the names of those schemas. An
/// older document may lack a variant that newer ones have.
fn without_missing(update: &mut Value, document: &Value) -> Vec<String> {
    let mut lacking = Vec::new();
    match update {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                let mapping = (name == MAPPING).then(|| member.as_object_mut()).flatten();
                mapping.into_iter().for_each(|mapping| {
                    mapping.retain(|_, target| match missing_schema(target, document) {
                        Some(schema) => {
                            lacking.push(schema);
                            false
                        }
                        None => true,
                    });
                });
                lacking.extend(without_missing(member, document));
            }
        }
        Value::Array(elements) => {
            elements.iter_mut().for_each(|element| lacking.extend(without_missing(element, document)));
        }
        _ => {}
    }
    lacking
}

/// The property of a discriminator with schemas by the values of its tag.
const MAPPING: &str = "mapping";

/// The name of the schema that a reference leads to, if there is none.
fn missing_schema(reference: &Value, document: &Value) -> Option<String> {
    let name = reference.as_str()?.strip_prefix("#/components/schemas/")?;
    let found = document.pointer(&format!("/components/schemas/{name}"));
    found.is_none().then(|| name.to_owned())
}

/// An overlay without an entry of `x-accept`, such as one of which the document has no use.
#[must_use]
pub fn without_accepted(overlay: &Value, at: &str) -> Option<Value> {
    let index: usize = at.strip_prefix("#/x-accept/")?.parse().ok()?;
    let mut overlay = overlay.clone();
    let accepted = overlay.get_mut("x-accept")?.as_array_mut()?;
    (index < accepted.len()).then(|| accepted.remove(index))?;
    Some(overlay)
}

fn index(pointer: &str) -> Option<usize> {
    pointer.strip_prefix("#/actions/")?.split('/').next()?.parse().ok()
}

/// A search for the place that a path may mean.
struct Search<'a> {
    document: &'a Value,
    path: &'a Path,
    renames: &'a BTreeMap<String, String>,
}

impl Search<'_> {
    /// The number of segments that exist.
    fn depth(&self) -> usize {
        (0..=self.path.len()).rev().find(|length| self.path.first(*length).exists(self.document)).unwrap_or_default()
    }

    fn existing(&self) -> String {
        self.path.first(self.depth()).to_string()
    }

    /// The path with another name in the place of the first one that does not exist.
    fn nearest(&self) -> Option<String> {
        let depth = self.depth();
        let Some(Segment::Names(names)) = self.path.segment(depth) else { return None };
        let [name] = names.as_slice() else { return None };
        let renamed = self.renames.get(name);
        let similarity = |key: &String| if renamed == Some(key) { 2.0 } else { strsim::jaro_winkler(name, key) };
        let mut keys: Vec<(f64, String)> =
            self.path.first(depth).keys(self.document).into_iter().map(|key| (similarity(&key), key)).collect();
        keys.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let with = |key: &str| self.path.with_name(depth, key);
        // That the rest of the path exists speaks for a name, if there is a rest.
        let needed = if depth + 1 < self.path.len() { SIMILAR_WITH_REST } else { SIMILAR };
        let tried = keys.iter().take(TRIED).filter(|(similarity, _)| *similarity >= needed);
        let whole = tried.map(|(_, key)| with(key)).find(|path| path.exists(self.document));
        let similar =
            || keys.first().filter(|(similarity, _)| *similarity >= SIMILAR).map(|(_, key)| with(key).first(depth + 1));
        whole.or_else(similar).map(|path| path.to_string())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test may panic")]

    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::{StaleAction, fit};

    fn document() -> Value {
        json!({"components": {"schemas": {
            "Order": {"properties": {"amount": {"type": "integer"}, "secret": {"anyOf": [{"type": "string"}]}}},
            "Purchase": {"properties": {"note": {}}},
            "Unrelated": {},
        }}})
    }

    fn stale(targets: &[&str], renames: &[(&str, &str)]) -> Vec<StaleAction> {
        let actions: Vec<_> =
            targets.iter().map(|target| json!({"target": target, "description": "Why.", "update": {"x": 1}})).collect();
        let overlay = json!({"overlay": "1.0.0", "info": {"title": "a", "version": "1"}, "actions": actions});
        let renames: BTreeMap<_, _> = renames.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let fit = fit("overlay.yaml", &overlay, &document(), &renames).unwrap();
        let kept = fit.overlay["actions"].as_array().unwrap().len();
        assert_eq!(kept + fit.stale.len(), targets.len());
        fit.stale.into_iter().chain(fit.partly_stale).collect()
    }

    fn nearest(target: &str, renames: &[(&str, &str)]) -> Option<String> {
        stale(&[target], renames).remove(0).nearest
    }

    #[test]
    fn actions_that_fit_are_kept() {
        assert_eq!(
            stale(&["$.components.schemas.Order.properties.amount", "$.components.schemas[?@.properties]"], &[]),
            []
        );
    }

    #[test]
    fn a_mistyped_name_leads_to_the_similar_one() {
        let expected = Some("$.components.schemas.Order.properties.amount".to_owned());
        assert_eq!(nearest("$.components.schemas.Order.properties.amont", &[]), expected);
        assert_eq!(nearest("$.components.schemas.Ordr.properties.amount", &[]), expected);
    }

    #[test]
    fn a_renamed_type_leads_to_its_new_name() {
        let target = "$.components.schemas.Sale.properties.note";
        let expected = Some("$.components.schemas.Purchase.properties.note".to_owned());
        assert_eq!(nearest(target, &[("Sale", "Purchase")]), expected);
        assert_eq!(nearest(target, &[]), None);
    }

    #[test]
    fn without_a_similar_place_the_existing_part_is_named() {
        let found = stale(&["$.components.schemas.Order.properties.amount[?@.type == 'x']", "$.nope.a"], &[]);
        let existing: Vec<_> = found.iter().map(|action| action.existing.as_str()).collect();
        assert_eq!(existing, ["$.components.schemas.Order.properties.amount", "$"]);
        assert_eq!(found[0].pointer, "#/actions/0");
    }

    #[test]
    fn each_of_several_names_has_a_nearest_place() {
        let found = stale(&["$.components.schemas['Ordr', 'Purchas'].properties"], &[]);
        let expected = "$.components.schemas.Order.properties, $.components.schemas.Purchase.properties";
        assert_eq!(found[0].nearest.as_deref(), Some(expected));
    }

    #[test]
    fn a_mapping_without_a_schema_is_stale_in_part() {
        let mapping = |targets: &[&str]| {
            let entries =
                targets.iter().map(|name| ((*name).to_owned(), json!(format!("#/components/schemas/{name}"))));
            json!({"x-parent-discriminator": {"mapping": Value::Object(entries.collect())}})
        };
        let overlay = |update: Value| {
            let target = "$.components.schemas.Order";
            json!({
                "overlay": "1.0.0",
                "info": {"title": "a", "version": "1"},
                "actions": [{"target": target, "description": "Why.", "update": update}],
            })
        };
        let before = overlay(mapping(&["Purchase", "Refund"]));
        let fit = fit("overlay.yaml", &before, &document(), &BTreeMap::new()).unwrap();
        assert_eq!(fit.overlay, overlay(mapping(&["Purchase"])));
        let messages: Vec<_> = fit.partly_stale.iter().map(|action| action.message.as_str()).collect();
        assert_eq!(messages, ["it maps a value to the schema `Refund`, which does not exist"]);
    }

    #[test]
    fn a_name_of_several_that_is_gone_is_stale_in_part() {
        let found = stale(&["$.components.schemas['Order', 'Purchas'].properties"], &[]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].target, "$.components.schemas.Purchas.properties");
        assert_eq!(found[0].nearest.as_deref(), Some("$.components.schemas.Purchase.properties"));
    }
}
