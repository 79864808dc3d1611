//! `cargo xtask perf instructions`: the number of instructions that decoding and generating take.
//!
//! Times depend on what else the machine does; the number of instructions is nearly the same in every run.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use polar_codegen::repository::DOCUMENT;
use toml_edit::{DocumentMut, Item, value};

use super::bench::build;
use crate::cli;
use crate::error::CommandError;
use crate::generation::{cargo, root, shown, target};
use crate::table::columns;

/// The name of this command.
const COMMAND: &str = "cargo xtask perf instructions";

/// The accepted counts, relative to the repository.
const FILE: &str = "bench/instructions.toml";

/// The pages that are decoded.
const PAGES: [&str; 4] = ["subscriptions", "events", "products", "webhooks"];

/// How many times a page is decoded in the run that is counted.
const TIMES: i64 = 2;

/// The enlarged documents that growth is counted on: the name in the file, how many times as large as the document in
/// `spec/` it is, and whether `--check` includes it. The largest one takes minutes.
const GROWTH: [(&str, usize, bool); 2] = [("four_times", 4, true), ("sixteen_times", 16, false)];

/// A figure and its place in the file.
#[derive(Clone, Debug, PartialEq)]
struct Count {
    table: &'static str,
    name: &'static str,
    figure: f64,
}

pub(crate) fn run(options: &cli::Instructions) -> Result<String, CommandError> {
    if !has_valgrind() {
        return Ok(format!("skipped: {COMMAND}: valgrind is not installed\n"));
    }
    let path = root().join(FILE);
    let mut accepted = accepted(&path)?;
    let mut counts = Vec::new();
    let decoder = build("bench-instructions")?;
    for page in PAGES {
        counts.push(Count { table: "decode", name: page, figure: decode(&decoder, page)? });
    }
    let generator = release()?;
    let figure = rounded(generate(&generator, None)? as f64 / 1e6, 0);
    counts.push(Count { table: "generate", name: "spec", figure });
    let writer = build("bench-document")?;
    let once = grown(&writer, &generator, 1)? as f64;
    for (name, times, is_checked) in GROWTH {
        if is_checked || !options.check {
            let figure = rounded(grown(&writer, &generator, times)? as f64 / once, 3);
            counts.push(Count { table: "growth", name, figure });
        }
    }

    if options.check {
        return check(&accepted, &counts, &path);
    }
    let shown = columns(&rows(&accepted, &counts));
    for count in &counts {
        accepted[count.table][count.name] = value(count.figure);
    }
    let written = fs::write(&path, accepted.to_string());
    written.map_err(|error| CommandError::file("write the file", &path, &error, "make it writable"))?;
    Ok(shown)
}

fn accepted(path: &Path) -> Result<DocumentMut, CommandError> {
    let hint = "restore the file from version control";
    let text = fs::read_to_string(path).map_err(|error| CommandError::file("read the file", path, &error, hint))?;
    text.parse().map_err(|error| CommandError::at(format!("not valid TOML: {error}"), path, hint))
}

/// The accepted growth: instructions for the largest document divided by those for the document in `spec/`.
pub(crate) fn growth() -> Result<Option<f64>, CommandError> {
    let accepted = accepted(&root().join(FILE))?;
    Ok(GROWTH.last().and_then(|(name, ..)| number(accepted.get("growth")?.get(name))))
}

fn check(accepted: &DocumentMut, counts: &[Count], path: &Path) -> Result<String, CommandError> {
    let tolerance = number(accepted.get("tolerance_percent")).unwrap_or_default();
    let over: Vec<_> = counts.iter().filter(|count| is_over(count.figure, limit(accepted, count), tolerance)).collect();
    let shown = columns(&rows(accepted, counts));
    if over.is_empty() {
        return Ok(shown);
    }
    let names: Vec<_> = over.iter().map(|count| format!("{}.{}", count.table, count.name)).collect();
    Err(CommandError::at(
        format!("{} needs over {tolerance} % more instructions than accepted\n{shown}", names.join(", ")),
        path,
        format!("make it faster; to accept the new counts, run `{COMMAND}` and commit the file"),
    ))
}

/// Returns whether a figure is above the accepted one by more than the tolerance in percent. A new figure is not.
fn is_over(figure: f64, accepted: Option<f64>, tolerance: f64) -> bool {
    accepted.is_some_and(|accepted| figure > accepted * (1.0 + tolerance / 100.0))
}

fn limit(accepted: &DocumentMut, count: &Count) -> Option<f64> {
    number(accepted.get(count.table)?.get(count.name))
}

fn number(item: Option<&Item>) -> Option<f64> {
    let item = item?;
    item.as_float().or_else(|| item.as_integer().map(|number| number as f64))
}

fn rows(accepted: &DocumentMut, counts: &[Count]) -> Vec<[String; 4]> {
    let rows = counts.iter().map(|count| {
        let accepted = limit(accepted, count).map_or_else(|| "none".to_owned(), |accepted| format!("{accepted}"));
        [count.table.to_owned(), count.name.to_owned(), format!("{}", count.figure), format!("accepted: {accepted}")]
    });
    rows.collect()
}

