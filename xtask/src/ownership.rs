//! The files of a crate that `regenerate` owns, and how it changes all of them or none.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use crate::disk;
use crate::error::CommandError;
use crate::generation::shown;
use crate::staging::Staging;
use crate::table::limited;

#[cfg(test)]
mod tests;

/// The list of files that regenerate owns in a crate.
pub(crate) const OWNED: &str = "generated-files.txt";

const OWNED_HEADER: &str =
    "# Files that cargo xtask regenerate owns: it rewrites and removes them, and touches no other.\n";

/// The directory in which no other files are allowed.
const SOURCE: &str = "src";

/// The one file outside of [`SOURCE`] that regenerate may own.
pub(crate) const MANIFEST: &str = "Cargo.toml";

/// How a file changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Added,
    Changed,
    Removed,
}

/// The changes of a run to a crate. All paths are relative to its directory.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    directory: PathBuf,
    pub(crate) changes: BTreeMap<String, Change>,
    /// The new content of added and changed files.
    texts: BTreeMap<String, String>,
    /// The content of all files of the source directory after the run.
    source: BTreeMap<String, String>,
    /// The owned files before the run.
    pub(crate) former: BTreeSet<String>,
    /// The owned files after the run.
    pub(crate) owned: BTreeSet<String>,
}

/// Compares the wanted files with the present ones. `shared` files may change, but are not owned.
pub(crate) fn plan(
    directory: &Path,
    wanted: BTreeMap<String, String>,
    shared: BTreeMap<String, String>,
) -> Result<Plan, CommandError> {
    let former = former(directory)?;
    let owned: BTreeSet<String> = wanted.keys().cloned().collect();
    let mut present = present(directory)?;
    present.retain(|path| !shared.contains_key(path));
    refuse_foreign(directory, &present, &former, &owned)?;
    let removed = present.difference(&owned).map(|path| (path.clone(), Change::Removed));
    let source = wanted.iter().filter(|(path, _)| is_source(path)).map(|(path, text)| (path.clone(), text.clone()));
    let mut plan = Plan {
        directory: directory.to_path_buf(),
        changes: removed.collect(),
        texts: BTreeMap::new(),
        source: source.collect(),
        former,
        owned,
    };
    let list = (OWNED.to_owned(), list(&plan.owned));
    for (path, text) in wanted.into_iter().chain(shared).chain([list]) {
        let file = directory.join(&path);
        let change = match fs::read(&file) {
            Ok(bytes) if bytes == text.as_bytes() => continue,
            Ok(_) => Change::Changed,
            Err(error) if error.kind() == ErrorKind::NotFound => Change::Added,
            Err(error) => return Err(CommandError::file("read the file", &file, &error, "remove it")),
        };
        plan.changes.insert(path.clone(), change);
        plan.texts.insert(path, text);
    }
    Ok(plan)
}

fn is_source(path: &str) -> bool {
    path.strip_prefix(SOURCE).is_some_and(|rest| rest.starts_with('/'))
}

fn list(paths: &BTreeSet<String>) -> String {
    let lines: String = paths.iter().map(|path| format!("{path}\n")).collect();
    format!("{OWNED_HEADER}{lines}")
}

/// The files in the crate's list.
fn former(directory: &Path) -> Result<BTreeSet<String>, CommandError> {
    let hint = "restore the file from version control";
    let path = directory.join(OWNED);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(CommandError::file("read the file", &path, &error, hint)),
    };
    let lines: BTreeSet<String> =
        text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect();
    match lines.iter().find(|line| !can_be_ours(line)) {
        Some(line) => {
            Err(CommandError::at(format!("the list names `{line}`, which regenerate never writes"), &path, hint))
        }
        None => Ok(lines),
    }
}

/// Returns whether regenerate can have written the file. A list with any other path is not trusted.
fn can_be_ours(path: &str) -> bool {
    let is_below = |path: &str| Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    let in_source = path.strip_prefix(SOURCE).and_then(|rest| rest.strip_prefix('/'));
    path == MANIFEST || in_source.is_some_and(|rest| !rest.is_empty() && is_below(rest))
}

