//! `cargo xtask regenerate`: generates the crate from the document.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use polar_codegen::{Output, Severity, VersionOutput};
use polar_maintain::items::{self, ItemChanges};
use serde_json::json;

use crate::cli;
use crate::crate_manifest::{self, Features};
use crate::error::CommandError;
use crate::generation::{CRATE_DIRECTORY, Inputs, is_same, root, shown};
use crate::maintain::generate;
use crate::names;
use crate::ownership::{self, Change, MANIFEST, Plan};
use crate::readme;
use crate::staging::{DirectoryLock, Staging, expect_directory};
use crate::table::limited;

pub(crate) fn run(options: &cli::Regenerate) -> Result<String, CommandError> {
    let start = Instant::now();
    let inputs = Inputs::find(&options.input);
    let output = inputs.generate()?;
    let own = root().join(CRATE_DIRECTORY);
    let out = options.out.as_deref().unwrap_or(&own);
    expect_directory(out)?;
    let _lock = (!options.check).then(|| DirectoryLock::acquire(out)).transpose()?;
    let plan = plan(out, &output)?;
    let is_own = is_same(out, &own);
    if is_own && !options.drop_names {
        names::refuse_lost(&output.names, &inputs)?;
    }
    let side_files = if is_own { side_files(&inputs, &output) } else { Vec::new() };
    if options.check {
        return check(options, out, &plan, &side_files);
    }
    let items = Items::compare(out, &plan, &output);
    let staged: Vec<_> = side_files.iter().map(SideFile::stage).collect::<Result<_, _>>()?;
    plan.apply()?;
    for (staging, name) in &staged {
        staging.place(name)?;
    }
    let run = Run {
        inputs: &inputs,
        out,
        output: &output,
        plan: &plan,
        items,
        side_files: &side_files,
        took: start.elapsed(),
    };
    Ok(match options.stats {
        Some(cli::Stats::Json) => format!("{}\n", run.stats()),
        None => run.summary(),
    })
}

fn plan(out: &Path, output: &Output) -> Result<Plan, CommandError> {
    let mut wanted: BTreeMap<String, String> =
        output.files.iter().map(|file| (format!("src/{}", file.path), file.text.clone())).collect();
    let mut shared = BTreeMap::new();
    let resources: Vec<&str> = output.features.iter().map(|feature| feature.name.as_str()).collect();
    let versions: Vec<&str> = output.versions.iter().map(|version| version.feature.as_str()).collect();
    let features = Features { resources: &resources, versions: &versions };
    let manifest = out.join(MANIFEST);
    match fs::read_to_string(&manifest) {
        Ok(text) if !text.starts_with(crate_manifest::WRITTEN) => {
            shared.insert(MANIFEST.to_owned(), crate_manifest::update(&manifest, &text, features)?);
        }
        _ => {
            wanted.insert(MANIFEST.to_owned(), crate_manifest::whole(out, features));
        }
    }
    ownership::plan(out, wanted, shared)
}

/// A file outside the crate that has to change: the pinned names, or the README.
struct SideFile {
    path: PathBuf,
    text: String,
    change: Change,
}

impl SideFile {
    /// Returns `None` if the file has this text already.
    fn compare(path: &Path, text: String) -> Option<Self> {
        let former = fs::read(path).ok();
        let change = if former.is_some() { Change::Changed } else { Change::Added };
        (former.as_deref() != Some(text.as_bytes())).then_some(Self { path: path.to_path_buf(), text, change })
    }

    fn stage(&self) -> Result<(Staging<'_>, String), CommandError> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let staging = Staging::new(self.path.parent().unwrap_or(&self.path))?;
        staging.add(&name, &self.text)?;
        Ok((staging, name))
    }
}

/// The files that the repository keeps about its own crate. A crate in another directory has none.
fn side_files(inputs: &Inputs, output: &Output) -> Vec<SideFile> {
    let lock = SideFile::compare(&inputs.lock, output.names.render());
    let path = root().join(readme::FILE);
    let readme = fs::read_to_string(&path).ok();
    let readme =
        readme.and_then(|text| SideFile::compare(&path, readme::update(&text, &output.features, &output.versions)));
    lock.into_iter().chain(readme).collect()
}

fn check(options: &cli::Regenerate, out: &Path, plan: &Plan, side_files: &[SideFile]) -> Result<String, CommandError> {
    let mut stale: Vec<String> =
        plan.changes.iter().map(|(path, change)| line(*change, &shown(&out.join(path)))).collect();
    stale.extend(side_files.iter().map(|file| line(file.change, &shown(&file.path))));
    if stale.is_empty() {
        return Ok(format!("{} is up to date: {} files\n", shown(out), plan.owned.len()));
    }
    let message = format!("{} is not up to date with the document:\n{}", shown(out), limited(&stale));
    Err(CommandError::new(message.trim_end(), format!("run `{}`", fix_command(options))))
}

/// The command that fixes what a check found.
fn fix_command(options: &cli::Regenerate) -> String {
    let cli::Input { spec, overlay, docs } = &options.input;
    let paths = [("--spec", spec), ("--overlay", overlay), ("--docs", docs), ("--out", &options.out)];
    let given = paths.iter().filter_map(|(name, path)| path.as_ref().map(|path| format!(" {name} {}", quoted(path))));
    format!("cargo xtask regenerate{}", given.collect::<String>())
}

/// A path, quoted for a shell.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |character: char| character.is_alphanumeric() || "/\\._-:,+=@%".contains(character);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

