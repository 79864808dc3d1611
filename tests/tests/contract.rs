//! The contract between generated code and the runtime: what the generator reserves is what the two sides have.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use polar_codegen::contract::{self, is_reserved_type};
use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Item, UseTree};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

type Names = BTreeSet<String>;

fn names<'a>(lists: impl IntoIterator<Item = &'a [&'a str]>) -> Names {
    lists.into_iter().flatten().map(|name| (*name).to_owned()).collect()
}

fn is_type(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase()) && name.contains(|c: char| c.is_ascii_lowercase())
}

/// The source files of the generated crate.
fn generated() -> Vec<(PathBuf, String)> {
    let mut folders = vec![root().join("generated/src")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.extension().is_some_and(|extension| extension == "rs") => {
                    let text = fs::read_to_string(&path).unwrap();
                    files.push((path, text));
                }
                false => {}
            }
        }
    }
    files
}

/// Paths of a `use`, each with the name that it has in the file.
fn imports(tree: &UseTree, path: &[String], found: &mut Vec<(Vec<String>, String)>) {
    let with = |name: &syn::Ident| [path, &[name.to_string()]].concat();
    match tree {
        UseTree::Path(tree) => imports(&tree.tree, &with(&tree.ident), found),
        UseTree::Name(tree) if tree.ident == "self" => {
            found.extend(path.last().map(|name| (path.to_vec(), name.clone())));
        }
        UseTree::Name(tree) => found.push((with(&tree.ident), tree.ident.to_string())),
        UseTree::Rename(tree) => found.push((with(&tree.ident), tree.rename.to_string())),
        UseTree::Glob(_) => {}
        UseTree::Group(group) => group.items.iter().for_each(|tree| imports(tree, path, found)),
    }
}

fn imported(text: &str) -> Vec<(Vec<String>, String)> {
    let mut found = Vec::new();
    for item in syn::parse_file(text).unwrap().items {
        if let Item::Use(item) = item {
            imports(&item.tree, &[], &mut found);
        }
    }
    found
}

/// What a text takes from a module: the names after `base` in paths, wherever they are.
fn taken(tokens: TokenStream, base: &[&str], found: &mut Names) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let word = |at: usize| match tokens.get(at) {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    };
    for (at, token) in tokens.iter().enumerate() {
        if let TokenTree::Group(group) = token {
            taken(group.stream(), base, found);
        }
        // `a::b::` is three tokens for each name.
        if (0..base.len()).all(|step| word(at + 3 * step).as_deref() == Some(base[step])) {
            match tokens.get(at + 3 * base.len()) {
                Some(TokenTree::Ident(ident)) => _ = found.insert(ident.to_string()),
                Some(TokenTree::Group(group)) => {
                    let stream = group.stream();
                    let tree: UseTree = syn::parse_quote!({ #stream });
                    let mut paths = Vec::new();
                    imports(&tree, &[], &mut paths);
                    found.extend(paths.into_iter().filter_map(|(path, _)| path.into_iter().next()));
                }
                _ => {}
            }
        }
    }
}

/// What `codegen` of the runtime exports.
fn exported() -> Names {
    imported(&read("runtime/src/codegen.rs")).into_iter().map(|(_, name)| name).collect()
}

#[test]
fn generated_code_names_only_the_contract_of_the_runtime() {
    let mut found = Names::new();
    for (_, text) in generated() {
        taken(text.parse().unwrap(), &["polar_client_runtime"], &mut found);
    }
    assert_eq!(found, names([["codegen"].as_slice()]));
}

#[test]
fn the_contract_has_what_generated_code_uses_and_nothing_else() {
    let mut used = Names::new();
    for (_, text) in generated() {
        taken(text.parse().unwrap(), &["polar_client_runtime", "codegen"], &mut used);
    }
    for file in ["codegen/api_request.rs", "webhooks/any_version.rs", "webhooks/body.rs"] {
        taken(read(&format!("runtime/src/{file}")).parse().unwrap(), &["crate", "codegen"], &mut used);
    }
    assert_eq!(used, exported());
}

#[test]
fn reserved_names_are_those_that_generated_files_import() {
    let mut found = Names::new();
    // Names of the document are only in scope where the prelude is. The types that verify webhooks have a module of their
    // own, which shares names with models.
    let shares_scope = |(path, text): &(PathBuf, String)| {
        !path.ends_with("webhooks.rs") && (text.contains("crate::prelude::*") || path.ends_with("src/lib.rs"))
    };
    let prelude = (PathBuf::from("prelude.rs"), read("generated/src/prelude.rs"));
    for (path, text) in generated().into_iter().filter(shares_scope).chain([prelude]) {
        for (path_of_name, name) in imported(&text) {
            let is_ours = path_of_name.first().is_some_and(|first| first == "polar_client_runtime");
            if is_ours && is_type(&name) {
                assert!(is_reserved_type(&name), "{} imports `{name}`: add it to `contract`", path.display());
                found.insert(name);
            }
        }
    }
    let of_crates: Vec<_> = contract::CRATE_TYPES.iter().map(|(_, types)| *types).collect();
    let listed = [contract::ROOT, contract::VALUES, contract::PRELUDE, contract::OPERATIONS];
    let listed: Names = names(listed.into_iter().chain(of_crates)).into_iter().filter(|name| is_type(name)).collect();
    assert_eq!(found, listed, "`contract` lists what no file imports");
}

/// Names without a path, and what the crate defines itself.
#[derive(Default)]
struct Plain {
    used: Names,
    defined: Names,
}

impl<'ast> Visit<'ast> for Plain {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.used.extend(path.segments.first().map(|segment| segment.ident.to_string()));
        visit::visit_path(self, path);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.defined.insert(item.ident.to_string());
        visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.defined.insert(item.ident.to_string());
        visit::visit_item_enum(self, item);
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.defined.insert(item.ident.to_string());
        visit::visit_item_type(self, item);
    }

    fn visit_type_param(&mut self, parameter: &'ast syn::TypeParam) {
        self.defined.insert(parameter.ident.to_string());
        visit::visit_type_param(self, parameter);
    }

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}

