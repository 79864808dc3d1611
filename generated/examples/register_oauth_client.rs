//! Registers one OAuth client for development and one for production, and looks after them.
//!
//! Run it with a personal access token: `POLAR_ACCESS_TOKEN=polar_pat_... cargo run --example register_oauth_client`.

use std::error::Error;

use polar_client::models::SubType;
use polar_client::oauth2::OAuthClientConfig;
use polar_client::{Environment, Polar, Scope, ScopeSet};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let token = std::env::var("POLAR_ACCESS_TOKEN")?;
    let polar = Polar::builder().access_token(token).environment(Environment::Sandbox).build()?;
    print!("{}", run(&polar).await?);
    Ok(())
}

/// What the program has to say. It does not say the secrets: put them where your program finds its other secrets, since
/// the server shows them this once.
pub(crate) async fn run(polar: &Polar) -> Result<String, Box<dyn Error>> {
    let mut report = String::new();
    let clients = polar.oauth2().clients();

    let config = OAuthClientConfig::new("My App", ["https://example.com/callback"])
        .client_uri("https://example.com")
        .logo_uri("https://example.com/logo.png")
        .tos_uri("https://example.com/terms")
        .policy_uri("https://example.com/privacy")
        .default_sub_type(SubType::Organization)
        .scope(ScopeSet::from([Scope::Openid, Scope::ProductsRead, Scope::OrdersRead]));
    let production = clients.create(config.create_body()?).await?;
    let config = config.client_name("My App (Development)").redirect_uris(["http://localhost:3000/callback"]);
    let development = clients.create(config.create_body()?).await?;

    for (suffix, client) in [("PROD", &production), ("DEV", &development)] {
        let secret = if client.client_secret.is_some() { "keep the secret that came with it" } else { "no secret" };
        report += &format!("POLAR_CLIENT_ID_{suffix}={} ({secret})\n", client.client_id);
    }

    // What is wrong with a redirect URI is said before it is sent.
    if let Err(error) = config.clone().redirect_uris(["http://example.com/callback"]).check() {
        report += &format!("{error}\n");
    }

    for client in clients.list().limit(100).await?.items {
        report += &format!("{}: {}\n", client.client_name, client.redirect_uris.join(" "));
    }

    // The token that came with the client opens it too, for a program that has no token of the user.
    let token = production.registration_access_token.as_ref().ok_or("no registration token")?;
    let registered = clients.get(&production.client_id).access_token(token.expose()).await?;
    let more = registered.redirect_uris.iter().cloned().chain(["https://staging.example.com/callback".to_owned()]);
    let config = OAuthClientConfig::of(&registered)?.redirect_uris(more);
    let updated = clients.update(&production.client_id, config.update_body(&production.client_id)?).await?;
    report += &format!("{} has {} redirect URIs\n", updated.client_name, updated.redirect_uris.len());

    // With the client, all tokens that it got end.
    clients.delete(&development.client_id).await?;
    report += &format!("{} is deleted\n", development.client_name);
    Ok(report)
}
