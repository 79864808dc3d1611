//! Commands and options.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use polar_codegen::repository::{DOCS, DOCUMENT};

use crate::generation::CRATE_DIRECTORY;
use crate::maintain::options as maintain;

/// Exit codes, shown below the help of every command.
const EXIT_CODES: &str = "\
Exit codes:
  0  Success
  1  An error or a failed check; the message says what to do next
  2  Invalid command line";

/// The same for a command that needs programs that are not part of the Rust toolchain.
const EXIT_CODES_OR_SKIPPED: &str = "\
Exit codes:
  0  Success, or skipped because a program or the network is missing: the output then begins with `skipped:`
  1  An error or a failed check; the message says what to do next
  2  Invalid command line";

/// Generates, checks and measures the Polar client.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, arg_required_else_help = true)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Generate the client crate from an OpenAPI document.
    ///
    /// Writes the sources, the resource features of Cargo.toml, names.lock and the table of features in README.md.
    ///
    /// Files that this command did not write never change: generated-files.txt in the crate lists those that it wrote.
    #[command(after_help = EXIT_CODES)]
    Regenerate(Regenerate),
    /// Take an official OpenAPI document into spec/.
    ///
    /// Keeps structure, types, formats, bounds, values and scopes. Drops prose, samples and schemas that nothing uses.
    #[command(after_help = EXIT_CODES)]
    Import(maintain::Import),
    /// Compare two versions of the API.
    ///
    /// Lists each change with its class and the release of the crate that it needs.
    #[command(after_help = EXIT_CODES)]
    Diff(maintain::Diff),
    /// Take a new version of the API, and report what to decide.
    ///
    /// Imports the document, generates the crate in memory, and lists the actions of the overlay that no longer fit, new
    /// and lost names, missing descriptions, the release and the changelog entry that the changes need, and what to do
    /// next. Writes the imported document only.
    #[command(after_help = EXIT_CODES)]
    Update(maintain::Update),
    /// Check that a release is ready, or set the version.
    ///
    /// Looks at versions, dependencies, package files, CHANGELOG.md, the version policy and new public names.
    #[command(after_help = EXIT_CODES)]
    Release(maintain::Release),
    /// Report which parts of the document became code, and how.
    #[command(after_help = EXIT_CODES)]
    Coverage(Coverage),
    /// List every public name of the crate with its place in the document.
    #[command(after_help = EXIT_CODES)]
    Names(Names),
    /// Check the descriptions in spec/docs.
    ///
    /// Lists what has no description, descriptions of what the document does not have, texts that only repeat a name,
    /// texts that many entries share, and texts that repeat twelve words of the official documents.
    #[command(after_help = EXIT_CODES)]
    Docs(Docs),
    /// Print the smallest set of scopes that operations need, and the kinds of tokens that can call them.
    #[command(after_help = EXIT_CODES)]
    Scopes(Scopes),
    /// Check that the crate compiles without warnings for each set of its features.
    ///
    /// Without FEATURE: with no feature, with all features, with each feature alone, and each version of the API with all
    /// and with some resources.
    #[command(after_help = EXIT_CODES)]
    Features(Features),
    /// Verify the crate with independent tools.
    ///
    /// Each command writes its section of docs/fidelity.md. The tools are installed in tests/conformance.
    #[command(subcommand, after_help = EXIT_CODES_OR_SKIPPED)]
    Verify(Verify),
    /// Search for inputs that crash a parser. Needs the nightly toolchain and cargo-fuzz.
    ///
    /// Writes its section of docs/fidelity.md if every target ran. New inputs are kept below the target directory.
    #[command(after_help = EXIT_CODES_OR_SKIPPED)]
    Fuzz(Fuzz),
    /// Measure the crate and the generator.
    #[command(subcommand, after_help = EXIT_CODES_OR_SKIPPED)]
    Perf(Perf),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verify {
    /// Call every operation against Prism, a mock server that validates requests. Needs node and npm.
    #[command(after_help = EXIT_CODES_OR_SKIPPED)]
    Conformance(Validation),
    /// Decode and encode generated instances of every schema, and validate the result with ajv. Needs node and npm.
    #[command(after_help = EXIT_CODES_OR_SKIPPED)]
    Instances(Validation),
    /// Compare the requests of the official clients with those of this crate. Needs node, npm and python.
    #[command(after_help = EXIT_CODES_OR_SKIPPED)]
    Official(Validation),
    /// Replay recordings of the real server and payloads of public reports. Needs --recordings and --cases.
    #[command(after_help = EXIT_CODES_OR_SKIPPED)]
    Recordings(Recordings),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Perf {
    /// Measure time, memory and size next to other clients and generators. Takes about 15 minutes.
    ///
    /// Writes the tables of docs/benchmarks.md. Run it while nothing else uses the machine: the figures are times.
    #[command(after_help = EXIT_CODES)]
    Bench(Bench),
    /// Count the instructions that decoding and generating take. Needs valgrind.
    ///
    /// Writes bench/instructions.toml. The counts hardly depend on what else the machine does.
    #[command(after_help = EXIT_CODES_OR_SKIPPED)]
    Instructions(Instructions),
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Bench {
    /// Sections to measure [default: all sections].
    #[arg(value_name = "SECTION", value_enum)]
    pub(crate) only: Vec<Section>,
    /// Number of measurements of each figure [default: chosen by the section].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rounds: Option<u32>,
    /// Second OpenAPI document to generate from, in the section `generate` [default: none].
    #[arg(long, value_name = "FILE")]
    pub(crate) official: Option<PathBuf>,
    /// Measure other generators too, in the section `generate`; they are installed in the target directory.
    #[arg(long)]
    pub(crate) peers: bool,
    /// Print the tables only; do not change docs/benchmarks.md.
    #[arg(long)]
    pub(crate) print: bool,
}

/// A section of docs/benchmarks.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Section {
    /// Time and memory of generating the crate.
    Generate,
    /// Time and memory of compiling the crate.
    Compile,
    /// Time of compiling the crate with several versions of the API.
    Versions,
    /// Time and allocations of decoding and encoding JSON.
    Decode,
    /// CPU time and latency of a call over loopback.
    Call,
    /// Size of stripped programs.
    Size,
    /// Memory and time of iterating over long lists.
    Stream,
}

#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Instructions {
    /// Write nothing; fail if a count is higher than bench/instructions.toml allows.
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Fuzz {
    /// Targets to run [default: all targets].
    #[arg(value_name = "TARGET")]
    pub(crate) only: Vec<String>,
    /// Seconds to run each target.
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub(crate) seconds: u64,
}

/// Options of the commands that write a section of docs/fidelity.md.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Validation {
    /// Write nothing; fail if docs/fidelity.md would change.
    #[arg(long)]
    pub(crate) check: bool,
}

