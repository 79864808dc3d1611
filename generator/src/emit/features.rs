//! Conditions under which a piece of the crate is compiled.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::Reach;

/// `#[cfg(...)]` for a definition; nothing where it is always needed.
pub(super) fn cfg(reach: &Reach) -> TokenStream {
    if reach.always { TokenStream::new() } else { any(&reach.features) }
}

/// `#[cfg(...)]` for one feature.
pub(super) fn cfg_feature(feature: &str) -> TokenStream {
    quote!(#[cfg(feature = #feature)])
}

/// `#[cfg(...)]` for a module: needed when one of its definitions is.
pub(super) fn cfg_module<'a>(reaches: impl Iterator<Item = &'a Reach>) -> TokenStream {
    let mut features = BTreeSet::new();
    for reach in reaches {
        if reach.always {
            return TokenStream::new();
        }
        features.extend(reach.features.iter().cloned());
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

/// The same as [`cfg`] as text, in as few lines as it takes.
pub(super) fn condition(reach: &Reach) -> Option<String> {
    if reach.always || reach.features.is_empty() {
        return None;
    }
    let features: Vec<_> = reach.features.iter().map(|feature| format!("feature = {feature:?}")).collect();
    if let [feature] = features.as_slice() {
        return Some(format!("#[cfg({feature})]\n"));
    }
    let flat = format!("#[cfg(any({}))]\n", features.join(", "));
    if flat.len() <= WIDTH {
        return Some(flat);
    }
    let mut text = "#[cfg(any(".to_owned();
    let mut width = WIDTH;
    for feature in &features {
        if width + feature.len() + 2 > WIDTH {
            text.push_str("\n   ");
            width = 3;
        }
        text.push_str(&format!(" {feature},"));
        width += feature.len() + 2;
    }
    text.push_str("\n))]\n");
    Some(text)
}

/// Longest line of a condition.
const WIDTH: usize = 118;
