//! Layers of the generator look only down, and crates of the workspace only along their arrows.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a failing test may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// The layers from the lowest to the highest, each with those that it may use.
const LAYERS: &[(&str, &[&str])] = &[
    ("diagnostics", &[]),
    ("words", &[]),
    ("config", &[]),
    ("contract", &[]),
    ("pointer", &[]),
    ("http", &[]),
    ("repository", &[]),
    ("stack", &["diagnostics"]),
    ("document", &["diagnostics", "pointer", "http"]),
    ("ir", &["pointer", "http"]),
    ("lower", &["document", "ir", "diagnostics", "words", "pointer", "http"]),
    ("descriptions", &["document", "ir", "diagnostics", "pointer"]),
    ("passes", &["ir", "diagnostics", "words", "pointer", "contract"]),
    ("emit", &["ir", "config", "contract", "diagnostics", "words"]),
    ("coverage", &["document", "ir", "diagnostics", "pointer"]),
    ("public_api", &["emit"]),
];

/// The crates of the workspace, each with those that it may depend on.
const CRATES: &[(&str, &str, &[&str])] = &[
    ("auth", "polar-client-auth", &[]),
    ("json", "polar-client-json", &[]),
    ("generator", "polar-codegen", &[]),
    ("maintain", "polar-maintain", &["polar-codegen"]),
    ("runtime", "polar-client-runtime", &["polar-client-auth", "polar-client-json"]),
    ("generated", "polar-client", &["polar-client-runtime"]),
    // Only its tests use the test kit.
    ("kit", "polar-client-kit", &["polar-client", "polar-testkit"]),
    ("mock", "polar-mock", &["polar-client-runtime"]),
    ("xtask", "xtask", &["polar-codegen", "polar-maintain", "polar-client-auth"]),
    ("tests/testkit", "polar-testkit", &["polar-codegen", "polar-client", "polar-mock"]),
    ("tests", "polar-tests", &["polar-codegen", "polar-client", "polar-mock", "polar-testkit"]),
];

/// The root of the crate, whose items are above every layer.
const ROOT: &str = "lib";

#[test]
fn layers_look_only_down() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut problems = Vec::new();
    for file in rust_files(&source) {
        let path = file.strip_prefix(&source).unwrap().to_str().unwrap().replace('\\', "/");
        problems.extend(upward(&path, &fs::read_to_string(&file).unwrap()));
    }
    assert!(problems.is_empty(), "a layer names what it must not know:\n{}", problems.join("\n"));
}

#[test]
fn every_module_of_the_root_has_a_layer() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let entries = fs::read_dir(source).unwrap().map(|entry| entry.unwrap().path());
    let found: BTreeSet<_> = entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    let layers = LAYERS.iter().map(|(name, _)| (*name).to_owned()).chain([ROOT.to_owned()]);
    assert_eq!(found, layers.collect());
}

#[test]
fn the_order_has_no_circle() {
    for (index, (layer, allowed)) in LAYERS.iter().enumerate() {
        for name in *allowed {
            let position = LAYERS.iter().position(|(other, _)| other == name);
            assert!(
                position.is_some_and(|position| position < index),
                "{layer} may name {name}, which is not below it"
            );
        }
    }
}

#[test]
fn a_use_from_above_is_always_found() {
    for (path, source, found) in [
        ("ir/types.rs", "use crate::passes::names::Names;", vec!["passes"]),
        ("ir/types.rs", "use super::super::passes::names::Names;", vec!["passes"]),
        ("ir/mod.rs", "use super::passes;", vec!["passes"]),
        ("lower/schemas.rs", "use crate::{ir::Type, emit::{self, File}};", vec!["emit"]),
        ("lower/schemas.rs", "fn f() { crate::emit::emit(); }", vec!["emit"]),
        ("document/check/refs.rs", "fn f(x: super::super::super::ir::Api) {}", vec!["ir"]),
        ("document/check.rs", "mod inner { fn f() { super::super::super::lower::lower(); } }", vec!["lower"]),
        ("emit/mod.rs", "macro_rules! m { () => { $crate::passes::run() } }", vec!["passes"]),
        ("emit/mod.rs", "fn f() { g!(crate::document::load()) }", vec!["document"]),
        ("passes/mod.rs", "use crate::{Diagnostic, generate};", vec![ROOT, ROOT]),
        ("passes/mod.rs", "use super::*;", vec![ROOT]),
        ("passes/mod.rs", "use crate as all;", vec![ROOT]),
        ("words.rs", "use crate::diagnostics::Diagnostic;", vec!["diagnostics"]),
    ] {
        let named = references(path, source);
        assert_eq!(named.iter().filter(|layer| !is_allowed(path, layer)).collect::<Vec<_>>(), found, "{source}");
    }
}

