//! The public items of a crate's source, one per line: what a user's program can name.

use crate::emit::{File, items};

/// Lists the public items of files, sorted by path and then in the order of the file.
///
/// Trait implementations are listed by their trait, macro calls by their arguments. A file that can't be parsed has
/// none.
#[must_use]
pub fn public_api(files: &[File]) -> Vec<String> {
    let lines = |file: &File| syn::parse_file(&file.text).map(|parsed| items(&file.path, &parsed)).unwrap_or_default();
    files.iter().flat_map(lines).collect()
}
