//! The compiler on the generated crate, beside the compiler on the other Rust crate.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use crate::Options;
use crate::budget::{Budget, budgets};
use crate::child::{Usage, measure, quietly, said};
use crate::spread::{Spread, table};

pub(super) const OURS: &str = "polar-client";
const PEER: &str = "polar-api";

/// What the compiler is to do with one package.
struct Build {
    name: &'static str,
    /// What it stands beside: a build of the peer.
    beside: &'static str,
    package: &'static str,
    /// Subcommand of cargo, and its options.
    words: Vec<&'static str>,
    usage: Vec<Usage>,
}

const CHECK: &str = "check, every resource";
const BUILD: &str = "build, every resource";
const ONE: &str = "build, `products` alone";

/// What each side is measured with, the peer's builds first.
fn builds() -> Vec<Build> {
    const ALL: [&str; 3] = ["--no-default-features", "--features", "all"];
    let peer = |name, words| Build { name, beside: "", package: PEER, words, usage: Vec::new() };
    let ours = |name, beside, words| Build { name, beside, package: OURS, words, usage: Vec::new() };
    let only = |command, feature| vec![command, "--no-default-features", "--features", feature];
    let (check, build, release) = ("check", "build", "release build");
    vec![
        peer(check, vec!["check"]),
        peer(build, vec!["build"]),
        peer(release, vec!["build", "--release"]),
        ours(CHECK, check, only("check", "all")),
        ours(BUILD, build, only("build", "all")),
        ours("build, default features", build, vec!["build"]),
        ours(ONE, build, only("build", "products")),
        ours("build, `webhooks` alone", build, only("build", "webhooks")),
        ours("release build, every resource", release, [&["build", "--release"][..], &ALL].concat()),
    ]
}

pub(crate) fn run(options: &Options) -> Result<String, String> {
    let rounds = options.rounds(3);
    let mut builds = builds();
    for build in &builds {
        quietly(&mut build.command(options))?;
    }
    for _ in 0..rounds {
        for build in &mut builds {
            clean(options, build.package)?;
            let usage = measure(&build.command(options))?;
            build.usage.push(usage);
        }
    }
    let mut text = options.heading("compile", rounds, &[PEER, "polar-sh"]);
    let head = [
        "polar-client alone",
        "wall, s",
        "user, s",
        "peak of rustc, MB",
        "beside polar-api",
        "wall, s",
        "peak, MB",
        "time to theirs",
    ];
    let rows: Vec<_> = builds.iter().filter_map(|build| Some(row(build, peer_of(build, &builds)?))).collect();
    // Writing to a String does not fail.
    let _ = write!(text, "\n{}", table(head, &rows));
    let _ = write!(text, "\n{}", program(options, rounds)?);
    let _ = write!(text, "\n{}", from_nothing(options)?);
    let _ = write!(text, "\n{}", budgets(&limits(&builds)));
    Ok(text)
}

impl Build {
    fn command(&self, options: &Options) -> Command {
        let mut cargo = compiler(options, self.package);
        cargo.args(&self.words).args(["--package", self.package]);
        cargo
    }

    fn figures(&self, figure: impl Fn(&Usage) -> f64) -> Vec<f64> {
        self.usage.iter().map(figure).collect()
    }

    fn spread(&self, figure: impl Fn(&Usage) -> f64) -> Spread {
        Spread::of(self.figures(figure))
    }

    /// Wall time beside that of another build, round by round.
    fn beside(&self, peer: &Self) -> Spread {
        Spread::of_ratios(&self.figures(|one| one.wall), &peer.figures(|one| one.wall))
    }
}

/// Cargo as it would build a dependency of somebody's program: without its warnings, with all of its debug information,
/// and nothing kept from one build for the next.
pub(super) fn compiler(options: &Options, package: &str) -> Command {
    // Features can be chosen for members of a workspace only.
    let workspace = if package == OURS { options.root.clone() } else { options.bench() };
    let mut cargo = options.cargo(&workspace);
    cargo.env("CARGO_INCREMENTAL", "0").env("CARGO_PROFILE_DEV_DEBUG", "2");
    // Our own profile for release is about the speed of xtask.
    cargo.env("CARGO_PROFILE_RELEASE_LTO", "false").env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    cargo.env("RUSTFLAGS", "--cap-lints allow").env("CARGO_TARGET_DIR", options.target.join("compile"));
    cargo.env_remove("CARGO_MANIFEST_DIR").env("CARGO_TERM_QUIET", "true");
    cargo
}

