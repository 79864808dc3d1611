//! Scopes: the complete list, sets of them, and the scopes that operations need.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use polar_client::resources::customer_portal::{CustomerPortalOrdersListRequest, CustomerPortalOrdersUpdateRequest};
use polar_client::resources::metrics::MetricsGetRequest;
use polar_client::resources::oauth2::Oauth2RequestTokenRequest;
use polar_client::resources::organizations::OrganizationsCreateRequest;
use polar_client::resources::products::{ProductsGetRequest, ProductsListRequest, ProductsUpdateRequest};
use polar_client::{Scope, ScopeSet, TokenKind, required_scopes, token_kinds};
use polar_testkit::document::Document;

/// The read and the write scopes in the guide on authentication.
const READ: &str = "organizations products customers subscriptions orders benefits discounts webhooks events meters \
    files license_keys checkouts checkout_links custom_fields refunds payments transactions payouts disputes metrics \
    customer_portal";
const WRITE: &str = "organizations products customers subscriptions orders benefits discounts webhooks events meters \
    files license_keys checkouts checkout_links custom_fields refunds transactions payouts customer_portal \
    customer_sessions";

fn is_known(scope: &Scope) -> bool {
    Scope::VARIANTS.contains(scope)
}

#[test]
fn every_scope_of_the_guide_and_of_the_document_is_known() {
    let read = READ.split_whitespace().map(|what| format!("{what}:read"));
    let write = WRITE.split_whitespace().map(|what| format!("{what}:write"));
    let guide: ScopeSet = ["openid", "profile", "email"]
        .map(str::to_owned)
        .into_iter()
        .chain(read)
        .chain(write)
        .map(Scope::from)
        .collect();
    assert_eq!(guide.len(), 45);
    assert!(guide.iter().all(is_known), "{guide}");

    let document = Document::load().unwrap();
    let listed: ScopeSet = document
        .at("#/components/schemas/Scope/enum")
        .as_array()
        .unwrap()
        .iter()
        .map(|s| Scope::from(s.as_str().unwrap()))
        .collect();
    let asked: ScopeSet = document
        .operations()
        .flat_map(|operation| operation.data["security"].as_array().into_iter().flatten())
        .flat_map(|way| way.as_object().unwrap().values().flat_map(|scopes| scopes.as_array().unwrap()))
        .map(|scope| Scope::from(scope.as_str().unwrap()))
        .collect();
    assert_eq!(listed, Scope::VARIANTS.iter().cloned().collect());
    assert!(guide.is_subset(&listed) && asked.is_subset(&listed));
}

#[test]
fn a_set_with_a_scope_of_tomorrow_reads_and_prints_as_it_came() {
    let granted = ScopeSet::from("openid products:read tea:brew");
    assert_eq!(granted.to_string(), "openid products:read tea:brew");
    assert!(granted.contains(&Scope::ProductsRead) && granted.contains(&Scope::from("tea:brew")));
    assert_eq!(granted.iter().find(|scope| !is_known(scope)).map(Scope::display_name).as_deref(), Some("tea brew"));
}

#[test]
fn every_scope_has_a_name_for_people() {
    let names: Vec<_> = Scope::VARIANTS.iter().map(Scope::display_name).collect();
    assert!(
        names.iter().all(|name| name.starts_with(|c: char| c.is_uppercase()) && !name.contains([':', '_'])),
        "{names:?}"
    );
    assert_eq!(Scope::LicenseKeysWrite.display_name(), "Create and change license keys");
}

#[test]
fn the_least_set_uses_a_scope_to_write_once() {
    let (list, get, update) =
        (ProductsListRequest::OPERATION, ProductsGetRequest::OPERATION, ProductsUpdateRequest::OPERATION);
    assert_eq!(required_scopes([list, get]), [Scope::ProductsRead].into());
    assert_eq!(required_scopes([list, get, update]), [Scope::ProductsWrite].into());
    assert_eq!(
        required_scopes([list, MetricsGetRequest::OPERATION, OrganizationsCreateRequest::OPERATION]).to_string(),
        "metrics:read organizations:write products:read"
    );
    assert_eq!(
        required_scopes([CustomerPortalOrdersListRequest::OPERATION, CustomerPortalOrdersUpdateRequest::OPERATION]),
        [Scope::CustomerPortalWrite].into()
    );
    assert!(required_scopes([Oauth2RequestTokenRequest::OPERATION]).is_empty());
}

#[test]
fn kinds_that_serve_all_operations_are_those_that_serve_each() {
    let users =
        [TokenKind::PersonalAccessToken, TokenKind::OauthUserAccessToken, TokenKind::OauthOrganizationAccessToken];
    assert_eq!(token_kinds([ProductsListRequest::OPERATION, OrganizationsCreateRequest::OPERATION]).unwrap(), users);
    let none = token_kinds([ProductsListRequest::OPERATION, CustomerPortalOrdersListRequest::OPERATION]);
    assert_eq!(none, Some(Vec::new()), "no single token can do both");
    assert_eq!(token_kinds([Oauth2RequestTokenRequest::OPERATION]), None, "none is needed");
}
