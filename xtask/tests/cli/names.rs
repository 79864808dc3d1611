//! The file of pinned names: new names are marked, lost names are errors.

use serde_json::json;

use crate::sandbox::{Sandbox, shop, shop_with};

/// A repository with a generated crate.
fn repository() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write_versions(&shop().to_string());
    sandbox.run(&["regenerate"]).done();
    sandbox
}

fn with_orders() -> String {
    let operation = json!({"operationId": "orders:list", "responses": {"204": {}}});
    shop_with(&[("/paths/~1v1~1orders", json!({"get": operation}))])
}

#[test]
fn new_names_are_marked_until_approved() {
    let sandbox = repository();
    sandbox.write_versions(&with_orders());
    let summary = sandbox.run(&["regenerate"]).done();
    assert!(summary.contains("  new names: 2; `cargo xtask names --approve` approves them\n"), "{summary}");
    let lock = sandbox.read("spec/names.lock");
    assert!(
        lock.contains("\nmethod\torders:list\tlist\tnew\n") && lock.contains("\nmethod\tproducts:get\tget\n"),
        "{lock}"
    );
    sandbox.run(&["regenerate", "--check"]).done();
    let approved = sandbox.run(&["names", "--approve"]).done();
    let expected = "spec/names.lock: 2 names approved\n    method\torders:list\tlist\n    request\torders:list\tOrdersListRequest\n";
    assert_eq!(approved, expected);
    assert_eq!(sandbox.read("spec/names.lock"), lock.replace("\tnew\n", "\n"));
    assert_eq!(sandbox.run(&["names", "--approve"]).done(), "spec/names.lock has no new names\n");
}

#[test]
fn a_mistyped_place_is_an_error() {
    let sandbox = repository();
    let lock = sandbox.read("spec/names.lock");
    sandbox.write("spec/names.lock", format!("{lock}type\t#/components/schemas/Prodct\tArticle\n"));
    for arguments in [&["regenerate"][..], &["regenerate", "--check"]] {
        assert_eq!(
            sandbox.refusal(arguments),
            "error: spec/names.lock has names without a place in the document (1):\n    \
             Article: the type `#/components/schemas/Prodct`, did you mean `#/components/schemas/Product`?\n  \
             hint: correct the place of a name that you have made; `cargo xtask regenerate --drop-names` takes all of \
             them out\n"
        );
    }
    sandbox.run(&["regenerate", "--drop-names"]).done();
    assert_eq!(sandbox.read("spec/names.lock"), lock);
}

#[test]
fn a_name_whose_place_is_gone_is_an_error() {
    let sandbox = repository();
    sandbox.write_versions(&with_orders());
    sandbox.run(&["regenerate"]).done();
    sandbox.write_versions(&shop().to_string());
    let complaint = sandbox.refusal(&["regenerate"]);
    assert!(complaint.contains("    OrdersListRequest: the request `orders:list`\n"), "{complaint}");
    sandbox.run(&["regenerate", "--drop-names"]).done();
    assert!(!sandbox.read("spec/names.lock").contains("orders"));
}
