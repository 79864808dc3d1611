//! A program as a user has it, beside the same program with polar-sh: what cargo takes for it, and how large it is.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

use super::compile::{compiler, remove};
use crate::Options;
use crate::budget::{Budget, budgets};
use crate::child::{Usage, measure, quietly};
use crate::spread::{Spread, table};

/// The program, with each client.
const OURS: &str = "project-ours";
const PEER: &str = "project-polar-sh";

/// Ours with the TLS that the other client has.
const NATIVE: &str = "project-ours-native-tls";

/// A program that uses one resource, and the same with reqwest.
const ONE: &str = "size-ours";
const BARE: &str = "size-bare";

/// The crates alone.
const CRATE: &str = "polar-client";
const PEER_CRATE: &str = "polar-api";

/// Changes what the program prints, as an edit of its source would.
const EDIT: &str = "BENCH_EDIT";

/// Two sides of a figure, and how ours may stand to the other.
struct Figure {
    what: &'static str,
    ours: Vec<f64>,
    theirs: Vec<f64>,
    unit: &'static str,
    limit: f64,
}

impl Figure {
    fn ratio(&self) -> Spread {
        Spread::of_ratios(&self.ours, &self.theirs)
    }

    fn row(&self) -> [String; 4] {
        let digits = if self.unit == "MB" { 1 } else { 2 };
        let show = |figures: &[f64]| Spread::of(figures.iter().copied()).show(digits, "");
        let what = format!("{}, {}", self.what, self.unit);
        [what, show(&self.ours), show(&self.theirs), self.ratio().show(2, "×")]
    }

    fn budget(&self) -> Budget {
        Budget::at_most(self.what, self.limit, self.ratio().median, "×")
    }
}

pub(crate) fn run(options: &Options) -> Result<String, String> {
    let rounds = options.rounds(3);
    let project = Project { options, directory: options.target.join("project") };
    // What is not measured: fetching, and the dependencies of the crates alone.
    for package in [CRATE, PEER_CRATE] {
        quietly(&mut alone(options, package))?;
    }

    let sides = |what, unit, limit| Figure { what, ours: Vec::new(), theirs: Vec::new(), unit, limit };
    let nothing = |what, [ours, theirs]: [&str; 2], word: &str, limit| -> Result<Figure, String> {
        let mut figure = sides(what, "s", limit);
        for _ in 0..rounds {
            figure.ours.push(project.measure_from_nothing(ours, &[word])?.cpu());
            figure.theirs.push(project.measure_from_nothing(theirs, &[word])?.cpu());
        }
        Ok(figure)
    };
    let one = nothing("one resource: build from nothing", [ONE, BARE], "build", 1.2)?;
    let check = nothing("check from nothing, default features", [OURS, PEER], "check", 0.8)?;
    let release = Figure {
        what: "release binary",
        ours: project.release_size(OURS)?,
        theirs: project.release_size(PEER)?,
        unit: "MB",
        limit: 1.0,
    };
    let build = nothing("build from nothing, default features", [OURS, PEER], "build", 0.8)?;
    let mut native = Native::new(&project)?;

    let mut own = sides("the program alone: build", "s", 0.4);
    let mut edit = sides("after an edit: build", "s", 0.8);
    let mut edit_check = sides("after an edit: check", "s", 1.0);
    let mut crates = sides("the crate alone, every resource: build", "s", 0.5);
    let mut peaks = Vec::new();
    for package in [OURS, PEER] {
        project.measure(package, &["check"], 0)?;
    }
    for round in 1..=rounds {
        for (package, is_ours) in [(OURS, true), (PEER, false)] {
            let push = |figure: &mut Figure, usage: Usage| {
                if is_ours { &mut figure.ours } else { &mut figure.theirs }.push(usage.cpu());
            };
            project.clean(package)?;
            push(&mut own, project.measure(package, &["build"], 0)?);
            push(&mut edit, project.measure(package, &["build"], round)?);
            project.measure(package, &["check"], 0)?;
            push(&mut edit_check, project.measure(package, &["check"], round)?);
        }
        native.edits.push(project.measure(NATIVE, &["build"], round)?.cpu());
        for (package, is_ours) in [(CRATE, true), (PEER_CRATE, false)] {
            quietly(compiler(options, package).args(["clean", "--profile", "dev", "--package", package]))?;
            let usage = measure(&alone(options, package))?;
            if is_ours { &mut crates.ours } else { &mut crates.theirs }.push(usage.cpu());
            peaks.extend(is_ours.then_some(usage.peak / 1e6));
        }
    }
    let debug = Figure {
        what: "debug binary",
        ours: vec![project.size(OURS, "debug")?],
        theirs: vec![project.size(PEER, "debug")?],
        unit: "MB",
        limit: 0.8,
    };

    let native = native.figures([&build, &edit, &debug, &release]);
    let peak = Spread::of(peaks);
    let besides_peer = [build, check, own, edit, edit_check, debug, release];
    let mut limits: Vec<_> = besides_peer.iter().chain([&one, &crates]).map(Figure::budget).collect();
    limits.push(Budget::at_most("the crate alone, every resource: peak of rustc", 700.0, peak.median, " MB").digits(0));
    let rows: Vec<_> = besides_peer.iter().map(Figure::row).collect();
    let mut text = options.heading("project", rounds, &["polar-sh", PEER_CRATE, "reqwest", "rustls", "ring"]);
    // Writing to a String does not fail.
    let _ = write!(text, "\n{}", table(["the program", "polar-client", "polar-sh", "ours to theirs"], &rows));
    let head = ["the same with `native-tls`", "polar-client", "polar-sh", "ours to theirs"];
    let _ = write!(text, "\n{}", table(head, &native.map(|figure| figure.row())));
    let head = ["one resource", "polar-client, `products`", "bare reqwest, the same TLS", "ours to theirs"];
    let _ = write!(text, "\n{}", table(head, &[one.row()]));
    let head = ["the crate alone", CRATE, PEER_CRATE, "ours to theirs", "peak of rustc, MB"];
    let [what, ours, theirs, ratio] = crates.row();
    let _ = write!(text, "\n{}", table(head, &[[what, ours, theirs, ratio, peak.show(0, "")]]));
    let _ = write!(text, "\n{}", budgets(&limits));
    remove(&project.directory)?;
    Ok(text)
}