#[test]
fn a_use_from_below_or_beside_is_fine() {
    for (path, source) in [
        ("passes/naming.rs", "use super::names::Names; use crate::ir::Api; use crate::{diagnostics::*, words};"),
        ("passes/naming.rs", "mod tests { use super::*; use super::super::idents; }"),
        (
            "document/check/refs.rs",
            "use super::super::walk::walk; pub(crate) fn f() {} pub(in crate::document) fn g() {}",
        ),
        ("emit/mod.rs", "fn f() { quote!(crate::passes::run()) }"),
        ("emit/mod.rs", "//! See [`crate::passes`].\nfn f() { let text = \"crate::passes\"; } // crate::document"),
        ("lib.rs", "use crate::emit; use passes::run; use self::document::load;"),
    ] {
        assert_eq!(upward(path, source), Vec::<String>::new(), "{source}");
    }
}

#[test]
fn crates_depend_only_along_their_arrows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let workspace = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let members = workspace.lines().find(|line| line.starts_with("members")).unwrap();
    let members: BTreeSet<_> = members.split('"').skip(1).step_by(2).collect();
    assert_eq!(members, CRATES.iter().map(|(folder, ..)| *folder).collect(), "each crate needs its arrows here");
    for (folder, name, allowed) in CRATES {
        let manifest = fs::read_to_string(root.join(folder).join("Cargo.toml")).unwrap();
        // A crate may depend on itself, so that its tests run with all features.
        let ours = |dependency: &String| dependency != name && CRATES.iter().any(|(_, name, _)| name == dependency);
        for dependency in dependencies(&manifest).into_iter().filter(ours) {
            assert!(allowed.contains(&dependency.as_str()), "{name} must not depend on {dependency}");
        }
    }
}

#[test]
fn a_dependency_is_found_in_every_form() {
    let manifest = "[package]\nname = \"a\"\n[features]\nx = [\"b/y\"]\n[dependencies]\nb.workspace = true\nc = \"1\"\n\
                    renamed = { package = \"d\", version = \"1\" }\n[dev-dependencies.e]\npath = \"e\"\n\
                    [target.'cfg(unix)'.build-dependencies]\nf = { path = \"f\" }\n";
    assert_eq!(dependencies(manifest), ["b", "c", "d", "renamed", "e", "f"]);
}

/// Returns the names of the crates that a manifest depends on, in any section.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut inside = false;
    for line in manifest.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            let (table, name) = section.rsplit_once("dependencies").unwrap_or((section, "-"));
            inside = name.is_empty();
            let named = name.strip_prefix('.').filter(|_| !table.contains("workspace"));
            found.extend(named.map(|name| name.trim_matches('"').to_owned()));
        } else if inside && let Some((key, value)) = line.split_once('=') {
            let package = value.split_once("package").and_then(|(_, rest)| rest.split('"').nth(1));
            found.extend(package.map(str::to_owned));
            found.push(key.trim().split('.').next().unwrap_or_default().to_owned());
        }
    }
    found
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Returns what is wrong with a file, one line for each error.
fn upward(path: &str, source: &str) -> Vec<String> {
    let references = references(path, source);
    let wrong = references.iter().filter(|layer| !is_allowed(path, layer));
    wrong.map(|layer| format!("{path}: {} names {layer}", layer_of(path))).collect()
}

