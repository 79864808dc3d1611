//! Rooms of the runtime refer to lower ones only, and files do not form circles.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a failing test may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The rooms from the lowest to the highest. A room refers only to those before it.
const ROOMS: &[&str] = &[
    "futures",
    "platform",
    "redact",
    "api",
    "transport",
    "response",
    "auth",
    "error",
    "retry",
    "client",
    "request",
    "send",
    "pagination",
    "mock",
    "webhooks",
    "oauth2",
    "codegen",
];

/// Maximum number of files that may need each other.
const NEIGHBOURS: usize = 2;

#[test]
fn rooms_look_one_way() {
    let crate_ = Crate::read(&source("runtime"));
    let problems = crate_.upward();
    assert!(problems.is_empty(), "a room names a room above it:\n{}", problems.join("\n"));
}

#[test]
fn every_module_of_the_root_is_a_room() {
    let crate_ = Crate::read(&source("runtime"));
    let found: BTreeSet<_> = crate_.files.keys().filter_map(|module| module.first()).map(String::as_str).collect();
    assert_eq!(found, ROOMS.iter().copied().collect());
}

#[test]
fn files_do_not_go_in_circles() {
    for name in ["runtime", "json"] {
        let circles = Crate::read(&source(name)).circles();
        assert!(circles.is_empty(), "files of {name} need each other:\n{circles:#?}");
    }
}

#[test]
fn an_upward_use_is_found_in_every_form() {
    for (file, text) in [
        ("api/mod.rs", "use crate::send::Call;"),
        ("api/mod.rs", "use crate::{Nothing, send::Call};"),
        ("api/mod.rs", "use super::send;"),
        ("api/operation.rs", "use super::super::send::Call;"),
        ("api/operation.rs", "fn f() { crate::send::send() }"),
        ("api/operation.rs", "use crate::Call;"),
        ("api/operation.rs", "macro_rules! m { () => { $crate::Call::new() } }"),
        ("api/operation.rs", "mod inner { fn f(_: super::super::super::send::Call) {} }"),
    ] {
        let files = [
            ("lib.rs", "mod api; mod error; mod send; pub use send::Call;"),
            ("api/mod.rs", "mod operation;"),
            ("error/mod.rs", ""),
            ("send/mod.rs", "mod call; pub use call::Call; pub fn send() {}"),
            ("send/call.rs", "pub struct Call;"),
        ];
        let others = files.into_iter().filter(|(name, _)| *name != file);
        let problems = Crate::new(others.chain([(file, text)])).upward();
        assert_eq!(problems.len(), 1, "{file}: {text}: {problems:?}");
        assert!(problems[0].starts_with("api/"), "{problems:?}");
    }
}

#[test]
fn a_circle_of_three_is_found_through_reexports() {
    let circle = |last: &'static str| {
        Crate::new([
            ("lib.rs", "mod api;"),
            ("api/mod.rs", "mod a; mod b; mod c; pub use c::C; pub(crate) use b::B;"),
            ("api/a.rs", "use super::B; pub struct A(B);"),
            ("api/b.rs", "use crate::api::C; pub struct B(C);"),
            ("api/c.rs", last),
        ])
        .circles()
    };
    assert_eq!(circle("pub struct C(super::a::A);"), [["api/a.rs", "api/b.rs", "api/c.rs"]]);
    assert_eq!(circle("pub struct C(super::B);"), Vec::<Vec<String>>::new(), "two neighbours may need each other");
    let in_tests = "pub struct C; #[cfg(test)] mod tests { use super::super::a::A; }";
    assert_eq!(circle(in_tests), Vec::<Vec<String>>::new(), "tests may use everything");
}

#[test]
fn a_facade_with_code_is_part_of_a_circle() {
    let files = [
        ("lib.rs", "mod api;"),
        ("api/mod.rs", "mod a; mod b; pub use a::A; pub fn f(_: A) {}"),
        ("api/a.rs", "use super::b; pub struct A;"),
        ("api/b.rs", "use super::f;"),
    ];
    assert_eq!(Crate::new(files).circles(), [["api/mod.rs", "api/a.rs", "api/b.rs"]]);
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name).join("src")
}

/// A path of module names from the root of the crate.
type Names = Vec<String>;

/// The files of a crate, by module.
struct Crate {
    files: BTreeMap<Names, File>,
}

struct File {
    path: String,
    /// Paths in the file, from the root of the crate.
    named: Vec<Names>,
    /// Names that the file exports, and whether its own code uses them.
    exports: BTreeMap<String, (Names, bool)>,
}

