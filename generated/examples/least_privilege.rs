//! Finds the smallest set of scopes for a program, and detects a token that lacks one.
//!
//! Run it with `cargo run --example least_privilege "openid products:read"`, where the text is the scope of a token;
//! with `POLAR_ACCESS_TOKEN` it also tries that token.

use std::error::Error;

use polar_client::resources::checkouts::CheckoutsCreateRequest;
use polar_client::resources::products::{ProductsGetRequest, ProductsListRequest};
use polar_client::{Environment, Operation, Polar, ScopeSet, required_scopes, token_kinds};

/// The operations that the program calls.
const CALLED: [&Operation; 3] =
    [ProductsListRequest::OPERATION, ProductsGetRequest::OPERATION, CheckoutsCreateRequest::OPERATION];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", needs());
    let granted = std::env::args().nth(1).unwrap_or_default();
    println!("missing: {}", missing(&granted));
    if let Ok(token) = std::env::var("POLAR_ACCESS_TOKEN") {
        let polar = Polar::builder().access_token(token).environment(Environment::Sandbox).build()?;
        println!("{}", try_it(&polar).await?);
    }
    Ok(())
}

/// The scopes to select when a token is created, and the ones that an OAuth client requests.
pub(crate) fn needs() -> String {
    let scopes = required_scopes(CALLED);
    let mut text = format!("scope={scopes}\n");
    for scope in &scopes {
        text += &format!("- {} ({scope})\n", scope.display_name());
    }
    for kind in token_kinds(CALLED).unwrap_or_default() {
        text += &format!("+ {}: {}\n", kind.description(), kind.hint());
    }
    text
}

/// Returns the missing scopes of a token, from the `scope` in the response that contained it.
pub(crate) fn missing(granted: &str) -> ScopeSet {
    required_scopes(CALLED).difference(&ScopeSet::from(granted))
}

/// Distinguishes a token that lacks a scope from one that is unknown.
pub(crate) async fn try_it(polar: &Polar) -> Result<String, polar_client::Error> {
    match polar.products().list().limit(1).await {
        Ok(_) => Ok("the token can list products".to_owned()),
        Err(error) if error.is_insufficient_scope() => {
            Ok(format!("the token needs one of {:?}", ProductsListRequest::OPERATION.scopes()))
        }
        Err(error) => Err(error),
    }
}
