//! Stripped programs that do the same with different crates.

use std::fmt::Write as _;

use crate::Options;
use crate::budget::{Budget, budgets};
use crate::child::quietly;
use crate::spread::table;

/// The profile of bench/Cargo.toml that strips, and the name of its directory.
const PROFILE: &str = "stripped";

/// A program, what it is, and the program that it stands beside.
const PROGRAMS: [(&str, &str, &str); 6] = [
    ("size-ours", "lists products: polar-client, `products` and `rustls`", "size-bare"),
    ("size-polar-sh", "lists products: polar-sh", "size-bare"),
    ("size-polar-api", "lists products: reqwest with rustls, and the types of polar-api", "size-bare"),
    ("size-bare", "lists products: reqwest with rustls, and a struct", "size-bare"),
    ("size-webhooks", "verifies and decodes a webhook: polar-client, `webhooks`", "size-webhooks-bare"),
    ("size-webhooks-bare", "verifies a webhook: standardwebhooks, and `Value`", "size-webhooks-bare"),
];

pub(crate) fn run(options: &Options) -> Result<String, String> {
    let mut sizes = Vec::new();
    for (package, ..) in PROGRAMS {
        sizes.push(size(options, package)?);
    }
    let of = |name: &str| PROGRAMS.iter().position(|(package, ..)| *package == name).map_or(f64::NAN, |at| sizes[at]);
    let rows: Vec<_> = PROGRAMS
        .iter()
        .zip(&sizes)
        .map(|((_, name, beside), size)| {
            let beside = of(beside);
            [
                (*name).to_owned(),
                format!("{size:.0}"),
                format!("{:+.0}", size - beside),
                format!("{:.2}×", size / beside),
            ]
        })
        .collect();
    let mut text = options.heading("size", 1, &["reqwest", "polar-api", "polar-sh", "standardwebhooks", "serde_json"]);
    let head = ["program", "bytes", "beside the bare one", "ratio"];
    let more = (of("size-ours") - of("size-bare")) / 1e3;
    let limits = [Budget::at_most("listing products, over bare reqwest", 300.0, more, " KB").digits(0)];
    // Writing to a String does not fail.
    let _ = write!(text, "\n{}\n{}", table(head, &rows), budgets(&limits));
    Ok(text)
}

/// Builds one program by itself, so that features of others do not get into it.
fn size(options: &Options, package: &str) -> Result<f64, String> {
    let mut cargo = options.cargo(&options.bench());
    cargo.args(["build", "--quiet", "--profile", PROFILE, "--package", package, "--target-dir"]).arg(&options.target);
    quietly(&mut cargo)?;
    let program = options.target.join(PROFILE).join(format!("{package}{}", std::env::consts::EXE_SUFFIX));
    let about = std::fs::metadata(&program);
    about.map(|about| about.len() as f64).map_err(|error| format!("can't look at {}: {error}", program.display()))
}