fn line(change: Change, path: &str) -> String {
    let sign = match change {
        Change::Added => '+',
        Change::Changed => '~',
        Change::Removed => '-',
    };
    format!("  {sign} {path}")
}

/// The public items that this run adds, changes and removes.
struct Items {
    changes: ItemChanges,
    /// Whether the crate did not exist before.
    is_first: bool,
}

impl Items {
    /// Compares the files that change. Others are only read for what they export.
    fn compare(out: &Path, plan: &Plan, output: &Output) -> Self {
        let counts = |path: &str| {
            let exports = path == "lib.rs" || path.ends_with("mod.rs");
            exports || plan.changes.contains_key(&format!("src/{path}"))
        };
        let after: Vec<_> = generate::items(output).into_iter().filter(|file| counts(&file.path)).collect();
        let changed = plan.changes.keys().filter_map(|path| path.strip_prefix("src/"));
        let names: BTreeSet<&str> = changed.chain(after.iter().map(|file| file.path.as_str())).collect();
        let before = names.into_iter().filter_map(|name| {
            let text = fs::read_to_string(out.join("src").join(name)).ok()?;
            Some(generate::items_of_file(name.to_owned(), text))
        });
        let changes = items::compare(&before.collect::<Vec<_>>(), &after);
        Self { changes, is_first: plan.former.is_empty() }
    }
}

struct Run<'a> {
    inputs: &'a Inputs,
    out: &'a Path,
    output: &'a Output,
    plan: &'a Plan,
    items: Items,
    side_files: &'a [SideFile],
    took: Duration,
}

impl Run<'_> {
    fn count(&self, wanted: Change) -> usize {
        self.plan.changes.values().filter(|change| **change == wanted).count()
    }

    fn lines(&self) -> usize {
        self.lines_where(|_| true)
    }

    fn lines_where(&self, is_counted: impl Fn(&str) -> bool) -> usize {
        let files = self.output.files.iter().filter(|file| is_counted(&file.path));
        files.map(|file| file.text.lines().count()).sum()
    }

    /// The lines in the directory of a version.
    fn lines_of(&self, version: &VersionOutput) -> usize {
        self.lines_where(|path| path.strip_prefix(&version.module).is_some_and(|rest| rest.starts_with('/')))
    }

    fn stats(&self) -> serde_json::Value {
        let coverage = &self.output.coverage;
        json!({
            "document": shown(&self.inputs.document),
            "out": shown(self.out),
            "operations": coverage.operations,
            "webhooks": coverage.webhooks,
            "types": coverage.structs + coverage.enums + coverage.unions,
            "files": self.output.files.len(),
            "lines": self.lines(),
            "versions": self.output.versions.iter().map(|version| json!({
                "version": version.version,
                "own_operations": version.own.operations,
                "own_types": version.own.types,
                "lines": self.lines_of(version),
            })).collect::<Vec<_>>(),
            "bytes": self.output.files.iter().map(|file| file.text.len()).sum::<usize>(),
            "added": self.count(Change::Added),
            "changed": self.count(Change::Changed),
            "removed": self.count(Change::Removed),
            "items_added": self.items.changes.added,
            "items_changed": self.items.changes.json()["changed"],
            "items_removed": self.items.changes.removed,
            "milliseconds": self.took.as_millis(),
        })
    }

    fn summary(&self) -> String {
        let coverage = &self.output.coverage;
        let mut text = format!(
            "{} -> {}\n  {} operations, {} webhooks, {} types, in {} files with {} lines\n",
            shown(&self.inputs.document),
            shown(self.out),
            coverage.operations,
            coverage.webhooks,
            coverage.structs + coverage.enums + coverage.unions,
            self.output.files.len(),
            self.lines(),
        );
        for version in &self.output.versions {
            text.push_str(&format!(
                "  version {}: {} operations and {} types of its own, with {} lines\n",
                version.version,
                version.own.operations,
                version.own.types,
                self.lines_of(version),
            ));
        }
        for diagnostic in self.output.diagnostics.iter().filter(|d| d.severity == Severity::Warning) {
            text.push_str(&format!("{diagnostic}\n"));
        }
        if self.plan.changes.is_empty() && self.side_files.is_empty() {
            text.push_str("  nothing changed");
        } else {
            let (added, changed, removed) =
                (self.count(Change::Added), self.count(Change::Changed), self.count(Change::Removed));
            text.push_str(&format!("  files: {added} added, {changed} changed, {removed} removed\n"));
            text.push_str(&self.item_lines());
            for file in self.side_files {
                text.push_str(&format!("  {} changed: review its diff\n", shown(&file.path)));
            }
            let new = self.output.names.unapproved().count();
            if new > 0 && !self.side_files.is_empty() {
                text.push_str(&format!("  new names: {new}; `cargo xtask names --approve` approves them\n"));
            }
            text.push_str("  done");
        }
        text.push_str(&format!(", in {} ms\n", self.took.as_millis()));
        text
    }

    fn item_lines(&self) -> String {
        let Items { changes, is_first } = &self.items;
        if *is_first {
            return format!("  public items: {}\n", changes.added.len());
        }
        if changes.is_empty() {
            return "  public items: no changes\n".to_owned();
        }
        let lines: Vec<_> = changes.lines().iter().map(|line| format!("    {line}")).collect();
        format!(
            "  public items: {} added, {} changed, {} removed\n{}",
            changes.added.len(),
            changes.changed.len() + changes.features.len(),
            changes.removed.len(),
            limited(&lines),
        )
    }
}