#[test]
fn names_of_the_standard_library_are_reserved() {
    let mut plain = Plain::default();
    for (_, text) in generated() {
        plain.visit_file(&syn::parse_file(&text).unwrap());
        plain.defined.extend(imported(&text).into_iter().map(|(_, name)| name));
    }
    let foreign = plain.used.difference(&plain.defined).filter(|name| is_type(name) && *name != "Self");
    let missing: Vec<_> = foreign.filter(|name| !is_reserved_type(name)).collect();
    assert!(missing.is_empty(), "add to `contract::STANDARD` or `contract::DEFINED`: {missing:?}");
}

/// The functions in the tokens of `impl` blocks.
fn functions(tokens: TokenStream, found: &mut Names) {
    let mut is_function = false;
    for token in tokens {
        match token {
            TokenTree::Group(group) => functions(group.stream(), found),
            TokenTree::Ident(ident) if is_function => _ = found.insert(ident.to_string()),
            TokenTree::Ident(ident) => {
                is_function = ident == "fn";
                continue;
            }
            _ => {}
        }
        is_function = false;
    }
}

#[test]
fn methods_of_requests_and_clients_are_reserved() {
    let mut methods = Names::new();
    functions(read("runtime/src/codegen/api_request.rs").parse().unwrap(), &mut methods);
    methods.remove("fmt");
    methods.remove("from");
    // A setter of the body, and the field that the macro and emitted setters use.
    methods.extend(["body", "request"].map(str::to_owned));
    assert_eq!(methods, names([contract::REQUEST_METHODS]));

    let client = syn::parse_file(&read("generated/src/client.rs")).unwrap();
    let mut own = Names::from(["clone".to_owned()]);
    for item in client.items {
        if let Item::Impl(block) = item
            && matches!(&*block.self_ty, syn::Type::Path(ty) if ty.path.is_ident("Polar"))
        {
            own.extend(block.items.iter().filter_map(|item| match item {
                syn::ImplItem::Fn(function) => Some(function.sig.ident.to_string()),
                _ => None,
            }));
        }
    }
    own.remove("from");
    // What returns a handle is named by the document.
    let handles = own.iter().filter(|name| !contract::CLIENT_METHODS.contains(&name.as_str())).count();
    assert!(names([contract::CLIENT_METHODS]).is_subset(&own) && handles > 20, "{own:?}");
}
