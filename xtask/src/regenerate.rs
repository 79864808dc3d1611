//! `cargo xtask regenerate`: generates the crate from the document.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use polar_codegen::{File, Output, Severity, public_api};
use serde_json::json;

use crate::cli;
use crate::crate_manifest;
use crate::error::CommandError;
use crate::generation::{CRATE_DIRECTORY, Inputs, is_same, root, shown};
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
    let side_files = if is_same(out, &own) { side_files(&inputs, &output) } else { Vec::new() };
    if options.check {
        return check(options, out, &plan, &side_files);
    }
    let surface = Surface::compare(out, &plan, &output);
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
        surface,
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
    let features: Vec<&str> = output.features.iter().map(|feature| feature.name.as_str()).collect();
    let manifest = out.join(MANIFEST);
    match fs::read_to_string(&manifest) {
        Ok(text) if !text.starts_with(crate_manifest::WRITTEN) => {
            shared.insert(MANIFEST.to_owned(), crate_manifest::update(&manifest, &text, &features)?);
        }
        _ => {
            wanted.insert(MANIFEST.to_owned(), crate_manifest::whole(out, &features));
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
    let readme = readme.and_then(|text| SideFile::compare(&path, readme::update(&text, &output.features)));
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

/// Public items that this run adds and removes.
#[derive(Default)]
struct Surface {
    added: Vec<String>,
    removed: Vec<String>,
    /// Whether the crate did not exist before.
    is_first: bool,
}

impl Surface {
    /// Compares the files that change.
    fn compare(out: &Path, plan: &Plan, output: &Output) -> Self {
        let changed = |path: &str| plan.changes.contains_key(&format!("src/{path}"));
        let after = output.files.iter().filter(|file| changed(&file.path)).flat_map(|file| file.items.iter().cloned());
        let before: Vec<File> = plan
            .changes
            .keys()
            .filter_map(|path| Some((path, path.strip_prefix("src/")?)))
            .filter_map(|(path, name)| {
                let text = fs::read_to_string(out.join(path)).ok()?;
                Some(File { path: name.to_owned(), text, items: Vec::new() })
            })
            .collect();
        let (before, after): (BTreeSet<_>, BTreeSet<_>) = (public_api(&before).into_iter().collect(), after.collect());
        Self {
            added: after.difference(&before).cloned().collect(),
            removed: before.difference(&after).cloned().collect(),
            is_first: plan.former.is_empty(),
        }
    }
}

struct Run<'a> {
    inputs: &'a Inputs,
    out: &'a Path,
    output: &'a Output,
    plan: &'a Plan,
    surface: Surface,
    side_files: &'a [SideFile],
    took: Duration,
}

impl Run<'_> {
    fn count(&self, wanted: Change) -> usize {
        self.plan.changes.values().filter(|change| **change == wanted).count()
    }

    fn lines(&self) -> usize {
        self.output.files.iter().map(|file| file.text.lines().count()).sum()
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
            "bytes": self.output.files.iter().map(|file| file.text.len()).sum::<usize>(),
            "added": self.count(Change::Added),
            "changed": self.count(Change::Changed),
            "removed": self.count(Change::Removed),
            "items_added": self.surface.added,
            "items_removed": self.surface.removed,
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
        for diagnostic in self.output.diagnostics.iter().filter(|d| d.severity == Severity::Warning) {
            text.push_str(&format!("{diagnostic}\n"));
        }
        if self.plan.changes.is_empty() && self.side_files.is_empty() {
            text.push_str("  nothing changed");
        } else {
            let (added, changed, removed) =
                (self.count(Change::Added), self.count(Change::Changed), self.count(Change::Removed));
            text.push_str(&format!("  files: {added} added, {changed} changed, {removed} removed\n"));
            text.push_str(&self.items());
            for file in self.side_files {
                text.push_str(&format!("  {} changed: review its diff\n", shown(&file.path)));
            }
            text.push_str("  done");
        }
        text.push_str(&format!(", in {} ms\n", self.took.as_millis()));
        text
    }

    fn items(&self) -> String {
        let (added, removed) = (&self.surface.added, &self.surface.removed);
        if added.is_empty() && removed.is_empty() {
            return "  public items: none added, none removed\n".to_owned();
        }
        if self.surface.is_first {
            return format!("  public items: {}\n", added.len());
        }
        let marked =
            |sign: char, items: &[String]| items.iter().map(|item| format!("    {sign} {item}")).collect::<Vec<_>>();
        format!(
            "  public items: {} added, {} removed\n{}{}",
            added.len(),
            removed.len(),
            limited(&marked('-', removed)),
            limited(&marked('+', added)),
        )
    }
}
