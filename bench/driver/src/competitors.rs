//! The competitors: the ways to read and write the pages.

use std::hint::black_box;

use bench_pages::{Kind, page, plain, webhooks};
use polar_client::models::{EventPage, ListResourceProduct, ListResourceSubscription};
use polar_client::runtime::codec::{self, Field};
use polar_client::webhooks::WebhookPayload;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::baseline;

/// How many items a page has.
const ITEMS: usize = 100;

/// The name of the side that the others stand beside.
pub(crate) const OURS: &str = "ours";

/// The types of the other Rust crate.
pub(crate) const PEER: &str = "polar-api";

/// Any JSON.
pub(crate) const VALUE: &str = "serde_json::Value";

/// What is read and written.
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) bytes: usize,
    pub(crate) competitors: Vec<Competitor>,
    /// Who can't read it, and why.
    pub(crate) failed: Vec<(&'static str, String)>,
}

/// Reads and writes one subject in one way.
pub(crate) struct Competitor {
    pub(crate) name: &'static str,
    /// Reads and drops it.
    pub(crate) decode: Box<dyn Fn()>,
    /// Writes what was read. Not there where what is written lacks what the others write.
    pub(crate) encode: Option<Box<dyn Fn()>>,
}

/// All subjects, each read once by all who can.
pub(crate) fn subjects() -> Vec<Subject> {
    let text = |kind| page(kind, ITEMS, ITEMS);
    let events = webhooks();
    vec![
        subscriptions("subscriptions", text(Kind::Subscriptions)),
        subscriptions("plain subscriptions", plain(&text(Kind::Subscriptions))),
        products("products", text(Kind::Products)),
        products("plain products", plain(&text(Kind::Products))),
        Subject::of_page("events", text(Kind::Events), |subject, texts| {
            subject.add_ours::<EventPage>(texts);
            subject.add(PEER, texts, parse::<polar_api::types::ListResourceEvent>);
        }),
        Subject::of(format!("{} webhook events", events.len()), &events, |subject, texts| {
            subject.add_ours::<WebhookPayload>(texts);
            subject.add(PEER, texts, parse::<polar_api::types::WebhookPayload>);
        }),
    ]
}

fn subscriptions(name: &str, text: String) -> Subject {
    Subject::of_page(name, text, |subject, texts| {
        subject.add_ours::<ListResourceSubscription>(texts);
        subject.add(PEER, texts, parse::<polar_api::types::ListResourceSubscription>);
        subject.add_reader("baseline", texts, parse::<baseline::Subscriptions>);
    })
}

fn products(name: &str, text: String) -> Subject {
    Subject::of_page(name, text, |subject, texts| {
        subject.add_ours::<ListResourceProduct>(texts);
        subject.add(PEER, texts, parse::<polar_api::types::ListResourceProduct>);
    })
}

impl Subject {
    fn of_page(name: &str, text: String, typed: impl FnOnce(&mut Self, &[String])) -> Self {
        Self::of(format!("{ITEMS} {name}"), &[text], typed)
    }

    /// Read by the typed competitors, and last by one that takes anything.
    fn of(name: String, texts: &[String], typed: impl FnOnce(&mut Self, &[String])) -> Self {
        let bytes = texts.iter().map(String::len).sum();
        let mut subject = Self { name, bytes, competitors: Vec::new(), failed: Vec::new() };
        typed(&mut subject, texts);
        subject.add(VALUE, texts, parse::<Value>);
        subject
    }

    /// Ours, as the client reads and writes.
    fn add_ours<T: Field + 'static>(&mut self, texts: &[String]) {
        self.add_with(OURS, texts, |text| codec::decode(text).map_err(say), |value: &T| codec::to_vec(value.view()));
    }

    fn add<T: Serialize + 'static>(&mut self, name: &'static str, texts: &[String], read: Read<T>) {
        self.add_with(name, texts, read, |value| serde_json::to_vec(value).unwrap_or_default());
    }

    fn add_with<T: 'static>(&mut self, name: &'static str, texts: &[String], read: Read<T>, write: fn(&T) -> Vec<u8>) {
        let values: Result<Vec<T>, String> = texts.iter().map(|text| read(text.as_bytes())).collect();
        match values {
            Ok(values) => {
                let encode = move || {
                    for value in &values {
                        // What was read can be written.
                        let _ = black_box(write(black_box(value)));
                    }
                };
                self.competitors.push(Competitor { encode: Some(Box::new(encode)), ..reader(name, texts, read) });
            }
            Err(why) => self.failed.push((name, why)),
        }
    }

    fn add_reader<T: 'static>(&mut self, name: &'static str, texts: &[String], read: Read<T>) {
        match texts.iter().try_for_each(|text| read(text.as_bytes()).map(drop)) {
            Ok(()) => self.competitors.push(reader(name, texts, read)),
            Err(why) => self.failed.push((name, why)),
        }
    }
}

/// Reads a text, or says why not.
type Read<T> = fn(&[u8]) -> Result<T, String>;

fn reader<T: 'static>(name: &'static str, texts: &[String], read: Read<T>) -> Competitor {
    let texts = texts.to_vec();
    let decode = move || {
        for text in &texts {
            // That it can be read was seen before.
            let _ = black_box(read(black_box(text.as_bytes())));
        }
    };
    Competitor { name, decode: Box::new(decode), encode: None }
}

fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T, String> {
    serde_json::from_slice(text).map_err(say)
}

fn say(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::{Field, ITEMS, PEER, baseline, codec, parse, subjects};
    use bench_pages::{Kind, page, webhooks};
    use polar_client::models::{EventPage, ListResourceProduct, ListResourceSubscription};
    use polar_client::webhooks::WebhookPayload;
    use serde::Serialize;
    use serde_json::Value;

    /// Everything is known to the crate: it comes back the same, and nothing of it went to `Unknown` or `extra`.
    fn is_known<T: Field + Serialize>(text: &str) -> Result<(), String> {
        let value: T = codec::decode(text.as_bytes()).map_err(|error| error.to_string())?;
        let again = serde_json::to_value(&value).map_err(|error| error.to_string())?;
        assert_eq!(Ok(again), parse::<Value>(text.as_bytes()));
        let shown = format!("{value:?}");
        assert!(!shown.contains("Unknown"), "{}", &shown[..shown.len().min(2000)]);
        Ok(())
    }

    #[test]
    fn the_crate_knows_all_that_the_pages_hold() -> Result<(), String> {
        is_known::<ListResourceSubscription>(&page(Kind::Subscriptions, ITEMS, ITEMS))?;
        is_known::<EventPage>(&page(Kind::Events, ITEMS, ITEMS))?;
        is_known::<ListResourceProduct>(&page(Kind::Products, ITEMS, ITEMS))?;
        webhooks().iter().try_for_each(|event| is_known::<WebhookPayload>(event))
    }

    #[test]
    fn ours_and_the_baseline_read_everything() {
        for subject in subjects() {
            let ours = subject.failed.iter().find(|(name, _)| *name != PEER);
            assert_eq!(ours, None, "{}", subject.name);
        }
        let text = page(Kind::Subscriptions, ITEMS, ITEMS);
        assert_eq!(parse::<baseline::Subscriptions>(text.as_bytes()).map(|page| page.items.len()), Ok(ITEMS));
    }
}
