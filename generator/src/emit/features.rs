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
