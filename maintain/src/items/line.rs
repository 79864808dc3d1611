//! One line of the generator's list of public items, taken apart.

use std::collections::BTreeSet;
use std::fmt;

/// An item of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// The type, function, constant or module that it is or belongs to.
    pub(super) owner: String,
    /// What follows the owner in its name: `.field`, `::method`, `: Trait`; empty for the owner itself.
    pub(super) member: String,
    /// Type, signature or kind.
    pub(super) detail: String,
    pub(super) features: Features,
    pub(super) role: Role,
}

/// The features of which an item needs one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Features(BTreeSet<String>);

impl Features {
    /// The features that a condition names, whatever it says about them.
    fn of(condition: &str) -> Self {
        Self(condition.split('"').skip(1).step_by(2).map(str::to_owned).collect())
    }

    /// Whether an item with these features is there whenever one with others is.
    pub(super) fn include(&self, others: &Self) -> bool {
        self.0.is_empty() || (!others.0.is_empty() && others.0.is_subset(&self.0))
    }
}

impl fmt::Display for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(String::as_str).collect();
        f.write_str(&if names.is_empty() { "no feature".to_owned() } else { names.join(" or ") })
    }
}

/// How an item is found by users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Something with a name of its own in the module.
    Definition,
    /// A part of a definition, which may be in another module: a method, a trait implementation.
    Part,
    /// A public module.
    Module,
    /// `pub use path`, one name each; `*` for all names.
    Use { path: String, name: String },
}

/// Takes a line apart. Some lines have several items, such as the traits that are derived.
pub(super) fn parse(line: &str, module: &str) -> Vec<Item> {
    let text = line.strip_prefix(module).and_then(|rest| rest.strip_prefix("::")).unwrap_or(line);
    let item = |owner: &str, member: &str, detail: &str, role: Role| Item {
        owner: owner.to_owned(),
        member: member.to_owned(),
        detail: detail.to_owned(),
        features: Features::default(),
        role,
    };
    if let Some(tree) = text.strip_prefix("use ") {
        let uses = expand(tree).into_iter();
        let detail = |path: &str| format!(" = {path}");
        return uses.map(|(path, name)| item(&name.clone(), "", &detail(&path), Role::Use { path, name })).collect();
    }
    if let Some((name, arguments)) = text.strip_suffix(')').and_then(|text| text.split_once("!(")) {
        let macro_name = name.rsplit("::").next().unwrap_or(name);
        return expansions(arguments).map(|owner| item(owner, &format!(": {macro_name}!"), "", Role::Part)).collect();
    }
    let end = name_end(text);
    let (name, rest) = text.split_at(end);
    let (owner, generics) = name.split_at(name.find('<').unwrap_or(name.len()));
    for kind in [" struct", " enum", " union", " trait"] {
        if let Some(attributes) = rest.strip_prefix(kind) {
            return definition(owner, &format!("{generics}{kind}"), attributes);
        }
    }
    if rest == " mod" {
        return vec![item(owner, "", " mod", Role::Module)];
    }
    if rest.starts_with('.') {
        let end = rest.find(": ").unwrap_or(rest.len());
        return vec![item(owner, &rest[..end], &rest[end..], Role::Part)];
    }
    if let Some(path) = rest.strip_prefix("::") {
        let end = 2 + path.find(['(', ':', '<', '{', ' ']).unwrap_or(path.len());
        return vec![item(owner, &rest[..end], &rest[end..], Role::Part)];
    }
    // A constant is in capitals; what else a colon follows is a type with a trait.
    let is_constant = owner.chars().all(|c| c.is_uppercase() || c.is_ascii_digit() || c == '_');
    if rest.starts_with(": ") && !is_constant {
        return vec![item(owner, rest, "", Role::Part)];
    }
    vec![item(owner, "", &format!("{generics}{rest}"), Role::Definition)]
}

/// Where the name at the start of a text ends, generics included.
fn name_end(text: &str) -> usize {
    let mut depth = 0_usize;
    for (index, character) in text.char_indices() {
        match character {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            ' ' | '.' | '(' | ':' | '=' if depth == 0 => return index,
            _ => {}
        }
    }
    text.len()
}

/// A type, and each trait that it derives.
fn definition(owner: &str, detail: &str, attributes: &str) -> Vec<Item> {
    let mut features = Features::default();
    let mut derived = Vec::new();
    for (name, arguments) in calls(attributes) {
        match name {
            "cfg" => features = Features::of(arguments),
            "derive" => derived.extend(split(arguments).map(str::to_owned)),
            _ => {}
        }
    }
    let item = |member: String, detail: &str, role: Role| Item {
        owner: owner.to_owned(),
        member,
        detail: detail.to_owned(),
        features: Features::default(),
        role,
    };
    let mut items = vec![Item { features, ..item(String::new(), detail, Role::Definition) }];
    items.extend(derived.into_iter().map(|name| item(format!(": {name}"), "", Role::Part)));
    items
}

