//! `cargo xtask instructions`: what decoding and generating take, counted in instructions.
//!
//! Time on a busy machine says little; the number of instructions is nearly the same in every run.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use toml_edit::{DocumentMut, Item, value};

use crate::bench::build;
use crate::cli;
use crate::failure::Failure;
use crate::generation::{DOCUMENT, root, shown, target};
use crate::table::columns;

/// What was counted, from the repository's root.
const FILE: &str = "bench/instructions.toml";

/// Pages that are decoded.
const PAGES: [&str; 4] = ["subscriptions", "events", "products", "webhooks"];

/// How often a page is decoded in the run that counts.
const TIMES: i64 = 2;

/// How many times as large as the document in `spec/` those are that growth is counted on, each with its name in the
/// file, and whether `--check` waits for it: the largest one takes minutes.
const GROWTH: [(&str, usize, bool); 2] = [("four_times", 4, true), ("sixteen_times", 16, false)];

/// A figure, and the place in the file that it belongs to.
#[derive(Clone, Debug, PartialEq)]
struct Count {
    table: &'static str,
    name: &'static str,
    figure: f64,
}

pub(crate) fn run(options: &cli::Instructions) -> Result<String, Failure> {
    if !has_valgrind() {
        return Ok("skipped: cargo xtask instructions: valgrind is missing\n".to_owned());
    }
    let path = root().join(FILE);
    let mut kept = kept(&path)?;
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
        return check(&kept, &counts, &path);
    }
    let shown = columns(&rows(&kept, &counts));
    for count in &counts {
        kept[count.table][count.name] = value(count.figure);
    }
    let written = fs::write(&path, kept.to_string());
    written.map_err(|error| Failure::file("write the file", &path, &error, "make it writable"))?;
    Ok(shown)
}

fn kept(path: &Path) -> Result<DocumentMut, Failure> {
    let hint = "take it from the last commit";
    let text = fs::read_to_string(path).map_err(|error| Failure::file("read the file", path, &error, hint))?;
    text.parse().map_err(|error| Failure::at(format!("the file is no TOML: {error}"), path, hint))
}

/// Instructions for the largest document that growth is counted on, to those for the document in `spec/`, as they are
/// kept.
pub(crate) fn growth() -> Result<Option<f64>, Failure> {
    let kept = kept(&root().join(FILE))?;
    Ok(GROWTH.last().and_then(|(name, ..)| number(kept.get("growth")?.get(name))))
}

fn check(kept: &DocumentMut, counts: &[Count], path: &Path) -> Result<String, Failure> {
    let tolerance = number(kept.get("tolerance_percent")).unwrap_or_default();
    let over: Vec<_> = counts.iter().filter(|count| is_over(count.figure, ceiling(kept, count), tolerance)).collect();
    let shown = columns(&rows(kept, counts));
    if over.is_empty() {
        return Ok(shown);
    }
    let names: Vec<_> = over.iter().map(|count| format!("{}.{}", count.table, count.name)).collect();
    Err(Failure::at(
        format!("{} takes more instructions than before, by more than {tolerance} %\n{shown}", names.join(", ")),
        path,
        "make it faster again; if it is worth that much, run `cargo xtask instructions` and commit the file",
    ))
}

/// Whether a figure is above what is kept, by more than so many percent. What is not kept has no place to be above.
fn is_over(figure: f64, kept: Option<f64>, tolerance: f64) -> bool {
    kept.is_some_and(|kept| figure > kept * (1.0 + tolerance / 100.0))
}

fn ceiling(kept: &DocumentMut, count: &Count) -> Option<f64> {
    number(kept.get(count.table)?.get(count.name))
}

fn number(item: Option<&Item>) -> Option<f64> {
    let item = item?;
    item.as_float().or_else(|| item.as_integer().map(|number| number as f64))
}

fn rows(kept: &DocumentMut, counts: &[Count]) -> Vec<[String; 4]> {
    let rows = counts.iter().map(|count| {
        let kept = ceiling(kept, count).map_or_else(|| "nothing".to_owned(), |kept| format!("{kept}"));
        [count.table.to_owned(), count.name.to_owned(), format!("{}", count.figure), format!("kept: {kept}")]
    });
    rows.collect()
}

/// Instructions for decoding a page to those of `serde_json::Value`, which is in the same run, so that another compiler
/// or another version of serde_json changes both.
fn decode(program: &Path, page: &str) -> Result<f64, Failure> {
    let count = |codec: &str, times: i64| {
        let mut command = counting(program);
        command.args([page, codec, &times.to_string()]);
        instructions(&mut command)
    };
    // Making the page is not part of it.
    let before = count("ours", 0)?;
    let (ours, value) = (count("ours", TIMES)? - before, count("value", TIMES)? - before);
    Ok(rounded(ours as f64 / value as f64, 4))
}

