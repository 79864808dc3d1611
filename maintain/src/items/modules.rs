//! The paths by which the items of a module can be named.

use std::collections::{BTreeMap, BTreeSet};

use super::line::{Item, Role};

/// The root module.
const ROOT: &str = "crate";

/// `models/orders.rs` is `models::orders`, `models/mod.rs` is `models`, `lib.rs` is the root.
pub(super) fn of_path(path: &str) -> String {
    let path = path.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if path == "lib" { ROOT.to_owned() } else { path.replace('/', "::") }
}

/// The module of a line: that of the file, or one around it, if the file is a private part of that.
pub(super) fn of_line(of_file: &str, line: &str) -> String {
    let mut module = of_file;
    while !line.strip_prefix(module).is_some_and(|rest| rest.starts_with("::")) {
        match module.rsplit_once("::") {
            Some((parent, _)) => module = parent,
            None => return of_file.to_owned(),
        }
    }
    module.to_owned()
}

/// All modules of a crate, and their exports.
pub(super) struct Modules {
    /// Public modules in each module.
    public: BTreeSet<String>,
    /// Modules that export all of a module.
    globs: BTreeMap<String, Vec<String>>,
    /// Modules that export one name of a module, and their names for it.
    uses: BTreeMap<(String, String), Vec<(String, String)>>,
    /// Modules in which a type of this name is defined.
    definitions: BTreeMap<String, Vec<String>>,
    names: BTreeSet<String>,
}

impl Modules {
    pub(super) fn new(files: &[(String, Vec<Item>)]) -> Self {
        let mut modules = Self {
            public: BTreeSet::from([ROOT.to_owned()]),
            globs: BTreeMap::new(),
            uses: BTreeMap::new(),
            definitions: BTreeMap::new(),
            names: files.iter().map(|(module, _)| module.clone()).collect(),
        };
        for (module, items) in files {
            for item in items {
                match &item.role {
                    Role::Module => {
                        modules.public.insert(below(module, &item.owner));
                    }
                    Role::Use { path, name } => {
                        if let Some((source, source_name)) = modules.target(module, path) {
                            if source_name == "*" {
                                modules.globs.entry(source).or_default().push(module.clone());
                            } else {
                                let exported = (module.clone(), name.clone());
                                modules.uses.entry((source, source_name)).or_default().push(exported);
                            }
                        }
                    }
                    Role::Definition => {
                        modules.definitions.entry(item.owner.clone()).or_default().push(module.clone());
                    }
                    Role::Part => {}
                }
            }
        }
        modules
    }

    /// Returns the paths by which a program can name an item of a module. Empty if it can't.
    pub(super) fn paths(&self, module: &str, item: &Item) -> Vec<String> {
        match &item.role {
            Role::Use { path, name } => {
                // A re-export of a module of the crate is listed with its definition.
                if self.target(module, path).is_some() || name == "*" {
                    return Vec::new();
                }
                self.exported(module, name).into_iter().map(|base| below(&base, name)).collect()
            }
            Role::Definition | Role::Module => {
                let exported = self.exported(module, &item.owner).into_iter();
                exported.map(|base| below(&base, &item.owner)).collect()
            }
            Role::Part => {
                let home = self.home(module, &item.owner);
                let exported = self.exported(&home, &item.owner).into_iter();
                exported.map(|base| below(&base, &format!("{}{}", item.owner, item.member))).collect()
            }
        }
    }

    /// The module that defines the type of a method or trait implementation: this one, one around it, or any other.
    fn home(&self, module: &str, owner: &str) -> String {
        let Some(homes) = self.definitions.get(owner) else { return module.to_owned() };
        let mut around = Some(module);
        while let Some(candidate) = around {
            if homes.iter().any(|home| home == candidate) {
                return candidate.to_owned();
            }
            around = candidate.rsplit_once("::").map(|(parent, _)| parent);
        }
        homes.first().cloned().unwrap_or_default()
    }

    /// The public modules from which a name of a module can be reached.
    fn exported(&self, module: &str, name: &str) -> Vec<String> {
        let mut found = BTreeSet::new();
        let mut open = vec![(module.to_owned(), name.to_owned())];
        let mut seen = BTreeSet::new();
        while let Some((module, name)) = open.pop() {
            if !seen.insert((module.clone(), name.clone())) {
                continue;
            }
            if self.is_public(&module) {
                found.insert(module.clone());
                // The path of the public module is preferred.
                continue;
            }
            let globs = self.globs.get(&module).into_iter().flatten();
            open.extend(globs.map(|user| (user.clone(), name.clone())));
            open.extend(self.uses.get(&(module, name)).into_iter().flatten().cloned());
        }
        found.into_iter().collect()
    }

    /// Returns whether a module and all modules around it are public.
    fn is_public(&self, module: &str) -> bool {
        let parents = module.match_indices("::").map(|(end, _)| &module[..end]);
        parents.chain([module]).all(|module| self.public.contains(module))
    }

    /// The module of this crate that a path in a `use` refers to, and the name in it.
    fn target(&self, user: &str, path: &str) -> Option<(String, String)> {
        let (source, name) = path.rsplit_once("::")?;
        let source = source.strip_prefix("self::").unwrap_or(source);
        let absolute = match source.strip_prefix("crate::") {
            Some(absolute) => absolute.to_owned(),
            None => below(user, source),
        };
        self.names.contains(&absolute).then(|| (absolute, name.to_owned()))
    }
}

fn below(module: &str, name: &str) -> String {
    if module == ROOT { name.to_owned() } else { format!("{module}::{name}") }
}