fn is_allowed(path: &str, named: &str) -> bool {
    let own = layer_of(path);
    let allowed = LAYERS.iter().find(|(name, _)| *name == own).map(|(_, allowed)| *allowed);
    own == ROOT || own == named || allowed.is_some_and(|allowed| allowed.contains(&named))
}

/// `passes/naming.rs` belongs to the layer `passes`.
fn layer_of(path: &str) -> &str {
    path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

/// Returns all layers that a file refers to by a path from the root of the crate.
fn references(path: &str, source: &str) -> Vec<String> {
    let tokens: TokenStream = source.parse().expect("the file is Rust");
    let mut module: Vec<String> = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    module.retain(|name| name != "mod" && name != ROOT);
    let mut found = Vec::new();
    scan(tokens, &module, &mut found);
    found
}

/// Checks every token, so that bodies of functions and arguments of macros count as well.
fn scan(tokens: TokenStream, module: &[String], found: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut index = 0;
    while index < tokens.len() {
        match &tokens[index] {
            TokenTree::Ident(ident) if ident == "crate" && word(&tokens, index + 1).as_deref() == Some("as") => {
                found.push(ROOT.to_owned());
            }
            TokenTree::Ident(ident) if ident == "crate" => {
                if let Some(next) = after_colons(&tokens, index) {
                    first_names(&tokens[next..], &[], found);
                }
            }
            TokenTree::Ident(ident) if ident == "super" => {
                let mut base = module;
                let mut next = Some(index);
                while let Some(at) = next.filter(|at| word(&tokens, *at).as_deref() == Some("super")) {
                    base = base.split_last().map_or(base, |(_, above)| above);
                    index = at;
                    next = after_colons(&tokens, at);
                }
                if let Some(next) = next {
                    first_names(&tokens[next..], base, found);
                }
            }
            // The content of `quote!` is text of another crate.
            TokenTree::Group(_) if index >= 2 && word(&tokens, index - 2).as_deref() == Some("quote") => {}
            TokenTree::Group(group) => {
                let named = (index >= 2 && word(&tokens, index - 2).as_deref() == Some("mod"))
                    .then(|| word(&tokens, index - 1))
                    .flatten()
                    .filter(|_| group.delimiter() == Delimiter::Brace);
                let inner: Vec<String> = module.iter().cloned().chain(named).collect();
                scan(group.stream(), &inner, found);
            }
            _ => {}
        }
        index += 1;
    }
}

/// Returns the first segments of paths from `base`: one name, or several in braces.
fn first_names(tokens: &[TokenTree], base: &[String], found: &mut Vec<String>) {
    // Below a layer's own module, everything belongs to that layer.
    let is_root = base.is_empty();
    match tokens.first() {
        Some(TokenTree::Ident(ident)) if is_root => {
            let name = ident.to_string();
            let is_layer = LAYERS.iter().any(|(layer, _)| *layer == name);
            found.push(if is_layer { name } else { ROOT.to_owned() });
        }
        Some(TokenTree::Punct(punct)) if is_root && punct.as_char() == '*' => {
            found.push(ROOT.to_owned());
        }
        Some(TokenTree::Group(group)) => {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            let comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
            for path in inner.split(comma).filter(|path| !path.is_empty()) {
                match word(path, 0).as_deref() {
                    // `super::{super::x}` continues from `base`.
                    Some("super") => scan(path.iter().cloned().collect(), base, found),
                    _ => first_names(path, base, found),
                }
            }
        }
        _ => {}
    }
}

fn word(tokens: &[TokenTree], index: usize) -> Option<String> {
    match tokens.get(index) {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    }
}

/// Returns the rest of a path after `::`.
fn after_colons(tokens: &[TokenTree], index: usize) -> Option<usize> {
    let colon = |at: usize, spacing: Option<Spacing>| match tokens.get(at) {
        Some(TokenTree::Punct(punct)) => {
            punct.as_char() == ':' && spacing.is_none_or(|spacing| punct.spacing() == spacing)
        }
        _ => false,
    };
    (colon(index + 1, Some(Spacing::Joint)) && colon(index + 2, None)).then_some(index + 3)
}
