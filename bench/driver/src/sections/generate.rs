//! The generator as a whole process: time, memory, and how both grow with the document.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Options;
use crate::budget::{Budget, budgets};
use crate::child::{Usage, measure, quietly};
use crate::spread::{Spread, table};

/// How many times as large the document gets.
const SIZES: [usize; 3] = [1, 4, 16];

/// Generators of others, with the versions that are measured.
const PEERS: [(&str, &str); 2] = [("openapi-to-rust", "0.23.0"), ("ploidy", "0.15.0")];

/// The name of our generator.
const OURS: &str = "ours";

/// A generator and a document.
struct Run {
    document: String,
    generator: String,
    /// The run without the place for its output.
    command: Box<dyn Fn(&Path) -> Command>,
    usage: Vec<Usage>,
}

/// The document that the crate is generated from, which is named after its version.
fn document(options: &Options) -> PathBuf {
    options.root.join(format!("spec/polar-{}.yaml", polar_client::API_VERSION))
}

pub(crate) fn run(options: &Options) -> Result<String, String> {
    let rounds = options.rounds(7);
    let scratch = scratch(options)?;
    let xtask = build(options)?;
    let mut text = options.heading("generate", rounds, &[]);

    let mut documents = vec![("the document in `spec/`", document(options))];
    match &options.official {
        Some(path) if path.is_file() => documents.push(("the official document", path.clone())),
        _ => {
            let _ = write!(text, "\nskipped: a second document; name one with `--official FILE`.\n");
        }
    }
    let mut runs: Vec<Run> =
        documents.iter().map(|(name, document)| Run::new(name, OURS, ours(xtask.clone(), document.clone()))).collect();
    if options.peers {
        for (peer, version) in PEERS {
            match install(options, peer, version) {
                Ok(program) => {
                    for (name, document) in &documents {
                        let command = theirs(peer, program.clone(), document.clone());
                        runs.push(Run::new(name, &format!("{peer} {version}"), command));
                    }
                }
                Err(why) => {
                    let _ = write!(text, "\nskipped: {peer} {version}: {why}.\n");
                }
            }
        }
    }
    let failed = measure_all(&mut runs, rounds, scratch.path());
    let ours_failed = failed.iter().find(|(name, _)| name.ends_with(OURS));
    if let Some((name, why)) = ours_failed {
        return Err(format!("{name}: {why}"));
    }
    for (name, why) in failed {
        let _ = write!(text, "\n{name}: {why}.\n");
    }
    let head = ["document and generator", "wall, s", "user, s", "peak memory, MB"];
    let rows: Vec<_> = runs.iter().filter(|run| !run.usage.is_empty()).map(Run::row).collect();
    let _ = write!(text, "\n{}", table(head, &rows));

    let growth = growth(options, &xtask, rounds, scratch.path())?;
    let head = ["the document in `spec/`, so many times", "bytes", "time to that of 1×", "peak memory to that of 1×"];
    let _ = write!(text, "\n{}", table(head, &growth.rows));

    let mut limits = Vec::new();
    // Processor time, because wall time also depends on what else the machine does. Ours uses one thread.
    for run in runs.iter().filter(|run| run.generator == OURS) {
        let user = run.spread(|one| one.user).median;
        limits.push(Budget::at_most(format!("processor time for {}", run.document), 1.0, user, " s"));
        let peak = run.spread(|one| one.peak / 1e6).median;
        limits.push(Budget::at_most(format!("memory for {}", run.document), 200.0, peak, " MB").digits(0));
        let peers = runs.iter().filter(|peer| peer.document == run.document && peer.generator != OURS);
        for peer in peers.filter(|peer| !peer.usage.is_empty()) {
            let ratio = Spread::of_ratios(&run.figures(|one| one.user), &peer.figures(|one| one.user)).median;
            let what = format!("processor time for {}, ours to {}", run.document, peer.generator);
            limits.push(Budget::at_most(what, 1.0, ratio, "×"));
        }
    }
    // Time says less: a machine that several share slows down in the seconds that the largest document takes.
    let grown = options.growth.map(|ratio| ("instructions for 16 times the document", ratio));
    let (what, ratio) = grown.unwrap_or(("time for 16 times the document", growth.time));
    limits.push(Budget::at_most(what, 16.0, ratio, "×").digits(1));
    let _ = write!(text, "\n{}", budgets(&limits));
    Ok(text)
}

/// A directory for documents and output, below the directory of the builds. It is removed at the end.
fn scratch(options: &Options) -> Result<tempfile::TempDir, String> {
    let made = fs::create_dir_all(&options.target).and_then(|()| tempfile::tempdir_in(&options.target));
    made.map_err(|error| format!("can't create a directory in {}: {error}", options.target.display()))
}

/// The release binary of the project's commands.
fn build(options: &Options) -> Result<PathBuf, String> {
    let mut cargo = options.cargo(&options.root);
    cargo.args(["build", "--quiet", "--release", "--package", "xtask", "--target-dir"]).arg(&options.target);
    quietly(&mut cargo)?;
    Ok(options.target.join("release").join(format!("xtask{}", std::env::consts::EXE_SUFFIX)))
}