/// `name(arguments)`, one after the other.
fn calls(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    while let Some(open) = rest.find('(') {
        let name = rest[..open].rsplit(' ').next().unwrap_or_default();
        let mut depth = 0_usize;
        let close = rest[open..].char_indices().find(|(_, character)| {
            match character {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        let Some((length, _)) = close else { break };
        found.push((name, &rest[open + 1..open + length]));
        rest = &rest[open + length + 1..];
    }
    found
}

/// The elements of a list in which nothing is nested.
fn split(list: &str) -> impl Iterator<Item = &str> {
    list.split([',', ';']).map(str::trim).filter(|element| !element.is_empty())
}

/// What a macro is called for: each name of a list of names, also behind a list in brackets, else the first one, because
/// what follows are details of how it is implemented.
fn expansions(arguments: &str) -> impl Iterator<Item = &str> {
    let behind = arguments.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(_, behind)| behind);
    let arguments = behind.unwrap_or(arguments);
    let is_names = arguments.chars().all(|c| c.is_alphanumeric() || "_:,; ".contains(c));
    let count = if is_names { usize::MAX } else { 1 };
    split(arguments).take(count).map(|element| element.split([' ', '{', '(', '<']).next().unwrap_or(element))
}

/// The names that a `use` brings, each with the path of where it is from.
fn expand(tree: &str) -> Vec<(String, String)> {
    let (prefix, last) = match tree.split_once("::{") {
        Some((prefix, list)) => (prefix, Some(list.trim_end_matches('}'))),
        None => (tree, None),
    };
    let single = |path: &str| {
        let (path, name) = match path.split_once(" as ") {
            Some((path, name)) => (path, name),
            None => (path, path.rsplit("::").next().unwrap_or(path)),
        };
        (path.trim().to_owned(), name.trim().to_owned())
    };
    match last {
        Some(list) => split(list).map(|name| single(&format!("{}::{name}", prefix.trim()))).collect(),
        None => vec![single(prefix)],
    }
}

#[cfg(test)]
mod tests {
    use super::{Role, expand, parse};

    fn parsed(line: &str) -> Vec<(String, String)> {
        parse(line, "m").into_iter().map(|item| (item.owner + &item.member, item.detail)).collect()
    }

    #[test]
    fn lines_are_split_into_name_and_detail() {
        let pair = |name: &str, detail: &str| (name.to_owned(), detail.to_owned());
        for (line, expected) in [
            ("m::Order.units: Option<i64>", pair("Order.units", ": Option<i64>")),
            ("m::Order::new(id: Uuid) -> Self", pair("Order::new", "(id: Uuid) -> Self")),
            ("m::Reason::VARIANTS: &'static [Self]", pair("Reason::VARIANTS", ": &'static [Self]")),
            ("m::Reason::Other", pair("Reason::Other", "")),
            ("m::Reason::Unknown(UnknownValue)", pair("Reason::Unknown", "(UnknownValue)")),
            ("m::List = ListPage<Order, Pagination>", pair("List", " = ListPage<Order, Pagination>")),
            ("m::Polar: AsRef<Client>", pair("Polar: AsRef<Client>", "")),
            ("m::API_VERSION: &str", pair("API_VERSION", ": &str")),
            (
                "m::ApiRequest<O>::page(mut self, page: i64) -> Self",
                pair("ApiRequest::page", "(mut self, page: i64) -> Self"),
            ),
            ("m::required_scopes(id: &str) -> ScopeSet", pair("required_scopes", "(id: &str) -> ScopeSet")),
            ("m::orders mod", pair("orders", " mod")),
        ] {
            assert_eq!(parsed(line), [expected], "{line}");
        }
    }

    #[test]
    fn features_and_derived_traits_are_apart_from_the_type() {
        let items = parse("m::Order struct cfg(any(feature = \"a\", feature = \"b\")) derive(Clone, Debug)", "m");
        assert_eq!(items[0].features.to_string(), "a or b");
        assert_eq!(parsed("m::Order struct cfg(x) derive(Clone)")[1].0, "Order: Clone");
        assert_eq!((items.len(), items[0].detail.as_str(), &items[0].role), (3, " struct", &Role::Definition));
    }

    #[test]
    fn macros_are_listed_by_what_they_are_for() {
        let names = |line: &str| parsed(line).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names("m::a::bodies!(V; A, B)"), ["V: bodies!", "A: bodies!", "B: bodies!"]);
        assert_eq!(names("m::a::bodies!([V, \"2026-04\"] ; A, B)"), ["A: bodies!", "B: bodies!"]);
        assert_eq!(names("m::a::model!(Order { id: 1, (x) })"), ["Order: model!"]);
    }

    #[test]
    fn uses_are_expanded() {
        let pair = |path: &str, name: &str| (path.to_owned(), name.to_owned());
        assert_eq!(expand("a::b::{ C, D as E }"), [pair("a::b::C", "C"), pair("a::b::D", "E")]);
        assert_eq!(expand("runtime as rt"), [pair("runtime", "rt")]);
        assert_eq!(expand("orders::*"), [pair("orders::*", "*")]);
    }
}
