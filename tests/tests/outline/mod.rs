//! Generated code without the parts that are the same for every type.
//!
//! It works on text: generated files have one fixed layout, in which empty lines separate items and the members of an
//! `impl` block, and indentation tells them apart.

/// The beginnings of items that are the same for every file or type.
const REPEATED: &[&str] = &["// @generated", "//!", "use "];

/// Attributes that are on every definition or function of a kind.
const USUAL: &[&str] = &["#[non_exhaustive]", "#[must_use]", "#[inline]"];

/// The items of a file of resources, without the header.
pub(crate) fn resources(text: &str) -> String {
    joined(items(text).into_iter().filter(|item| !is_repeated(item)).map(str::to_owned))
}

/// The items of a file of types, without the bodies of constructors, setters and conversions.
pub(crate) fn types(text: &str) -> String {
    joined(items(text).into_iter().filter(|item| !is_repeated(item)).map(|item| {
        let head = head(item);
        match head.strip_prefix("impl ") {
            Some(rest) if rest.starts_with("From<") => format!("{head} .. }}"),
            Some(_) => members(item),
            None => without(item, |line| USUAL.contains(&line.trim())),
        }
    }))
}

/// The items of a file that belong to a type, and the functions with this name.
pub(crate) fn about(text: &str, name: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let is_type = |item: &&str| head(item).split(|c| !is_word(c)).any(|word| word == name);
    let is_function = |member: &&str| head(member).contains(&format!("fn {name}("));
    let parts = items(text).into_iter().flat_map(|item| match is_type(&item) {
        true => vec![item],
        false => item.split("\n\n").filter(is_function).map(|member| member.trim_end_matches("\n}\n")).collect(),
    });
    joined(parts.filter(|part| !is_repeated(part)).map(str::to_owned))
}

fn joined(items: impl Iterator<Item = String>) -> String {
    items.map(|item| format!("{}\n", item.trim_end())).collect::<Vec<_>>().join("\n")
}

/// The items of a file, each with its comments and attributes.
fn items(text: &str) -> Vec<&str> {
    let mut items = Vec::new();
    let mut rest = text;
    while let Some(end) = rest.match_indices("\n\n").map(|(at, _)| at + 2).find(|at| begins_item(&rest[*at..])) {
        let (item, more) = rest.split_at(end);
        items.push(item);
        rest = more;
    }
    items.push(rest);
    items
}

fn begins_item(text: &str) -> bool {
    text.starts_with(|first: char| !first.is_whitespace() && first != '}')
}

/// Returns the first line that is neither a comment nor an attribute.
fn head(item: &str) -> &str {
    let is_code = |line: &&str| !line.starts_with("///") && !line.starts_with("#[");
    item.lines().map(str::trim_start).find(is_code).unwrap_or_default()
}

fn is_repeated(item: &str) -> bool {
    REPEATED.iter().any(|start| head(item).starts_with(start))
}

fn without(item: &str, is_left_out: impl Fn(&str) -> bool) -> String {
    item.lines().filter(|line| !is_left_out(line)).map(|line| format!("{line}\n")).collect()
}

/// An `impl` block, with only the signatures of constructors and setters.
fn members(item: &str) -> String {
    let item = without(item, |line| line.starts_with("#[") || USUAL.contains(&line.trim()));
    let members = item.split("\n\n").map(|member| match member.split_once(" -> Self {\n") {
        Some((signature, _)) => {
            let signature = without(signature, |line| line.starts_with("    ///"));
            let is_last = member.trim_end().ends_with("\n}");
            format!("{} -> Self;\n{}", signature.trim_end(), if is_last { "}\n" } else { "" })
        }
        None => format!("{}\n\n", member.trim_end()),
    });
    members.collect()
}
