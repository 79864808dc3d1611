//! Conditions for the compilation of items.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::FeatureSet;

/// Returns `#[cfg(...)]` for a definition; empty if it is always needed.
pub(super) fn cfg(set: &FeatureSet) -> TokenStream {
    if set.always { TokenStream::new() } else { any(&set.features) }
}

/// Returns the same as [`cfg`], with the features for docs.rs. If there are many, none is shown: a program that calls
/// an operation has the types that it needs.
pub(super) fn cfg_shown(set: &FeatureSet) -> TokenStream {
    let cfg = cfg(set);
    let features = &set.features;
    let shown = match features.len() {
        1 if !set.always => quote!(#(feature = #features)*),
        2..=SHOWN if !set.always => quote!(any(#(feature = #features),*)),
        _ => return cfg,
    };
    quote!(#cfg #[cfg_attr(docsrs, doc(cfg(#shown)))])
}

/// Hides the features of an item and its content in rustdoc, unless an attribute shows them.
pub(super) fn hidden() -> TokenStream {
    quote!(#[cfg_attr(docsrs, doc(auto_cfg = false))])
}

/// Returns `#[cfg(...)]` for one feature.
pub(super) fn cfg_feature(feature: &str) -> TokenStream {
    quote!(#[cfg(feature = #feature)])
}

/// Returns `#[cfg(...)]` for a module, which is needed if one of its definitions is.
pub(super) fn cfg_module<'a>(sets: impl Iterator<Item = &'a FeatureSet>) -> TokenStream {
    let mut features = BTreeSet::new();
    for set in sets {
        if set.always {
            return TokenStream::new();
        }
        features.extend(set.features.iter().cloned());
    }
    any(&features)
}

fn any(features: &BTreeSet<String>) -> TokenStream {
    match features.len() {
        0 => TokenStream::new(),
        1 => quote!(#[cfg(#(feature = #features),*)]),
        _ => quote!(#[cfg(any(#(feature = #features),*))]),
    }
}

/// Returns the same as [`cfg`] as text, on as few lines as possible.
pub(super) fn condition(set: &FeatureSet) -> Option<String> {
    if set.always || set.features.is_empty() {
        return None;
    }
    let features: Vec<_> = set.features.iter().map(|feature| format!("feature = {feature:?}")).collect();
    Some(any_of(&features))
}

/// Returns the text of a condition that one of these satisfies.
pub(super) fn any_of(features: &[String]) -> String {
    if let [feature] = features {
        return format!("#[cfg({feature})]\n");
    }
    let flat = format!("#[cfg(any({}))]\n", features.join(", "));
    if flat.len() <= WIDTH {
        return flat;
    }
    let mut text = "#[cfg(any(".to_owned();
    let mut width = WIDTH;
    for feature in features {
        if width + feature.len() + 2 > WIDTH {
            text.push_str("\n   ");
            width = 3;
        }
        text.push_str(&format!(" {feature},"));
        width += feature.len() + 2;
    }
    text.push_str("\n))]\n");
    text
}

/// Maximum number of features in the documentation of a type.
const SHOWN: usize = 3;

/// Maximum length of a line of a condition.
const WIDTH: usize = 118;