/// Forgets what was built of one package, in both profiles.
pub(super) fn clean(options: &Options, package: &str) -> Result<(), String> {
    ["dev", "release"].iter().try_for_each(|profile| {
        quietly(compiler(options, package).args(["clean", "--profile", profile, "--package", package]))
    })
}

fn peer_of<'a>(build: &Build, all: &'a [Build]) -> Option<&'a Build> {
    all.iter().find(|peer| peer.package == PEER && peer.name == build.beside)
}

fn row(build: &Build, peer: &Build) -> [String; 8] {
    [
        build.name.to_owned(),
        build.spread(|one| one.wall).show(2, ""),
        build.spread(|one| one.user).show(2, ""),
        build.spread(|one| one.peak / 1e6).show(0, ""),
        peer.name.to_owned(),
        peer.spread(|one| one.wall).show(2, ""),
        peer.spread(|one| one.peak / 1e6).show(0, ""),
        build.beside(peer).show(3, "×"),
    ]
}

fn limits(builds: &[Build]) -> Vec<Budget> {
    let find = |name: &str| builds.iter().find(|build| build.package == OURS && build.name == name);
    let beside = |name: &str, limit: f64| {
        let build = find(name)?;
        let ratio = build.beside(peer_of(build, builds)?).median;
        Some(Budget::at_most(format!("{name}: time beside polar-api"), limit, ratio, "×").digits(3))
    };
    let peak = find(BUILD).map(|build| {
        Budget::at_most(format!("{BUILD}: peak of rustc"), 500.0, build.spread(|one| one.peak / 1e6).median, " MB")
            .digits(0)
    });
    [beside(CHECK, 0.25), beside(BUILD, 0.25), peak, beside(ONE, 1.0 / 15.0)].into_iter().flatten().collect()
}

/// A program that lists products, with all that it uses built before: what a crate leaves for its users to compile.
fn program(options: &Options, rounds: usize) -> Result<String, String> {
    const PROGRAMS: [(&str, &str); 3] =
        [("size-ours", OURS), ("size-polar-sh", "polar-sh"), ("size-bare", "bare reqwest")];
    let command = |package: &str| {
        let mut cargo = compiler(options, package);
        cargo.args(["build", "--package", package]);
        cargo
    };
    let mut walls = vec![Vec::new(); PROGRAMS.len()];
    for round in 0..=rounds {
        for ((package, _), walls) in PROGRAMS.iter().zip(&mut walls) {
            clean(options, package)?;
            let usage = measure(&command(package))?;
            // The first time the dependencies are built as well.
            if round > 0 {
                walls.push(usage.wall);
            }
        }
    }
    let rows: Vec<_> = PROGRAMS
        .iter()
        .zip(&walls)
        .map(|((_, name), theirs)| {
            let ratio = Spread::of_ratios(&walls[0], theirs).show(2, "×");
            [(*name).to_owned(), Spread::of(theirs.iter().copied()).show(2, ""), ratio]
        })
        .collect();
    Ok(table(["a program that lists products, build of it alone, with", "wall, s", "time of ours to it"], &rows))
}

/// Everything from an empty directory, once: it takes long, and most of it is not ours.
fn from_nothing(options: &Options) -> Result<String, String> {
    const WHOLE: [(&str, &str, &[&str]); 3] = [
        ("polar-client, default features", OURS, &[]),
        ("polar-client, `products` and `rustls`", OURS, &["--no-default-features", "--features", "products,rustls"]),
        ("polar-sh, default features", "polar-sh", &[]),
    ];
    let empty = options.target.join("nothing");
    let mut rows = Vec::new();
    for (name, package, features) in WHOLE {
        let mut tree = compiler(options, package);
        tree.args(["tree", "--edges", "normal", "--prefix", "none", "--no-dedupe", "--package", package])
            .args(features);
        let tree = said(&mut tree)?;
        // The package itself is no dependency of its own.
        let packages = tree.lines().map(|line| line.trim_end_matches(" (*)")).collect::<BTreeSet<_>>().len() - 1;
        remove(&empty)?;
        let mut build = compiler(options, package);
        build.args(["build", "--package", package]).args(features).env("CARGO_TARGET_DIR", &empty);
        let usage = measure(&build)?;
        rows.push([name.to_owned(), packages.to_string(), format!("{:.1}", usage.wall), format!("{:.1}", usage.user)]);
    }
    remove(&empty)?;
    Ok(table(["all of it from nothing, one round", "packages it depends on", "wall, s", "user, s"], &rows))
}

fn remove(directory: &Path) -> Result<(), String> {
    match std::fs::remove_dir_all(directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("can't remove {}: {error}", directory.display()))
        }
        _ => Ok(()),
    }
}