impl Crate {
    fn read(source: &Path) -> Self {
        let files: Vec<_> = rust_files(source)
            .into_iter()
            .map(|file| {
                let path = file.strip_prefix(source).unwrap().to_str().unwrap().replace('\\', "/");
                (path, fs::read_to_string(&file).unwrap())
            })
            .collect();
        Self::new(files.iter().map(|(path, text)| (path.as_str(), text.as_str())))
    }

    fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let parsed: Vec<_> = files
            .into_iter()
            .map(|(path, text)| (path.to_owned(), module_of(path), text.parse().expect("the file is Rust")))
            .collect();
        let modules: BTreeSet<Names> = parsed.iter().map(|(_, module, _)| module.clone()).collect();
        let files = parsed.into_iter().map(|(path, module, tokens)| {
            let mut scan = Scan { modules: &modules, named: Vec::new(), exported: Vec::new(), idents: BTreeSet::new() };
            scan.tokens(tokens, &module);
            let Scan { named, exported, idents, .. } = scan;
            let exports = exported.into_iter().filter_map(|path| {
                let name = path.last()?.clone();
                let used = idents.contains(&name);
                Some((name, (path, used)))
            });
            (module, File { path, named, exports: exports.collect() })
        });
        Self { files: files.collect() }
    }

    /// Returns the module with the file that defines a path. `None` for a path of another crate.
    fn defined(&self, path: &[String]) -> Option<Names> {
        let mut path = path.to_vec();
        // An export refers to another module; a chain of them is short.
        for _ in 0..9 {
            let module = (0..=path.len()).rev().map(|end| path[..end].to_vec()).find(|m| self.files.contains_key(m))?;
            let file = &self.files[&module];
            match path.get(module.len()).and_then(|name| file.exports.get(name)) {
                Some((target, _)) if *target != path => path = [target.as_slice(), &path[module.len() + 1..]].concat(),
                _ => return Some(module),
            }
        }
        panic!("{path:?} is exported in a circle");
    }

    /// The files that a file needs, each once.
    fn needed(&self, module: &Names) -> BTreeSet<Names> {
        let file = &self.files[module];
        let used = file.exports.values().filter(|(_, used)| *used).map(|(path, _)| path);
        let found = file.named.iter().chain(used).filter_map(|path| self.defined(path));
        found.filter(|other| other != module && !other.is_empty()).collect()
    }

    fn upward(&self) -> Vec<String> {
        let room = |module: &Names| ROOMS.iter().position(|room| module.first().is_some_and(|name| name == room));
        let mut problems = Vec::new();
        for (module, file) in self.files.iter().filter(|(module, _)| !module.is_empty()) {
            for other in self.needed(module) {
                if room(&other) > room(module) {
                    problems.push(format!("{} names {}", file.path, self.files[&other].path));
                }
            }
        }
        problems
    }

    /// Groups of more than [`NEIGHBOURS`] files that all need each other.
    fn circles(&self) -> Vec<Vec<String>> {
        let needed: BTreeMap<&Names, BTreeSet<Names>> = self.files.keys().map(|m| (m, self.needed(m))).collect();
        let reached = |from: &Names| {
            let mut seen = BTreeSet::new();
            let mut next: Vec<Names> = needed[from].iter().cloned().collect();
            while let Some(module) = next.pop() {
                if seen.insert(module.clone()) {
                    next.extend(needed[&module].iter().cloned());
                }
            }
            seen
        };
        let reach: BTreeMap<&Names, BTreeSet<Names>> =
            self.files.keys().map(|module| (module, reached(module))).collect();
        let mut circles = BTreeSet::new();
        for module in self.files.keys() {
            let circle: Vec<_> = reach[module].iter().filter(|other| reach[*other].contains(module)).collect();
            if circle.len() > NEIGHBOURS {
                circles.insert(circle.into_iter().map(|module| self.files[module].path.clone()).collect::<Vec<_>>());
            }
        }
        circles.into_iter().collect()
    }
}

/// `send/call.rs` is the module `send::call`, `send/mod.rs` is `send`.
fn module_of(path: &str) -> Names {
    let names = path.trim_end_matches(".rs").split('/').map(str::to_owned);
    names.filter(|name| name != "mod" && name != "lib").collect()
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
    files
}

/// Checks every token, so that bodies of functions and of macros count as well.
struct Scan<'a> {
    modules: &'a BTreeSet<Names>,
    named: Vec<Names>,
    exported: Vec<Names>,
    /// Identifiers outside of `use` and `mod`.
    idents: BTreeSet<String>,
}

