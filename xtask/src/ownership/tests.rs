//! Runs that are cut off after any of their changes to the disk.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a failing test may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::{OWNED, plan, present};
use crate::disk;

type Files = BTreeMap<String, String>;

fn files(list: &[(&str, &str)]) -> Files {
    list.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

fn old() -> Files {
    files(&[("Cargo.toml", "t"), ("src/lib.rs", "old"), ("src/models/a.rs", "a"), ("src/models/same.rs", "s")])
}

fn new() -> Files {
    files(&[("Cargo.toml", "t"), ("src/lib.rs", "new"), ("src/models/same.rs", "s"), ("src/resources/b.rs", "b")])
}

fn apply(directory: &Path, wanted: &Files) {
    plan(directory, wanted.clone(), Files::new()).unwrap().apply().unwrap();
}

/// The manifest and the source files that are there.
fn found(directory: &Path) -> Files {
    let paths = present(directory).unwrap();
    paths.into_iter().map(|path| (path.clone(), fs::read_to_string(directory.join(path)).unwrap())).collect()
}

/// Everything that is there but the files of the crate.
fn others(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = entries.filter(|name| !["src", "Cargo.toml", OWNED].contains(&name.as_str())).collect();
    names.sort();
    names
}

/// A crate of `before` in which a run to `after` was cut off after so many changes, and whether it was.
fn interrupted(before: Option<&Files>, after: &Files, changes: usize) -> (TempDir, bool) {
    let directory = tempfile::tempdir().unwrap();
    before.into_iter().for_each(|before| apply(directory.path(), before));
    let plan = plan(directory.path(), after.clone(), Files::new()).unwrap();
    let stopped = disk::after(changes, || drop(plan.apply()));
    (directory, stopped)
}

#[test]
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn a_stop_anywhere_leaves_the_old_or_the_new_crate() {
    let mut seen = [false; 2];
    for changes in 0.. {
        let (directory, stopped) = interrupted(Some(&old()), &new(), changes);
        let found = found(directory.path());
        assert!(found == old() || found == new(), "after {changes} changes: {found:?}");
        seen[usize::from(found == new())] = true;
        if !stopped {
            break;
        }
    }
    assert_eq!(seen, [true, true]);
}

#[test]
fn the_next_run_completes_or_undoes_a_stopped_one() {
    for before in [None, Some(&old())] {
        for wanted in [old(), new()] {
            for changes in 0.. {
                let (directory, stopped) = interrupted(before, &new(), changes);
                apply(directory.path(), &wanted);
                assert_eq!(found(directory.path()), wanted, "after {changes} changes");
                assert_eq!(others(directory.path()), Vec::<String>::new(), "after {changes} changes");
                if !stopped {
                    break;
                }
            }
        }
    }
}

#[test]
fn a_first_run_that_is_stopped_leaves_no_part_of_the_source() {
    for changes in 0.. {
        let (directory, stopped) = interrupted(None, &new(), changes);
        let source = found(directory.path()).keys().filter(|path| path.starts_with("src/")).count();
        assert!(source == 0 || source == 3, "{source} files after {changes} changes");
        if !stopped {
            break;
        }
    }
}