/// Counts decoding a page, divided by the count for `serde_json::Value` in the same run: a new compiler or a new
/// version of serde_json changes both.
fn decode(program: &Path, page: &str) -> Result<f64, CommandError> {
    let count = |codec: &str, times: i64| {
        let mut command = counting(program);
        command.args([page, codec, &times.to_string()]);
        instructions(&mut command)
    };
    // A run without decoding counts the creation of the page.
    let before = count("ours", 0)?;
    let (ours, value) = (count("ours", TIMES)? - before, count("value", TIMES)? - before);
    Ok(rounded(ours as f64 / value as f64, 4))
}

/// Counts generating the crate as a whole process, from the document in `spec/` or from another one.
fn generate(program: &Path, document: Option<&Path>) -> Result<i64, CommandError> {
    let out = empty_directory()?.join("out");
    let mut command = counting(program);
    command.arg("regenerate");
    if let Some(document) = document {
        command.arg("--spec").arg(document);
    }
    instructions(command.arg("--out").arg(out))
}

/// Counts generating the crate from a document that is `times` as large.
fn grown(writer: &Path, program: &Path, times: usize) -> Result<i64, CommandError> {
    let directory = target();
    let mut command = Command::new(writer);
    command.arg(root().join(DOCUMENT)).arg(times.to_string()).arg(&directory);
    let output = command.output();
    let hint = "run the command again";
    let output = output.map_err(|error| CommandError::file("run the program", writer, &error, hint))?;
    if !output.status.success() {
        return Err(CommandError::at(
            String::from_utf8_lossy(&output.stderr),
            &root().join(DOCUMENT),
            "fix the document",
        ));
    }
    generate(program, Some(Path::new(String::from_utf8_lossy(&output.stdout).trim_end())))
}

/// Creates an empty directory for the output.
fn empty_directory() -> Result<PathBuf, CommandError> {
    let path = target().join("instructions");
    // It does not exist before the first run.
    let _ = fs::remove_dir_all(&path);
    let created = fs::create_dir_all(&path);
    let hint = "make its parent writable";
    created.map(|()| path.clone()).map_err(|error| CommandError::file("create the directory", &path, &error, hint))
}

/// Builds this program with optimizations: the accepted counts are those of a release build.
fn release() -> Result<PathBuf, CommandError> {
    let directory = target();
    let mut cargo = cargo();
    cargo.args(["build", "--quiet", "--release", "--package", "xtask", "--target-dir"]).arg(&directory);
    let status = cargo.current_dir(root()).status();
    if !status.map_err(CommandError::cargo)?.success() {
        return Err(CommandError::new("the release build of xtask failed", "fix the error above"));
    }
    Ok(directory.join("release").join(format!("xtask{}", env::consts::EXE_SUFFIX)))
}

fn has_valgrind() -> bool {
    let mut command = Command::new("valgrind");
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// A run that only counts instructions, the fastest of valgrind's tools.
fn counting(program: &Path) -> Command {
    // If stderr is closed, the result still counts.
    let _ = write!(io::stderr(), ".");
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
        .arg(program)
        .current_dir(root());
    command
}

fn instructions(command: &mut Command) -> Result<i64, CommandError> {
    let output = command.stdout(Stdio::null()).output();
    let output =
        output.map_err(|error| CommandError::new(format!("can't run valgrind: {error}"), "install valgrind again"))?;
    let messages = String::from_utf8_lossy(&output.stderr);
    match collected(&messages) {
        Some(count) if output.status.success() => Ok(count),
        _ => {
            let program = command.get_args().nth(3).map(|program| shown(Path::new(program))).unwrap_or_default();
            Err(CommandError::new(
                format!("{program} fails under valgrind:\n{messages}"),
                "run it without valgrind to see why",
            ))
        }
    }
}

/// The count in cachegrind's summary: `==7== I refs: 1,234`.
fn collected(messages: &str) -> Option<i64> {
    let number = messages.lines().find_map(|line| line.split_once("refs:"))?.1;
    number.trim().replace(',', "").parse().ok()
}

fn rounded(figure: f64, digits: i32) -> f64 {
    let unit = 10_f64.powi(digits);
    (figure * unit).round() / unit
}

#[cfg(test)]
mod tests {
    use super::{Count, collected, is_over, limit, rounded};
    use toml_edit::DocumentMut;

    #[test]
    fn the_count_comes_from_cachegrinds_summary() {
        assert_eq!(collected("==7== \n==7== I   refs:      1,234\n"), Some(1234));
        assert_eq!(collected("==7== nothing\n"), None);
    }

    #[test]
    fn figures_may_rise_by_the_tolerance() {
        assert!(!is_over(1.02, Some(1.0), 2.0));
        assert!(is_over(1.03, Some(1.0), 2.0));
        assert!(!is_over(1.03, None, 2.0));
    }

    #[test]
    fn accepted_figures_have_a_table_and_a_name() {
        let accepted: DocumentMut = "[decode]\nevents = 0.5\n[generate]\nspec = 7\n".parse().unwrap_or_default();
        let find = |table, name| limit(&accepted, &Count { table, name, figure: 0.0 });
        assert_eq!((find("decode", "events"), find("generate", "spec")), (Some(0.5), Some(7.0)));
        assert_eq!(find("decode", "orders"), None);
        assert_eq!(rounded(0.123_456, 4), 0.1235);
    }
}