/// Options of `verify recordings`.
#[derive(Args, Clone, Debug)]
pub(crate) struct Recordings {
    #[command(flatten)]
    pub(crate) validation: Validation,
    /// Recorded requests, responses and webhooks [default: none, the command is skipped].
    #[arg(long, value_name = "DIR")]
    pub(crate) recordings: Option<PathBuf>,
    /// Payloads with the expected results [default: none, the command is skipped].
    #[arg(long, value_name = "DIR")]
    pub(crate) cases: Option<PathBuf>,
}

/// Files to read.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Input {
    #[arg(
        long,
        value_name = "FILE",
        help = format!("OpenAPI document, 3.0 or 3.1, YAML or JSON [default: {DOCUMENT} in the repository]")
    )]
    pub(crate) spec: Option<PathBuf>,
    /// Corrections to the document [default: overlay.yaml next to the document, if it exists].
    #[arg(long, value_name = "FILE")]
    pub(crate) overlay: Option<PathBuf>,
    #[arg(
        long,
        value_name = "DIR",
        help = format!("Descriptions of the API: the YAML files of a directory [default: {DOCS}, for {DOCUMENT} only]")
    )]
    pub(crate) docs: Option<PathBuf>,
}

/// Options of `docs`.
#[derive(Args, Clone, Debug)]
pub(crate) struct Docs {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Official documents, whose texts the descriptions must not repeat [default: none, the comparison is skipped].
    #[arg(long, value_name = "DIR")]
    pub(crate) official: Option<PathBuf>,
}

