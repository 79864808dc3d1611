//! Limits of the generated crate: figures that make compilers and programs slow, and can be measured without a clock.
//!
//! A limit has a few percent of room, or a word if that is more. If something grew on purpose, write the figure in the
//! failure, plus a few percent, into the list, and say in the commit what it is good for.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use polar_client::Polar;
use polar_client::models::{
    Benefit, Checkout, Customer, CustomerState, Discount, Event, EventPage, ListResourceProduct,
    ListResourceSubscription, Order, Organization, Product, ProductPrice, Subscription,
};
use polar_client::webhooks::WebhookPayload;

/// A figure and its limit.
struct Ceiling {
    what: &'static str,
    figure: usize,
    most: usize,
}

/// Fails with every figure that is above its limit.
fn hold(ceilings: &[Ceiling]) {
    let over: Vec<_> = ceilings.iter().filter(|ceiling| ceiling.figure > ceiling.most).collect();
    let lines: String =
        over.iter().map(|over| format!("  {}: {}, at most {}\n", over.what, over.figure, over.most)).collect();
    assert!(
        over.is_empty(),
        "larger than allowed:\n{lines}make it smaller, or raise the ceiling in tests/tests/ceilings.rs to the figure and \
         a few percent, and say in the commit what it buys"
    );
}

/// The Rust files below a directory.
fn sources(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let below = entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] });
    below.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// The code that a compiler reads whether or not a program needs it.
#[test]
fn the_generated_sources_stay_small() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../generated/src");
    let is_version = |file: &&PathBuf| {
        let first = file.strip_prefix(&root).unwrap().iter().next().unwrap().to_str().unwrap();
        first.starts_with("v2") && !first.ends_with(".rs")
    };
    let (versions, files): (Vec<_>, Vec<_>) = sources(&root).into_iter().partition(|file| is_version(&file));
    let lines = |files: &[PathBuf], is_counted: fn(&str) -> bool| {
        let texts = files.iter().map(|file| fs::read_to_string(file).unwrap());
        texts.map(|text| text.lines().filter(|line| is_counted(line.trim_start())).count()).sum()
    };
    let count = |is_counted: fn(&str) -> bool| lines(&files, is_counted);
    hold(&[
        // Descriptions are comments: the compiler skips them.
        Ceiling { what: "lines without comments", figure: count(|line| !line.starts_with("//")), most: 52_000 },
        Ceiling { what: "impl blocks", figure: count(|line| line.starts_with("impl")), most: 840 },
        Ceiling {
            what: "lines without comments of the other versions",
            figure: lines(&versions, |line| !line.starts_with("//")),
            most: 12_000,
        },
        Ceiling { what: "conditions", figure: count(|line| line.starts_with("#[cfg(")), most: 1_770 },
    ]);
}

/// The crates that a build from nothing compiles.
#[test]
fn few_crates_are_built_from_nothing() {
    let crates = |features: &[&str]| {
        let tree = ["tree", "--locked", "--package", "polar-client", "--target", "x86_64-unknown-linux-gnu"];
        let output = Command::new(env!("CARGO"))
            .args(tree)
            .args(["--edges", "normal,build", "--prefix", "none", "--format", "{p}"])
            .args(features)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let names = String::from_utf8(output.stdout).unwrap();
        names.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    let default = crates(&[]);
    for costly in ["h2", "rsa", "serde_derive", "sha2"] {
        assert!(!default.contains(costly), "{costly} is among the default features: {default:?}");
    }
    let without_tls = crates(&["--no-default-features", "--features", "reqwest,webhooks,oauth2"]);
    hold(&[
        Ceiling { what: "crates with default features", figure: default.len(), most: 104 },
        Ceiling { what: "crates without TLS", figure: without_tls.len(), most: 90 },
    ]);
}

/// The crate compiles the code that reads and writes once. A function that is generic or `#[inline]` is compiled in
/// each program that calls it.
#[test]
fn readers_and_writers_are_compiled_with_the_crate() {
    let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../generated/src"));
    let mut readers = 0;
    let mut wrong = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let is_codec = file.ends_with("codec.rs");
        for pair in text.lines().map(str::trim).collect::<Vec<_>>().windows(2) {
            let is_reader = pair[1].starts_with("fn read(") || pair[1].starts_with("fn decode(");
            readers += usize::from(is_reader);
            if pair[0] == "#[inline]" && (is_reader || is_codec) || is_codec && pair[1].starts_with("impl<") {
                wrong.push(format!("{}: {}", file.display(), pair[1]));
            }
        }
    }
    assert!(readers > 150, "{readers}");
    assert!(wrong.is_empty(), "compiled in each program:\n{}", wrong.join("\n"));
}

/// The sizes of values that are moved and lie on the stack.
#[test]
fn models_stay_small() {
    let size = |what, figure, most| Ceiling { what, figure, most };
    hold(&[
        size("Subscription", size_of::<Subscription>(), 1664),
        size("Order", size_of::<Order>(), 2096),
        size("Customer", size_of::<Customer>(), 96),
        size("CustomerState", size_of::<CustomerState>(), 96),
        size("Organization", size_of::<Organization>(), 640),
        size("Product", size_of::<Product>(), 400),
        size("ProductPrice", size_of::<ProductPrice>(), 96),
        size("Checkout", size_of::<Checkout>(), 1864),
        size("Benefit", size_of::<Benefit>(), 96),
        size("Discount", size_of::<Discount>(), 96),
        size("Event", size_of::<Event>(), 96),
        size("EventPage", size_of::<EventPage>(), 96),
        size("ListResourceProduct", size_of::<ListResourceProduct>(), 64),
        size("ListResourceSubscription", size_of::<ListResourceSubscription>(), 64),
        size("WebhookPayload", size_of::<WebhookPayload>(), 96),
    ]);
}

/// The sizes of a program's futures while they wait for a call.
#[test]
fn futures_of_calls_stay_small() {
    let polar = Polar::builder().access_token("polar_oat_of_nobody").build().unwrap();
    let request = polar.products().list();
    let size = |what, figure, most| Ceiling { what, figure, most };
    hold(&[
        size("a request", size_of_val(&request), 8),
        size("the future of a request", size_of_val(&request.clone().into_future()), 40),
        size("the stream of its items", size_of_val(&request.clone().items()), 304),
        size("the client", size_of_val(&polar), 16),
        size("a function that awaits a request", size_of_val(&async { request.await.map(drop) }), 56),
    ]);
}