/// Instructions of the whole process that generates the crate, from the document in `spec/` or another one.
fn generate(program: &Path, document: Option<&Path>) -> Result<i64, Failure> {
    let out = scratch()?.join("out");
    let mut command = counting(program);
    command.arg("regenerate");
    if let Some(document) = document {
        command.arg("--spec").arg(document);
    }
    instructions(command.arg("--out").arg(out))
}

/// Instructions for the crate from a document that is so many times as large.
fn grown(writer: &Path, program: &Path, times: usize) -> Result<i64, Failure> {
    let directory = target();
    let mut command = Command::new(writer);
    command.arg(root().join(DOCUMENT)).arg(times.to_string()).arg(&directory);
    let output = command.output();
    let hint = "run the command again";
    let output = output.map_err(|error| Failure::file("run the program", writer, &error, hint))?;
    if !output.status.success() {
        return Err(Failure::at(String::from_utf8_lossy(&output.stderr), &root().join(DOCUMENT), "mend the document"));
    }
    generate(program, Some(Path::new(String::from_utf8_lossy(&output.stdout).trim_end())))
}

/// An empty directory.
fn scratch() -> Result<PathBuf, Failure> {
    let path = target().join("instructions");
    // Where it was not made before, there is nothing to remove.
    let _ = fs::remove_dir_all(&path);
    let made = fs::create_dir_all(&path);
    made.map(|()| path.clone()).map_err(|error| Failure::file("make the directory", &path, &error, "make room for it"))
}

/// This program as a release: what is kept is counted there.
fn release() -> Result<PathBuf, Failure> {
    let directory = target();
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--release", "--package", "xtask", "--target-dir"]).arg(&directory);
    // Optimizing across crates takes minutes, and changes the count by a tenth.
    cargo.env("CARGO_PROFILE_RELEASE_LTO", "false");
    let status = cargo.current_dir(root()).status();
    if !status.is_ok_and(|status| status.success()) {
        return Err(Failure::new("xtask does not build as a release", "what is wrong stands above"));
    }
    Ok(directory.join("release").join(format!("xtask{}", env::consts::EXE_SUFFIX)))
}

fn has_valgrind() -> bool {
    let mut command = Command::new("valgrind");
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// A run that counts instructions and nothing else, which is what makes it the quickest of valgrind's tools.
fn counting(program: &Path) -> Command {
    // Where nobody reads the progress, the result still counts.
    let _ = write!(io::stderr(), ".");
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
        .arg(program)
        .current_dir(root());
    command
}

fn instructions(command: &mut Command) -> Result<i64, Failure> {
    let output = command.stdout(Stdio::null()).output();
    let output = output.map_err(|error| Failure::new(format!("can't run valgrind: {error}"), "install it again"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    match collected(&said) {
        Some(count) if output.status.success() => Ok(count),
        _ => {
            let program = command.get_args().nth(3).map(|program| shown(Path::new(program))).unwrap_or_default();
            Err(Failure::new(format!("{program} fails under valgrind:\n{said}"), "run it without valgrind"))
        }
    }
}

/// The number in cachegrind's last words: `==7== I refs: 1,234`.
fn collected(said: &str) -> Option<i64> {
    let number = said.lines().find_map(|line| line.split_once("refs:"))?.1;
    number.trim().replace(',', "").parse().ok()
}

fn rounded(figure: f64, digits: i32) -> f64 {
    let unit = 10_f64.powi(digits);
    (figure * unit).round() / unit
}

#[cfg(test)]
mod tests {
    use super::{Count, ceiling, collected, is_over, rounded};
    use toml_edit::DocumentMut;

    #[test]
    fn the_count_is_read_from_what_cachegrind_says() {
        assert_eq!(collected("==7== \n==7== I   refs:      1,234\n"), Some(1234));
        assert_eq!(collected("==7== nothing\n"), None);
    }

    #[test]
    fn a_figure_is_over_only_beyond_the_tolerance() {
        assert!(!is_over(1.02, Some(1.0), 2.0));
        assert!(is_over(1.03, Some(1.0), 2.0));
        assert!(!is_over(1.03, None, 2.0));
    }

    #[test]
    fn kept_figures_are_found_by_table_and_name() {
        let kept: DocumentMut = "[decode]\nevents = 0.5\n[generate]\nspec = 7\n".parse().unwrap_or_default();
        let find = |table, name| ceiling(&kept, &Count { table, name, figure: 0.0 });
        assert_eq!((find("decode", "events"), find("generate", "spec")), (Some(0.5), Some(7.0)));
        assert_eq!(find("decode", "orders"), None);
        assert_eq!(rounded(0.123_456, 4), 0.1235);
    }
}