/// What our program takes with the TLS that the other client has.
struct Native {
    build: Vec<f64>,
    edits: Vec<f64>,
    debug: f64,
    release: Vec<f64>,
}

impl Native {
    fn new(project: &Project<'_>) -> Result<Self, String> {
        let release = project.release_size(NATIVE)?;
        let build = vec![project.measure_from_nothing(NATIVE, &["build"])?.cpu()];
        Ok(Self { build, edits: Vec::new(), debug: project.size(NATIVE, "debug")?, release })
    }

    /// The figures beside those of the other client.
    fn figures(self, [build, edit, debug, release]: [&Figure; 4]) -> [Figure; 4] {
        let beside = |figure: &Figure, ours| Figure { ours, theirs: figure.theirs.clone(), ..*figure };
        [
            beside(build, self.build),
            beside(edit, self.edits),
            beside(debug, vec![self.debug]),
            beside(release, self.release),
        ]
    }
}

/// The build of a crate alone, its dependencies built before.
fn alone(options: &Options, package: &str) -> Command {
    let mut cargo = compiler(options, package);
    cargo.args(["build", "--package", package]);
    if package == CRATE {
        cargo.args(["--no-default-features", "--features", "all"]);
    }
    cargo
}

/// Builds programs as their users do, each in a separate directory.
struct Project<'a> {
    options: &'a Options,
    directory: PathBuf,
}

impl Project<'_> {
    /// Cargo with its own settings. Our crate is a path here, and would be built incrementally, which a crate from a
    /// registry is not.
    fn cargo(&self, package: &str) -> Command {
        let mut cargo = self.options.cargo(&self.options.bench());
        cargo.args(["--config", "profile.dev.package.'*'.incremental=false"]);
        cargo.env("CARGO_TARGET_DIR", self.directory.join(package)).env("CARGO_TERM_QUIET", "true");
        for name in ["CARGO_INCREMENTAL", "RUSTFLAGS", "CARGO_MANIFEST_DIR"] {
            cargo.env_remove(name);
        }
        cargo
    }

    /// Measures a subcommand. Another edit is another source.
    fn measure(&self, package: &str, words: &[&str], edit: usize) -> Result<Usage, String> {
        measure(self.cargo(package).args(words).args(["--package", package]).env(EDIT, edit.to_string()))
    }

    fn measure_from_nothing(&self, package: &str, words: &[&str]) -> Result<Usage, String> {
        remove(&self.directory.join(package))?;
        self.measure(package, words, 0)
    }

    fn clean(&self, package: &str) -> Result<(), String> {
        quietly(self.cargo(package).args(["clean", "--package", package]))
    }

    fn release_size(&self, package: &str) -> Result<Vec<f64>, String> {
        quietly(self.cargo(package).args(["build", "--release", "--package", package]))?;
        Ok(vec![self.size(package, "release")?])
    }

    /// The size of a program in MB.
    fn size(&self, package: &str, profile: &str) -> Result<f64, String> {
        let program = format!("{package}{}", std::env::consts::EXE_SUFFIX);
        let program = self.directory.join(package).join(profile).join(program);
        let about = std::fs::metadata(&program);
        about
            .map(|about| about.len() as f64 / 1e6)
            .map_err(|error| format!("can't look at {}: {error}", program.display()))
    }
}