#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Regenerate {
    #[command(flatten)]
    pub(crate) input: Input,
    #[arg(
        long,
        value_name = "DIR",
        help = format!("Directory of the crate [default: {CRATE_DIRECTORY}/ in the repository]"),
        long_help = format!(
            "Directory of the crate [default: {CRATE_DIRECTORY}/ in the repository]\n\n\
             In any other directory the command also writes a Cargo.toml, and does not change names.lock and README.md."
        )
    )]
    pub(crate) out: Option<PathBuf>,
    /// Write nothing; fail if a file would change.
    #[arg(long)]
    pub(crate) check: bool,
    /// Take the names out of names.lock whose places the document no longer has.
    #[arg(long)]
    pub(crate) drop_names: bool,
    /// Print figures in this format instead of the summary [default: print the summary].
    #[arg(long, value_name = "FORMAT", conflicts_with = "check")]
    pub(crate) stats: Option<Stats>,
}

/// Options of `names`.
#[derive(Args, Clone, Debug)]
pub(crate) struct Names {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Approve all new names: take the mark `new` out of names.lock. Review them first.
    #[arg(long)]
    pub(crate) approve: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Features {
    /// Features to check, each alone [default: all features].
    #[arg(value_name = "FEATURE")]
    pub(crate) only: Vec<String>,
}

#[derive(Args, Clone, Debug)]
#[command(arg_required_else_help = true)]
pub(crate) struct Scopes {
    /// Operation IDs, for example `products:list`.
    #[arg(value_name = "OPERATION", required = true)]
    pub(crate) operations: Vec<String>,
    #[command(flatten)]
    pub(crate) input: Input,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Coverage {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Output format.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Stats {
    /// One JSON object.
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table for people.
    Table,
    /// One JSON object.
    Json,
}

#[cfg(test)]
mod tests {
    use clap::{Arg, ArgAction, Command, CommandFactory as _};

    use super::Cli;

    /// The command and everything below it, each with its full name.
    fn all(name: &str, command: &Command) -> Vec<(String, Command)> {
        let below = command.get_subcommands().filter(|one| one.get_name() != "help");
        let below = below.flat_map(|one| all(&format!("{name} {}", one.get_name()), one));
        [(name.to_owned(), command.clone())].into_iter().chain(below).collect()
    }

    fn help(argument: &Arg) -> String {
        argument.get_help().map(ToString::to_string).unwrap_or_default()
    }

    #[test]
    fn every_command_explains_itself_and_its_exit_codes() {
        for (name, command) in all("xtask", &Cli::command()) {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            assert!(about.len() > 20, "{name}: {about:?}");
            let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(after.starts_with("Exit codes:\n  0  "), "{name}: {after:?}");
        }
    }

    #[test]
    fn every_option_has_help_and_shows_its_default() {
        for (name, command) in all("xtask", &Cli::command()) {
            for argument in command.get_arguments().filter(|one| !["help", "version"].contains(&one.get_id().as_str()))
            {
                let (id, help) = (argument.get_id(), help(argument));
                assert!(help.len() > 10, "{name} {id}: {help:?}");
                let takes_value = matches!(argument.get_action(), ArgAction::Set | ArgAction::Append);
                let shows_default = help.contains("[default: ") || !argument.get_default_values().is_empty();
                assert!(!takes_value || argument.is_required_set() || shows_default, "{name} {id}: {help:?}");
            }
        }
    }

    #[test]
    fn defaults_stay_inside_the_repository() {
        for (name, command) in all("xtask", &Cli::command()) {
            for argument in command.get_arguments() {
                let defaults = argument.get_default_values().iter().map(|value| value.to_string_lossy().into_owned());
                for text in defaults.chain([help(argument)]) {
                    let leads_out = ["../", "~", "default: /", "beside the repository", "shared/"]
                        .iter()
                        .any(|start| text.contains(start));
                    assert!(!leads_out && !text.starts_with('/'), "{name} {}: {text:?}", argument.get_id());
                }
            }
        }
    }
}
