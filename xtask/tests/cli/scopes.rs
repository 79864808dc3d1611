//! Which scopes and tokens operations need.

use polar_codegen::repository::DOCUMENT;
use serde_json::json;

use crate::sandbox::{Run, Sandbox, repository, shop_with};

fn scopes(operations: &[&str]) -> Run {
    let document = repository().join(DOCUMENT).display().to_string();
    Sandbox::new().run(&[&["scopes"], operations, &["--spec", &document]].concat())
}

#[test]
fn the_first_line_is_the_least_set() {
    let first = |operations: &[&str]| scopes(operations).done().lines().next().unwrap_or_default().to_owned();
    assert_eq!(first(&["products:list", "checkouts:create"]), "checkouts:write products:read");
    assert_eq!(first(&["checkouts:create", "products:list", "products:list"]), "checkouts:write products:read");
    assert_eq!(first(&["products:list", "products:update"]), "products:write");
    assert_eq!(first(&["oauth2:request_token"]), "no scope is needed");
}

#[test]
fn scopes_and_tokens_are_explained() {
    let text = scopes(&["products:list", "organizations:create"]).done();
    for line in [
        "  organizations:write  Create and change organizations  organizations:create",
        "  products:read        Read products                    products:list",
        "kinds of tokens that can call all operations:",
        "  personal_access_token            create one in the account settings",
        "  oauth_user_access_token          obtained by an OAuth login",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in {text}");
    }
    assert!(!text.contains("  organization_access_token"), "no organization makes another: {text}");
}

#[test]
fn operations_without_a_common_token() {
    let text = scopes(&["products:list", "customer_portal:orders:list", "oauth2:request_token"]).done();
    assert!(text.contains("no single token can call all operations:"), "{text}");
    assert!(text.contains("  customer_portal:orders:list  customer_session_token, member_session_token"), "{text}");
    assert!(scopes(&["oauth2:request_token"]).done().contains("no token is needed"));
}

#[test]
fn unknown_operations_are_one_error_with_proposals() {
    let complaint = scopes(&["products:list", "product:list", "Checkouts.create", "refunds:undo", "nothing"]).failed();
    assert_eq!(
        complaint,
        "error: the operation `product:list` does not exist, did you mean `products:list`?\n\
         the operation `Checkouts.create` does not exist, did you mean `checkouts:create`?\n\
         the operation `refunds:undo` does not exist, did you mean `refunds:list` or `refunds:create`?\n\
         the operation `nothing` does not exist\n  \
         hint: `cargo xtask names` lists all operations\n"
    );
}

#[test]
fn another_documents_scopes_are_read_from_it() {
    let sandbox = Sandbox::with(&shop_with(&[
        ("/paths/~1v1~1products~1{id}/get/security", json!([{"key": ["products:see"]}])),
        ("/components/securitySchemes", json!({"key": {"type": "http", "scheme": "bearer"}})),
    ]));
    let text = sandbox.run(&["scopes", "products:get", "--spec", "shop.json"]).done();
    assert!(text.starts_with("products:see\n"), "{text}");
    assert!(text.contains("no kind of token is known for the security scheme `key`"), "{text}");
}
