//! `bench-instructions PAGE CODEC TIMES`: decodes a page so many times. `cargo xtask perf instructions` runs it under
//! valgrind.

use std::hint::black_box;
use std::process::ExitCode;

use bench_pages::{Kind, page, webhooks};
use polar_client::models::{EventPage, ListResourceProduct, ListResourceSubscription};
use polar_client::runtime::codec::decode;
use polar_client::webhooks::WebhookPayload;
use serde_json::Value;

/// Reads a text into what a program would use, and drops it.
type Decode = fn(&str) -> Result<(), String>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(), String> {
    let [page, codec, times] = arguments else { return Err("say PAGE CODEC TIMES".to_owned()) };
    let times: usize = times.parse().map_err(|error| format!("TIMES: {error}"))?;
    let texts = texts(page)?;
    let decode = match codec.as_str() {
        "ours" => ours(page)?,
        "value" => value,
        other => return Err(format!("no codec `{other}`: say ours or value")),
    };
    for _ in 0..times {
        texts.iter().try_for_each(|text| decode(black_box(text)))?;
    }
    Ok(())
}

fn texts(name: &str) -> Result<Vec<String>, String> {
    if name == "webhooks" {
        return Ok(webhooks());
    }
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| format!("no page `{name}`"))?;
    Ok(vec![page(kind, 100, 100)])
}

fn ours(name: &str) -> Result<Decode, String> {
    Ok(match name {
        "subscriptions" => |text| decode::<ListResourceSubscription>(text.as_bytes()).map(drop_value).map_err(say),
        "events" => |text| decode::<EventPage>(text.as_bytes()).map(drop_value).map_err(say),
        "products" => |text| decode::<ListResourceProduct>(text.as_bytes()).map(drop_value).map_err(say),
        "webhooks" => |text| decode::<WebhookPayload>(text.as_bytes()).map(drop_value).map_err(say),
        other => return Err(format!("no page `{other}`")),
    })
}

fn value(text: &str) -> Result<(), String> {
    serde_json::from_slice::<Value>(text.as_bytes()).map(drop_value).map_err(say)
}

fn drop_value<T>(value: T) {
    drop(black_box(value));
}

fn say(error: impl std::fmt::Display) -> String {
    error.to_string()
}
