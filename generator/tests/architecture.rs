//! The links of ARCHITECTURE.md.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a failing test may panic")]

use std::fs;
use std::path::Path;

/// Texts and targets of links to files.
fn links(text: &str) -> Vec<(&str, &str)> {
    let parts = text.split('[').skip(1).filter_map(|part| part.split_once("]("));
    let links = parts.filter_map(|(text, rest)| Some((text, rest.split_once(')')?.0)));
    links.filter(|(_, target)| !target.starts_with('#') && !target.contains("://")).collect()
}

/// Whether a source is the module of this name, or defines something of it.
fn defines(path: &str, source: &str, name: &str) -> bool {
    let is_module = path.trim_end_matches(".rs").rsplit('/').next() == Some(name);
    let heads = ["fn ", "struct ", "enum ", "trait ", "type ", "const "].map(|keyword| format!("{keyword}{name}"));
    let is_end = |rest: &str| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_');
    let has = |head: &String| source.match_indices(head).any(|(at, _)| is_end(&source[at + head.len()..]));
    is_module || heads.iter().any(has)
}

#[test]
fn links_lead_to_files_that_define_their_text() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let text = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let links = links(&text);
    assert!(links.len() > 15, "{} links", links.len());
    for (text, target) in links {
        let source = fs::read_to_string(root.join(target)).unwrap_or_else(|error| panic!("{target}: {error}"));
        let name = text.strip_prefix('`').and_then(|text| text.strip_suffix('`'));
        assert!(name.is_none_or(|name| defines(target, &source, name)), "{target} does not define {text}");
    }
}
