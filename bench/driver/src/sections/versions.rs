//! What each version of the API adds to the build of the generated crate.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::compile::{OURS, clean, compiler};
use crate::Options;
use crate::child::{Usage, measure, quietly};
use crate::spread::{Spread, table};

/// A build with all resources and some versions.
struct Build {
    name: String,
    features: String,
    usage: Vec<Usage>,
}

pub(crate) fn run(options: &Options) -> Result<String, String> {
    let rounds = options.rounds(3);
    let source = options.root.join("generated/src");
    let modules = modules(&source)?;
    let mut builds = builds(&modules);
    for build in &builds {
        quietly(&mut build.command(options))?;
    }
    for _ in 0..rounds {
        for build in &mut builds {
            clean(options, OURS)?;
            let usage = measure(&build.command(options))?;
            build.usage.push(usage);
        }
    }
    let mut text = options.heading("versions", rounds, &[]);
    let first = builds.first().map(|build| build.users()).unwrap_or_default();
    let rows: Vec<_> = builds.iter().map(|build| build.row(&first)).collect();
    let head =
        ["polar-client alone, `all` and", "wall, s", "user, s", "user to that of one version", "peak of rustc, MB"];
    // Writing to a String does not fail.
    let _ = write!(text, "\n{}", table(head, &rows));
    let _ = write!(text, "\n{}", lines(&source, &modules)?);
    Ok(text)
}

/// The modules of versions beside the default one, sorted: each is a directory.
fn modules(source: &Path) -> Result<Vec<String>, String> {
    let entries = fs::read_dir(source).map_err(|error| format!("can't read {}: {error}", source.display()))?;
    let directories = entries.filter_map(Result::ok).filter(|entry| entry.path().is_dir());
    let names = directories.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<_> = names.filter(|name| is_version(name)).collect();
    names.sort();
    Ok(names)
}

fn is_version(name: &str) -> bool {
    name.strip_prefix('v').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

/// The default version alone, with each other version, and with all of them.
fn builds(modules: &[String]) -> Vec<Build> {
    let feature = |module: &String| module.replace('_', "-");
    let build = |name: String, versions: Vec<String>| {
        let features = [vec!["all".to_owned()], versions].concat().join(",");
        Build { name, features, usage: Vec::new() }
    };
    let each = modules.iter().map(|module| build(format!("`{}`", feature(module)), vec![feature(module)]));
    let all: Vec<_> = modules.iter().map(feature).collect();
    let together = (all.len() > 1).then(|| {
        let names: Vec<_> = all.iter().map(|name| format!("`{name}`")).collect();
        build(names.join(", "), all)
    });
    [build("no other version".to_owned(), Vec::new())].into_iter().chain(each).chain(together).collect()
}

impl Build {
    fn command(&self, options: &Options) -> std::process::Command {
        let mut cargo = compiler(options, OURS);
        cargo.args(["build", "--no-default-features", "--features", &self.features, "--package", OURS]);
        cargo
    }

    fn users(&self) -> Vec<f64> {
        self.usage.iter().map(|usage| usage.user).collect()
    }

    fn row(&self, first: &[f64]) -> [String; 5] {
        let spread = |figure: fn(&Usage) -> f64| Spread::of(self.usage.iter().map(figure));
        [
            self.name.clone(),
            spread(|one| one.wall).show(2, ""),
            spread(|one| one.user).show(2, ""),
            Spread::of_ratios(&self.users(), first).show(2, "×"),
            spread(|one| one.peak / 1e6).show(0, ""),
        ]
    }
}

/// How many lines are written for each version.
fn lines(source: &Path, modules: &[String]) -> Result<String, String> {
    let of_modules = modules.iter().map(|module| {
        let files = files(&source.join(module), &[])?;
        Ok([format!("`{module}`"), count(&files, |_| true)?, count(&files, is_code)?])
    });
    let root = files(source, modules)?;
    let root = ["the root of the crate".to_owned(), count(&root, |_| true)?, count(&root, is_code)?];
    let rows: Vec<_> = [Ok(root)].into_iter().chain(of_modules).collect::<Result<_, String>>()?;
    Ok(table(["generated for", "lines", "without comments"], &rows))
}

/// The files below a directory, without some directories in it.
fn files(directory: &Path, without: &[String]) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(directory).map_err(|error| format!("can't read {}: {error}", directory.display()))?;
    let mut found = Vec::new();
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        let is_left_out = path.file_name().is_some_and(|name| without.iter().any(|other| name == other.as_str()));
        if path.is_dir() && !is_left_out {
            found.extend(files(&path, &[])?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(found)
}

fn is_code(line: &str) -> bool {
    !line.trim_start().starts_with("//")
}

fn count(files: &[PathBuf], is_counted: fn(&str) -> bool) -> Result<String, String> {
    let read =
        |path: &PathBuf| fs::read_to_string(path).map_err(|error| format!("can't read {}: {error}", path.display()));
    let counts = files.iter().map(|path| Ok(read(path)?.lines().filter(|line| is_counted(line)).count()));
    Ok(counts.sum::<Result<usize, String>>()?.to_string())
}