/// The files that are present where owned files can be. A link counts as a file, even a link to a directory.
fn present(directory: &Path) -> Result<BTreeSet<String>, CommandError> {
    let failed = |action, path: &Path, error| CommandError::file(action, path, &error, "make it readable");
    let mut found = BTreeSet::new();
    let mut open = vec![MANIFEST.to_owned(), SOURCE.to_owned()];
    while let Some(name) = open.pop() {
        let path = directory.join(&name);
        match path.symlink_metadata() {
            Ok(metadata) if metadata.is_dir() => {
                for entry in path.read_dir().map_err(|error| failed("list the directory", &path, error))? {
                    let entry = entry.map_err(|error| failed("list the directory", &path, error))?;
                    open.push(format!("{name}/{}", entry.file_name().to_string_lossy()));
                }
            }
            Ok(_) => {
                found.insert(name);
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(failed("find the file", &path, error)),
        }
    }
    Ok(found)
}

/// Refuses foreign files, and files in place of our directories: such a file may be a link out of the crate.
fn refuse_foreign(
    directory: &Path,
    present: &BTreeSet<String>,
    former: &BTreeSet<String>,
    owned: &BTreeSet<String>,
) -> Result<(), CommandError> {
    let is_directory = |path: &str| {
        let below = format!("{path}/");
        former.union(owned).any(|ours| ours.starts_with(&below))
    };
    let foreign = present.iter().filter(|path| !former.contains(*path) || is_directory(path));
    let lines: Vec<_> = foreign.map(|path| format!("    {}", shown(&directory.join(path)))).collect();
    if lines.is_empty() {
        return Ok(());
    }
    Err(CommandError::new(
        format!("regenerate did not write these files, so it changes nothing:\n{}", limited(&lines).trim_end()),
        format!(
            "move them away, or choose another directory with --out DIR; {OWNED} in the crate lists the owned files"
        ),
    ))
}

impl Plan {
    /// Applies the changes. Every file is complete before the first one moves to its place, and the source directory
    /// changes as a whole: a run that is cut off leaves the old one or the new one.
    ///
    /// A system that can't exchange directories gets one file after the other. If a run is cut off there, the next one
    /// completes it.
    pub(crate) fn apply(&self) -> Result<(), CommandError> {
        let staging = Staging::new(&self.directory)?;
        if self.changes.is_empty() {
            return Ok(());
        }
        let (source, others): (Vec<_>, Vec<_>) =
            self.texts.keys().filter(|path| *path != OWNED).partition(|path| self.source.contains_key(*path));
        for (path, text) in self.source.iter().chain(others.iter().map(|path| (*path, &self.texts[*path]))) {
            staging.add(path, text)?;
        }
        // Until the end, the list has the files of before and after, so that the next run knows what an interrupted one
        // has written.
        let both = self.former.union(&self.owned).cloned().collect();
        staging.add(OWNED, &list(&both))?;
        staging.place(OWNED)?;
        for path in others {
            staging.place(path)?;
        }
        if self.changes.keys().any(|path| is_source(path)) {
            self.place_source(&staging, &source)?;
        }
        let removed = self.changes.iter().filter(|(_, change)| **change == Change::Removed);
        for (path, _) in removed.filter(|(path, _)| self.directory.join(path).symlink_metadata().is_ok()) {
            self.remove(path)?;
        }
        staging.add(OWNED, &list(&self.owned))?;
        staging.place(OWNED)
    }

    fn place_source(&self, staging: &Staging<'_>, changed: &[&String]) -> Result<(), CommandError> {
        if !self.directory.join(SOURCE).exists() {
            return staging.place(SOURCE);
        }
        if staging.exchange(SOURCE) {
            return Ok(());
        }
        changed.iter().try_for_each(|path| staging.place(path))
    }

    fn remove(&self, path: &str) -> Result<(), CommandError> {
        let file = self.directory.join(path);
        disk::remove_file(&file).map_err(|error| CommandError::file("remove the file", &file, &error, "remove it"))?;
        for parent in file.ancestors().skip(1).take_while(|parent| *parent != self.directory) {
            // A directory that is not empty stays.
            if disk::remove_dir(parent).is_err() {
                break;
            }
        }
        Ok(())
    }
}
