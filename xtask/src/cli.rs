//! Commands and their options.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Commands of the project.
///
/// Exit codes: 0 done, 1 something is wrong with the input or the output, 2 wrong usage.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write the client crate from the OpenAPI document.
    ///
    /// Files that this command did not write are never touched: `generated-files.txt` in the crate lists what it owns.
    Regenerate(Regenerate),
    /// Say what the document uses, and what became of it in the crate.
    Coverage(Coverage),
    /// List the public names with the places in the document that they stand for.
    Names(Input),
    /// Check the descriptions in spec/docs.
    ///
    /// Lists what has no description, descriptions of what the document does not have, texts that only repeat a name,
    /// texts that many entries share, and texts that repeat twelve words of the official documents.
    Docs(Docs),
    /// Say which scopes a token needs at least to call these operations, and which kinds of tokens can.
    Scopes(Scopes),
    /// Check that the crate compiles, without a warning, with each of its features alone, with none and with all.
    Features(Features),
    /// Call all operations against Prism, a mock server that validates requests by the document. Needs node.
    Conformance(Judge),
    /// Read and write instances of all schemas, made and judged by others. Needs node.
    Instances(Judge),
    /// Compare what the official clients send with what ours does. Needs node and python.
    Official(Judge),
    /// Play recordings of the real server to the client. Needs ../shared/recordings and ../shared/cases.
    Recordings(Judge),
    /// Look for inputs that break a reader. Needs the nightly toolchain and cargo-fuzz.
    Fuzz(Fuzz),
    /// Measure the crate and the generator beside others, and write docs/benchmarks.md. Takes about a quarter of an hour.
    ///
    /// Figures mean something only where nothing else runs meanwhile.
    Bench(Bench),
    /// Count instructions, of which there are as many on a busy machine. Needs valgrind.
    ///
    /// Writes what it counted into bench/instructions.toml.
    Instructions(Instructions),
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Bench {
    /// Only these sections [default: each].
    #[arg(value_name = "SECTION", value_enum)]
    pub(crate) only: Vec<Section>,
    /// How often each figure is taken [default: what each section thinks right].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rounds: Option<u32>,
    /// The official document to generate from; without the file that part is skipped.
    #[arg(long, value_name = "FILE", default_value = "../shared/official/polar-2026-04-16.openapi.json")]
    pub(crate) official: PathBuf,
    /// Also measure the generators of others, which are installed below the target directory.
    #[arg(long)]
    pub(crate) peers: bool,
    /// Write nothing into the page.
    #[arg(long)]
    pub(crate) print: bool,
}

/// A section of docs/benchmarks.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Section {
    /// The generator as a whole process.
    Generate,
    /// The compiler on the generated crate.
    Compile,
    /// Reading and writing JSON.
    Decode,
    /// One call over loopback.
    Call,
    /// Stripped programs.
    Size,
    /// Long lists.
    Stream,
}

#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Instructions {
    /// Write nothing; fail if anything takes clearly more than the file says.
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Fuzz {
    /// Only these targets [default: each].
    #[arg(value_name = "TARGET")]
    pub(crate) only: Vec<String>,
    /// How long each target runs.
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub(crate) seconds: u64,
}

/// Options of the commands that write a part of docs/fidelity.md.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Judge {
    /// Write nothing; fail if the page would change.
    #[arg(long)]
    pub(crate) check: bool,
}

/// What is read.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Input {
    /// The OpenAPI document, 3.0 or 3.1, YAML or JSON [default: the one in spec/].
    #[arg(long, value_name = "FILE")]
    pub(crate) spec: Option<PathBuf>,
    /// Corrections to the document [default: overlay.yaml beside the document, if there is one].
    #[arg(long, value_name = "FILE")]
    pub(crate) overlay: Option<PathBuf>,
    /// Descriptions of the API: all YAML files of this folder [default: spec/docs for the document in spec/].
    #[arg(long, value_name = "DIR")]
    pub(crate) docs: Option<PathBuf>,
}

/// Options of `docs`.
#[derive(Args, Clone, Debug)]
pub(crate) struct Docs {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Texts that ours must not repeat: the official documents. Skipped if the folder is missing.
    #[arg(long, value_name = "DIR", default_value = "../shared/official")]
    pub(crate) official: PathBuf,
}

#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Regenerate {
    #[command(flatten)]
    pub(crate) input: Input,
    /// The crate's directory [default: generated/]. Elsewhere the command also writes a Cargo.toml.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Write nothing; fail if anything would change.
    #[arg(long)]
    pub(crate) check: bool,
    /// Print figures in this form, in place of the summary.
    #[arg(long, value_name = "FORMAT", conflicts_with = "check")]
    pub(crate) stats: Option<Stats>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Features {
    /// Only these features [default: each].
    #[arg(value_name = "FEATURE")]
    pub(crate) only: Vec<String>,
}

#[derive(Args, Clone, Debug)]
#[command(arg_required_else_help = true)]
pub(crate) struct Scopes {
    /// Ids of operations, as in `products:list`.
    #[arg(value_name = "OPERATION", required = true)]
    pub(crate) operations: Vec<String>,
    #[command(flatten)]
    pub(crate) input: Input,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Coverage {
    #[command(flatten)]
    pub(crate) input: Input,
    /// How to print it.
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
    /// For reading.
    Table,
    /// One JSON object.
    Json,
}
