//! What `docs` finds in descriptions.

use crate::sandbox::{Run, Sandbox, shop};

/// Everything in the shop, described.
const COMPLETE: &str = "\
operations:
  products:get: {summary: Returns a product., description: Archived products are returned too.}
types:
  Product:
    description: Something for sale.
    properties: {name: Shown to customers.}
parameters: {id: Identifier that the shop assigned.}
";

fn docs(text: &str, more: &[&str]) -> Run {
    let sandbox = Sandbox::with(&shop().to_string());
    sandbox.write("texts/all.yaml", text);
    sandbox.write(
        "official/shop.json",
        r#"{"paths": {"a": {"description": "The name of the product, as it is shown to customers on each page."}}}"#,
    );
    sandbox.run(&[&["docs", "--spec", "shop.json", "--docs", "texts"], more].concat())
}

#[test]
fn complete_descriptions_pass_with_their_totals() {
    let totals = "described\n  operations  1 of 1\n  types       1 of 1\n  properties  1 of 1\n  parameters  1 of 1\n  \
                  values      0 of 0\n  webhooks    0 of 0\n";
    assert_eq!(docs(COMPLETE, &["--official", "official"]).done(), totals);
    let skipped = format!("{totals}\nskipped: the directory nowhere does not exist\n");
    assert_eq!(docs(COMPLETE, &["--official", "nowhere"]).done(), skipped);
    let skipped = "\nskipped: the comparison with official documents: name them with --official DIR\n";
    assert_eq!(docs(COMPLETE, &[]).done(), format!("{totals}{skipped}"));
}

#[test]
fn missing_stale_and_filler_texts_fail() {
    let text = "\
types:
  Product:
    description: The product.
    properties: {name: Shown to customers., price: In cents.}
parameters: {id: Identifier that the shop assigned.}
";
    let complaint = docs(text, &["--official", "official"]).failed();
    for line in [
        "error: the descriptions are incomplete or wrong (3):",
        "  operation `products:get` has no description",
        "  texts/all.yaml:3:5: the text of `Product` only repeats the name: The product.",
        "  texts/all.yaml:4:45: `Product` has no property `price`",
        "  operations  0 of 1",
        "  hint: edit the files in spec/docs and run `cargo xtask docs` again",
    ] {
        assert!(complaint.lines().any(|found| found == line), "{line} in {complaint}");
    }
}

#[test]
fn a_copy_of_an_official_text_fails() {
    let copy = "The NAME of the product as it is shown, to customers on each page";
    let complaint = docs(&COMPLETE.replace("Shown to customers.", &format!("'{copy}.'")), &["--official", "official"]);
    let line = "  texts/all.yaml:6:18: the official documents contain this, too: the name of the product as it is shown to \
                customers on";
    let complaint = complaint.failed();
    assert!(complaint.lines().any(|found| found == line), "{complaint}");
}

#[test]
fn a_text_that_nine_entries_share_fails() {
    let names: Vec<_> = (0..9).map(|number| format!("p{number}")).collect();
    let properties: serde_json::Map<_, _> =
        names.iter().map(|name| (name.clone(), serde_json::json!({"type": "string"}))).collect();
    let document = crate::sandbox::shop_with(&[("/components/schemas/Product/properties", properties.into())]);
    let sandbox = Sandbox::with(&document);
    let texts: String = names.iter().map(|name| format!("\n      {name}: A text that says nothing of it.")).collect();
    sandbox.write("texts/all.yaml", COMPLETE.replace(" {name: Shown to customers.}", &texts));
    let run = sandbox.run(&["docs", "--spec", "shop.json", "--docs", "texts", "--official", "nowhere"]);
    let complaint = run.failed();
    assert!(complaint.contains("9 entries share one text: A text that says nothing of it."), "{complaint}");
}

#[test]
fn regenerate_writes_the_descriptions_of_a_folder() {
    let sandbox = Sandbox::with(&shop().to_string());
    sandbox.write("texts/all.yaml", COMPLETE);
    sandbox.regenerate(&["--docs", "texts"]).done();
    let models = sandbox.read("out/src/models/products.rs");
    assert!(models.contains("/// Shown to customers.\n    pub name: String"), "{models}");
    let complaint = sandbox.regenerate(&["--check"]).failed();
    assert!(complaint.contains("cargo xtask regenerate --spec shop.json --out out"), "{complaint}");
}
