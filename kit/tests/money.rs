//! Prices in words, as the API sends them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;

use polar_client::models::Price;
use polar_client::serde_json::{self, Value, json};
use polar_client_kit::money::{DescribePrice, Money, PriceDescription, PriceKind};
use polar_testkit::sample::sample;

/// A price with these properties, as the API sends it.
fn price(schema: &str, mut members: Value) -> Price {
    members["price_currency"] = json!("usd");
    let mut price = sample(schema, members);
    // The samples of the document have properties of every kind; the server sends an interval if there is one.
    if !schema.starts_with("Legacy") && price.get("recurring_interval").is_none() {
        price["recurring_interval"] = Value::Null;
    }
    serde_json::from_value(price).unwrap()
}

fn described(schema: &str, members: Value) -> PriceDescription {
    price(schema, members).describe().unwrap()
}

fn words(schema: &str, members: Value) -> String {
    described(schema, members).to_string()
}

#[test]
fn fixed_and_free_prices() {
    assert_eq!(words("ProductPriceFixed", json!({"price_amount": 123_450})), "1,234.50 USD");
    assert_eq!(
        words("ProductPriceFixed", json!({"price_amount": 1000, "recurring_interval": "month"})),
        "10.00 USD per month"
    );
    let free = described("ProductPriceFixed", json!({"price_amount": 0, "recurring_interval": "month"}));
    assert_eq!((free.to_string().as_str(), &free.kind), ("free", &PriceKind::Free));
}

#[test]
fn legacy_prices_know_their_interval() {
    let legacy = json!({"legacy": true, "price_amount": 1000, "recurring_interval": "year"});
    let description = described("LegacyRecurringProductPriceFixed", legacy);
    assert_eq!((description.to_string().as_str(), description.is_legacy), ("10.00 USD per year", true));
    assert_eq!(description.kind, PriceKind::Fixed(Money::new(1000, "usd")));
}

#[test]
fn pay_what_you_want() {
    let custom = |minimum: i64, maximum: Value| {
        let members = json!({"minimum_amount": minimum, "maximum_amount": maximum, "preset_amount": 900});
        words("ProductPriceCustom", members)
    };
    assert_eq!(custom(0, json!(null)), "pay what you want");
    assert_eq!(custom(500, json!(null)), "pay what you want, at least 5.00 USD");
    assert_eq!(custom(500, json!(10_000)), "pay what you want, at least 5.00 USD, at most 100.00 USD");
}

fn meter(unit: &str, label: Value, multiplier: Value) -> Value {
    let members = json!({"name": "Renders", "unit": unit, "custom_label": label, "custom_multiplier": multiplier});
    sample("ProductPriceMeter", members)
}

#[test]
fn metered_prices_name_what_is_counted() {
    let metered = |amount: &str, cap: Value, meter: Value| {
        words("ProductPriceMeteredUnit", json!({"unit_amount": amount, "cap_amount": cap, "meter": meter}))
    };
    let scalar = meter("scalar", json!(null), json!(null));
    assert_eq!(metered("0.123456000000", json!(null), scalar.clone()), "0.00123456 USD per unit (Renders)");
    assert_eq!(metered("0", json!(null), scalar), "free usage (Renders)");
    let tokens = meter("token", json!(null), json!(null));
    assert_eq!(metered("0.00003", json!(5000), tokens), "0.30 USD per 1,000,000 tokens (Renders), at most 50.00 USD");
    let pages = meter("custom", json!("pages"), json!(1000));
    assert_eq!(metered("0.1", json!(null), pages), "1.00 USD per 1,000 pages (Renders)");
}

#[test]
fn tiers_say_their_ranges() {
    let tiers = json!([{"bound": 100, "unit_amount": "0"}, {"bound": null, "unit_amount": "2.5"}]);
    let metered = json!({
        "tiers": {"type": "graduated", "tiers": tiers}, "meter": meter("scalar", json!(null), json!(null)), "cap_amount": null,
    });
    assert_eq!(
        words("ProductPriceMeteredTiers", metered),
        "per unit (Renders): 1 to 100 for free, 101 and more for 0.025 USD each (each at the rate of its own range)"
    );
    let units =
        json!({"tiers": {"type": "volume", "tiers": [{"bound": 10, "unit_amount": "500"}]}, "minimum_units": 5});
    assert_eq!(words("ProductPriceUnitBased", units), "per unit: 5 to 10 for 5.00 USD each");
}

#[test]
fn seats_have_tiers() {
    let seats = |tiers: Value| {
        let seat_tiers = json!({"seat_tier_type": "volume", "tiers": tiers, "minimum_seats": 1, "maximum_seats": null});
        words("ProductPriceSeatBased", json!({"seat_tiers": seat_tiers, "recurring_interval": "month"}))
    };
    let one = json!([{"min_seats": 1, "max_seats": null, "price_per_seat": 1000}]);
    assert_eq!(seats(one), "per seat and month: 10.00 USD each");
    let two = json!([
        {"min_seats": 1, "max_seats": 10, "price_per_seat": 1000}, {"min_seats": 11, "max_seats": null, "price_per_seat": 800},
    ]);
    assert_eq!(seats(two), "per seat and month: 1 to 10 for 10.00 USD each, 11 and more for 8.00 USD each");
}

#[test]
fn an_unknown_kind_of_price_has_no_words() {
    let mut tomorrow = sample("ProductPriceFixed", json!({}));
    tomorrow["amount_type"] = json!("of tomorrow");
    let price: Price = serde_json::from_value(tomorrow).unwrap();
    assert_eq!(price.describe(), None);
}

#[test]
fn every_recorded_price_has_words() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/recordings");
    let Ok(files) = std::fs::read_dir(directory) else {
        println!("skipped: no ../shared/recordings");
        return;
    };
    let mut described = 0;
    for file in files.map(|file| file.unwrap().path()) {
        let name = file.file_name().unwrap().to_str().unwrap();
        if !name.starts_with("products.get--200") {
            continue;
        }
        let recording: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let mut body = recording["response"]["body"].clone();
        for newer in recording["newer_members"].as_array().into_iter().flatten() {
            let pointer = newer["pointer"].as_str().unwrap();
            let (place, member) = pointer.rsplit_once('/').unwrap();
            body.pointer_mut(place).unwrap()[member] = newer["value"].clone();
        }
        for price in body["prices"].as_array().unwrap() {
            let price: Price = serde_json::from_value(price.clone()).unwrap();
            let words = price.describe().unwrap().to_string();
            println!("{name}: {words}");
            assert!(!words.is_empty());
            described += 1;
        }
    }
    assert!(described > 0);
}
