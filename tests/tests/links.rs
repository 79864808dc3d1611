//! Links of the documentation refer to files, headings and items that exist.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Folders with pages that are written for users or maintainers.
const FOLDERS: [&str; 10] =
    ["", "docs", "auth", "examples/saas", "generated", "json", "kit", "mock", "runtime", "sqlite"];

/// The pages of the repository, without those that are a part of the documentation of the crate, whose links rustdoc
/// checks.
fn pages() -> Vec<PathBuf> {
    let entries = FOLDERS.iter().flat_map(|folder| fs::read_dir(root().join(folder)).unwrap());
    let files = entries.map(|entry| entry.unwrap().path());
    let pages = files.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.filter(|path| !path.ends_with(INTRODUCTION)).collect()
}

/// The start of the documentation of the crate.
const INTRODUCTION: &str = "generated/introduction.md";

/// Languages of the blocks of code in pages. Rust is compiled: see `tests/src/lib.rs`.
const LANGUAGES: [&str; 6] = ["console", "rust", "rust,no_run", "sh", "text", "toml"];

/// The language of each block of code.
fn languages(page: &str) -> Vec<&str> {
    page.lines().filter_map(|line| line.trim_start().strip_prefix("```")).step_by(2).collect()
}

/// A page without its blocks of code.
fn prose(text: &str) -> String {
    text.split("\n```").step_by(2).collect()
}

/// Texts and targets of the links of a page.
fn links(text: &str) -> Vec<(&str, &str)> {
    let link = |(at, _): (usize, &str)| {
        let target = text[at + 2..].split(')').next()?;
        let label = text[..at].rsplit('[').next()?;
        (!target.contains(char::is_whitespace)).then_some((label, target))
    };
    text.match_indices("](").filter_map(link).collect()
}

/// Returns the anchor of a heading, in GitHub's form.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

fn has_anchor(page: &str, wanted: &str) -> bool {
    prose(page).lines().filter(|line| line.starts_with('#')).any(|line| anchor(line.trim_start_matches('#')) == wanted)
}

/// Returns the item in a link to a source file: `is_retryable` for `` `Error::is_retryable()` ``.
fn item(label: &str) -> Option<&str> {
    let code = label.strip_prefix('`')?.strip_suffix('`')?;
    let name = code.split('(').next()?.rsplit("::").next()?;
    let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.is_empty();
    is_name.then_some(name)
}

/// Returns whether a source file defines an item with this name, or is the module with this name.
fn defines(file: &Path, source: &str, name: &str) -> bool {
    let folder = file.parent().filter(|_| file.ends_with("mod.rs"));
    let is_module = folder.map_or(file.with_extension("").ends_with(name), |folder| folder.ends_with(name));
    let heads = ["fn", "struct", "enum", "trait", "type", "const", "macro_rules!"];
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let has = |head: String| source.match_indices(&head).any(|(at, _)| !source[at + head.len()..].starts_with(is_part));
    is_module || heads.iter().any(|head| has(format!("{head} {name}")))
}

/// Returns what is wrong with a link of a page in `folder`.
fn problem(page: &str, folder: &Path, label: &str, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let file = folder.join(path);
    if !path.is_empty() && !file.exists() {
        return Some("no such file".to_owned());
    }
    if let Some(anchor) = anchor {
        let text = if path.is_empty() { page.to_owned() } else { fs::read_to_string(&file).ok()? };
        return (!has_anchor(&text, anchor)).then(|| format!("no heading `{anchor}`"));
    }
    let is_source = file.extension().is_some_and(|extension| extension == "rs");
    let item = item(label).filter(|_| is_source)?;
    (!defines(&file, &fs::read_to_string(&file).unwrap(), item)).then(|| format!("it does not define `{item}`"))
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut problems = Vec::new();
    let mut count = 0;
    for path in pages() {
        let text = fs::read_to_string(&path).unwrap();
        let prose = prose(&text);
        for (label, target) in links(&prose) {
            count += 1;
            if let Some(problem) = problem(&text, path.parent().unwrap(), label, target) {
                problems.push(format!("{}: [{label}]({target}): {problem}", path.file_name().unwrap().display()));
            }
        }
    }
    assert!(problems.is_empty(), "{} broken links:\n{}", problems.len(), problems.join("\n"));
    assert!(count > 100, "{count} links");
}

#[test]
fn every_block_of_code_is_compiled_or_names_another_language() {
    let compiled = fs::read_to_string(root().join("tests/src/lib.rs")).unwrap();
    let guide = fs::read_dir(root().join("generated/guide")).unwrap().map(|entry| entry.unwrap().path());
    let mut problems = Vec::new();
    for path in pages().into_iter().chain(guide).chain([root().join(INTRODUCTION)]) {
        let (page, name) =
            (fs::read_to_string(&path).unwrap(), path.strip_prefix(root()).unwrap().display().to_string());
        let unknown: Vec<_> = languages(&page).into_iter().filter(|language| !LANGUAGES.contains(language)).collect();
        if !unknown.is_empty() {
            problems.push(format!("{name}: blocks of code in {unknown:?}"));
        }
        let is_of_crate = name.starts_with("generated/guide") || name == INTRODUCTION;
        if !is_of_crate && !compiled.contains(&format!("{name:?}")) {
            problems.push(format!("{name}: not in tests/src/lib.rs"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn links_of_packages_are_absolute() {
    // They are shown on crates.io, where the files of the repository are not.
    for folder in FOLDERS.iter().filter(|folder| !matches!(**folder, "" | "docs" | "examples/saas")) {
        let page = fs::read_to_string(root().join(folder).join("README.md")).unwrap();
        let relative: Vec<_> = links(&prose(&page))
            .into_iter()
            .filter(|(_, target)| !target.contains("://"))
            .map(|(_, target)| target.to_owned())
            .collect();
        assert!(relative.is_empty(), "{folder}/README.md: {relative:?}");
        assert!(page.contains("nofficial"), "{folder}/README.md does not say that the crate is unofficial");
    }
}

#[test]
fn a_broken_link_is_found() {
    let page = "# One heading\n\n[a](#one-heading) [b](tests.rs) [c](https://example.com/x) [d](Cargo.toml)\n\
                [`every_relative_link_leads_somewhere`](tests/links.rs) [`no_such_item`](tests/links.rs) [f](#two)";
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let broken = |page: &str| {
        let links = links(page).into_iter();
        links
            .filter(|(label, target)| problem(page, folder, label, target).is_some())
            .map(|(label, _)| label.to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(broken(page), ["b", "`no_such_item`", "f"]);
}