impl Scan<'_> {
    fn tokens(&mut self, tokens: TokenStream, module: &Names) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at = match word(&tokens, at).as_deref() {
                Some("mod") => self.module(&tokens, at, module),
                Some("use") => self.import(&tokens, at, module),
                Some("crate" | "super" | "self") => {
                    let (base, next) = base(&tokens, at, module);
                    // `pub(crate)` and `self.field` refer to no module.
                    match next {
                        Some(next) => self.path(&tokens[next..], base),
                        None => at + 1,
                    };
                    next.unwrap_or(at + 1)
                }
                Some(ident) => {
                    self.idents.insert(ident.to_owned());
                    at + 1
                }
                None => {
                    if let TokenTree::Group(group) = &tokens[at] {
                        self.tokens(group.stream(), module);
                    }
                    at + 1
                }
            };
        }
    }

    /// A module: the content of its braces, unless it is for tests.
    fn module(&mut self, tokens: &[TokenTree], at: usize, module: &Names) -> usize {
        let name = word(tokens, at + 1).unwrap_or_default();
        if let Some(TokenTree::Group(group)) = tokens.get(at + 2).filter(|_| name != "tests") {
            self.tokens(group.stream(), &[module.as_slice(), &[name]].concat());
        }
        at + 3
    }

    /// A `use`, up to its semicolon.
    fn import(&mut self, tokens: &[TokenTree], at: usize, module: &Names) -> usize {
        let length = tokens[at..].iter().take_while(|token| !is_punct(token, ';')).count();
        let inner = &tokens[at + 1..at + length];
        let before = at.checked_sub(1).map(|before| &tokens[before]);
        let is_export = match before {
            Some(TokenTree::Ident(ident)) => ident == "pub",
            Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Parenthesis,
            _ => false,
        };
        let mut found =
            Scan { modules: self.modules, named: Vec::new(), exported: Vec::new(), idents: BTreeSet::new() };
        found.tree(inner, module);
        if is_export {
            self.exported.extend(found.named)
        } else {
            self.named.extend(found.named)
        }
        at + length + 1
    }

    /// The paths of a `use`: relative ones count if they begin with a module below this one.
    fn tree(&mut self, tokens: &[TokenTree], module: &Names) {
        match word(tokens, 0).as_deref() {
            Some("crate" | "super" | "self") => {
                if let (base, Some(next)) = base(tokens, 0, module) {
                    self.path(&tokens[next..], base);
                }
            }
            Some(name) => {
                if self.modules.contains(&[module.as_slice(), &[name.to_owned()]].concat()) {
                    self.path(tokens, module.clone());
                }
            }
            None => {
                if let Some(TokenTree::Group(group)) = tokens.first() {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    inner.split(|token| is_punct(token, ',')).for_each(|part| self.tree(part, module));
                }
            }
        }
    }

    /// A path that continues from `base`: names, or several paths in braces.
    fn path(&mut self, tokens: &[TokenTree], mut base: Names) -> usize {
        match tokens.first() {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                for part in inner.split(|token| is_punct(token, ',')).filter(|part| !part.is_empty()) {
                    match word(part, 0).as_deref() {
                        Some("self") => self.named.push(base.clone()),
                        Some("super") => self.tree(part, &base),
                        _ => _ = self.path(part, base.clone()),
                    }
                }
                1
            }
            Some(TokenTree::Ident(ident)) => {
                base.push(ident.to_string());
                match after_colons(tokens, 0) {
                    Some(next) => next + self.path(&tokens[next..], base),
                    None => {
                        self.named.push(base);
                        1
                    }
                }
            }
            _ => {
                self.named.push(base);
                0
            }
        }
    }
}

/// Returns the module of `crate::`, `super::` or `self::`, and the rest of the path.
fn base(tokens: &[TokenTree], at: usize, module: &Names) -> (Names, Option<usize>) {
    match word(tokens, at).as_deref() {
        Some("crate") => (Vec::new(), after_colons(tokens, at)),
        Some("self") => (module.clone(), after_colons(tokens, at)),
        _ => {
            let above = module.split_last().map(|(_, above)| above.to_vec()).unwrap_or_default();
            match after_colons(tokens, at) {
                Some(next) if word(tokens, next).as_deref() == Some("super") => base(tokens, next, &above),
                next => (above, next),
            }
        }
    }
}

fn word(tokens: &[TokenTree], at: usize) -> Option<String> {
    match tokens.get(at) {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    }
}

fn is_punct(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

/// Returns the rest of a path after `::`.
fn after_colons(tokens: &[TokenTree], at: usize) -> Option<usize> {
    let colon = |at: usize| tokens.get(at).is_some_and(|token| is_punct(token, ':'));
    (colon(at + 1) && colon(at + 2)).then_some(at + 3)
}
