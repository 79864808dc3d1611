//! Conditions under which a piece of the crate is compiled.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::FeatureSet;

/// `#[cfg(...)]` for a definition; nothing where it is always needed.
pub(super) fn cfg(set: &FeatureSet) -> TokenStream {
    if set.always { TokenStream::new() } else { any(&set.features) }
}

/// `#[cfg(...)]` for one feature.
pub(super) fn cfg_feature(feature: &str) -> TokenStream {
    quote!(#[cfg(feature = #feature)])
}

/// `#[cfg(...)]` for a module: needed when one of its definitions is.
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