/// A document that is so many times as large.
fn grown(options: &Options, times: usize, directory: &Path) -> Result<PathBuf, String> {
    let mut cargo = options.cargo(&options.bench());
    cargo.args(["run", "--quiet", "--release", "--package", "bench-document", "--target-dir"]).arg(&options.target);
    cargo.arg("--").arg(document(options)).arg(times.to_string()).arg(directory);
    quietly(&mut cargo)?;
    Ok(directory.join(format!("{times}.json")))
}

/// The program of a peer, installed below the target directory the first time.
fn install(options: &Options, peer: &str, version: &str) -> Result<PathBuf, String> {
    let root = options.target.join("peers");
    let program = root.join("bin").join(format!("{peer}{}", std::env::consts::EXE_SUFFIX));
    let mut cargo = options.cargo(&options.root);
    cargo.args(["install", "--quiet", "--locked", "--version", version, peer, "--root"]).arg(&root);
    cargo.env("CARGO_TARGET_DIR", root.join("build"));
    // Where this version is installed already, there is nothing to do.
    quietly(&mut cargo).map(|()| program)
}

fn ours(xtask: PathBuf, document: PathBuf) -> Box<dyn Fn(&Path) -> Command> {
    Box::new(move |out| {
        let mut command = Command::new(&xtask);
        command.args(["regenerate", "--spec"]).arg(&document).arg("--out").arg(out);
        // It tells a binary that cargo runs where its package is, and this one is of another.
        command.env_remove("CARGO_MANIFEST_DIR");
        command
    })
}

fn theirs(peer: &str, program: PathBuf, document: PathBuf) -> Box<dyn Fn(&Path) -> Command> {
    let (before, out_option): (&[&str], &str) = if peer == "ploidy" {
        (&["generate", "rust", "--name", "polar"], "--output")
    } else {
        (&["generate"], "--output-dir")
    };
    Box::new(move |out| {
        let mut command = Command::new(&program);
        command.args(before).arg(&document).arg(out_option).arg(out);
        command
    })
}

impl Run {
    fn new(document: &str, generator: &str, command: Box<dyn Fn(&Path) -> Command>) -> Self {
        Self { document: document.to_owned(), generator: generator.to_owned(), command, usage: Vec::new() }
    }

    fn name(&self) -> String {
        format!("{}, {}", self.document, self.generator)
    }

    fn spread(&self, figure: impl Fn(&Usage) -> f64) -> Spread {
        Spread::of(self.usage.iter().map(figure))
    }

    fn figures(&self, figure: impl Fn(&Usage) -> f64) -> Vec<f64> {
        self.usage.iter().map(figure).collect()
    }

    fn row(&self) -> [String; 4] {
        [
            self.name(),
            self.spread(|one| one.wall).show(2, ""),
            self.spread(|one| one.user).show(2, ""),
            self.spread(|one| one.peak / 1e6).show(0, ""),
        ]
    }
}

/// All runs in turn, each into a directory that is not there before, and none that failed again.
fn measure_all(runs: &mut [Run], rounds: usize, scratch: &Path) -> Vec<(String, String)> {
    let mut failed: Vec<(String, String)> = Vec::new();
    // The first round only warms up the files.
    for round in 0..=rounds {
        for run in runs.iter_mut() {
            if failed.iter().any(|(name, _)| *name == run.name()) {
                continue;
            }
            let out = scratch.join("out");
            match measure(&(run.command)(&out)) {
                Ok(usage) if round > 0 => run.usage.push(usage),
                Ok(_) => {}
                Err(why) => failed.push((run.name(), why)),
            }
            // Where it was not made, there is nothing to remove.
            let _ = fs::remove_dir_all(&out);
        }
    }
    failed
}

struct Growth {
    rows: Vec<[String; 4]>,
    /// Time for the largest document to that for the smallest.
    time: f64,
}

fn growth(options: &Options, xtask: &Path, rounds: usize, scratch: &Path) -> Result<Growth, String> {
    let mut runs = Vec::new();
    for size in SIZES {
        let path = grown(options, size, scratch)?;
        runs.push((path.clone(), Run::new(&format!("{size}×"), OURS, ours(xtask.to_path_buf(), path))));
    }
    let (paths, mut runs): (Vec<_>, Vec<_>) = runs.into_iter().unzip();
    if let Some((name, why)) = measure_all(&mut runs, rounds, scratch).first() {
        return Err(format!("{name}: {why}"));
    }
    let (walls, peaks) = (runs[0].figures(|one| one.wall), runs[0].figures(|one| one.peak));
    let mut time = 0.0;
    let mut rows = Vec::new();
    for (path, run) in paths.iter().zip(&runs) {
        let bytes = fs::metadata(path).map_or(0, |about| about.len());
        let wall = Spread::of_ratios(&run.figures(|one| one.wall), &walls);
        let peak = Spread::of_ratios(&run.figures(|one| one.peak), &peaks);
        time = wall.median;
        rows.push([run.document.clone(), bytes.to_string(), wall.show(1, "×"), peak.show(1, "×")]);
    }
    Ok(Growth { rows, time })
}
