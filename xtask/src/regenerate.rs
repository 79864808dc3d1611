//! `cargo xtask regenerate`

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use polar_codegen::{File, Output, Severity, surface};
use serde_json::json;

use crate::cli;
use crate::crate_manifest;
use crate::failure::Failure;
use crate::generation::{Inputs, root, shown};
use crate::ownership::{self, Change, Plan};

/// Where the crate of the repository is.
const OUT: &str = "generated";

/// Most lines of a list in the summary.
const LISTED: usize = 20;

pub(crate) fn run(options: &cli::Regenerate) -> Result<(), Failure> {
    let start = Instant::now();
    let inputs = Inputs::find(&options.input);
    let output = inputs.generate()?;
    let out = options.out.clone().unwrap_or_else(|| root().join(OUT));
    let plan = plan(&out, &output)?;
    let lock = options.out.is_none().then(|| Lock::new(&inputs.lock, &output)).filter(Lock::is_stale);
    let surface = Surface::compare(&out, &plan, &output);
    if options.check {
        return check(options, &out, &plan, lock.as_ref());
    }
    plan.carry_out()?;
    if let Some(lock) = &lock {
        ownership::write(&lock.path, &lock.text)?;
    }
    let run = Run { inputs: &inputs, out: &out, output: &output, plan: &plan, surface, lock, took: start.elapsed() };
    match options.stats {
        Some(cli::Stats::Json) => println!("{}", run.stats()),
        None => print!("{}", run.summary()),
    }
    Ok(())
}

fn plan(out: &Path, output: &Output) -> Result<Plan, Failure> {
    let mut wanted: BTreeMap<String, String> =
        output.files.iter().map(|file| (format!("src/{}", file.path), file.text.clone())).collect();
    let mut shared = BTreeMap::new();
    let manifest = out.join("Cargo.toml");
    match fs::read_to_string(&manifest) {
        Ok(text) if !text.starts_with(crate_manifest::WRITTEN) => {
            shared.insert("Cargo.toml".to_owned(), crate_manifest::update(&manifest, &text, &output.features)?);
        }
        _ => {
            wanted.insert("Cargo.toml".to_owned(), crate_manifest::whole(out, &output.features));
        }
    }
    ownership::plan(out, wanted, &shared)
}

/// The file of pinned names, as it should be.
struct Lock {
    path: PathBuf,
    text: String,
}

impl Lock {
    fn new(path: &Path, output: &Output) -> Self {
        Self { path: path.to_path_buf(), text: output.names.render() }
    }

    fn is_stale(&self) -> bool {
        fs::read(&self.path).ok().as_deref() != Some(self.text.as_bytes())
    }
}

fn check(options: &cli::Regenerate, out: &Path, plan: &Plan, lock: Option<&Lock>) -> Result<(), Failure> {
    let mut stale: Vec<String> =
        plan.changes.iter().map(|(path, change)| line(*change, &shown(&out.join(path)))).collect();
    stale.extend(lock.map(|lock| line(Change::Changed, &shown(&lock.path))));
    if plan.is_empty() && lock.is_none() {
        println!("{} is up to date: {} files", shown(out), plan.files());
        return Ok(());
    }
    if stale.is_empty() {
        stale.push(line(Change::Changed, &shown(&out.join(ownership::OWNED))));
    }
    let message = format!("{} is not what the document gives:\n{}", shown(out), limited(&stale));
    Err(Failure::new(message.trim_end(), format!("run `{}`", mending(options))))
}

/// The command that mends what a check found.
fn mending(options: &cli::Regenerate) -> String {
    let paths = [("--spec", &options.input.spec), ("--overlay", &options.input.overlay), ("--out", &options.out)];
    let given = paths.iter().filter_map(|(name, path)| path.as_ref().map(|path| format!(" {name} {}", path.display())));
    format!("cargo xtask regenerate{}", given.collect::<String>())
}

fn line(change: Change, path: &str) -> String {
    let sign = match change {
        Change::Added => '+',
        Change::Changed => '~',
        Change::Removed => '-',
    };
    format!("  {sign} {path}")
}

fn limited(lines: &[String]) -> String {
    let mut text: String = lines.iter().take(LISTED).map(|line| format!("{line}\n")).collect();
    if lines.len() > LISTED {
        text.push_str(&format!("    and {} more\n", lines.len() - LISTED));
    }
    text
}

/// Public items that come and go.
#[derive(Default)]
struct Surface {
    added: Vec<String>,
    removed: Vec<String>,
    /// Whether there was no crate before.
    is_first: bool,
}

impl Surface {
    /// Only looks at the files that change.
    fn compare(out: &Path, plan: &Plan, output: &Output) -> Self {
        let changed = |path: &str| plan.changes.contains_key(&format!("src/{path}"));
        let after: Vec<File> = output.files.iter().filter(|file| changed(&file.path)).cloned().collect();
        let before: Vec<File> = plan
            .changes
            .keys()
            .filter_map(|path| Some((path, path.strip_prefix("src/")?)))
            .filter_map(|(path, name)| {
                Some(File { path: name.to_owned(), text: fs::read_to_string(out.join(path)).ok()? })
            })
            .collect();
        let (before, after): (BTreeSet<_>, BTreeSet<_>) =
            (surface(&before).into_iter().collect(), surface(&after).into_iter().collect());
        Self {
            added: after.difference(&before).cloned().collect(),
            removed: before.difference(&after).cloned().collect(),
            is_first: !out.join(ownership::OWNED).is_file(),
        }
    }
}

struct Run<'a> {
    inputs: &'a Inputs,
    out: &'a Path,
    output: &'a Output,
    plan: &'a Plan,
    surface: Surface,
    lock: Option<Lock>,
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
        if self.plan.changes.is_empty() && self.lock.is_none() {
            text.push_str("  nothing changed");
        } else {
            let (added, changed, removed) =
                (self.count(Change::Added), self.count(Change::Changed), self.count(Change::Removed));
            text.push_str(&format!("  files: {added} added, {changed} changed, {removed} removed\n"));
            text.push_str(&self.items());
            if let Some(lock) = &self.lock {
                text.push_str(&format!("  names: {} is rewritten, see its diff\n", shown(&lock.path)));
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
