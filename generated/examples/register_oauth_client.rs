//! Registers one OAuth client for development and one for production, stores their credentials, and manages them.
//!
//! Registering a client needs no token. Run it with `cargo run --example register_oauth_client`: it registers the
//! clients in the sandbox and writes their credentials to the new file `polar-oauth-clients.env`. Keep that file out of
//! version control, and move the credentials to where your program finds its other secrets. The example `oauth_login`
//! reads variables with these names.

use std::error::Error;
use std::fs::File;
use std::io::Write;

use polar_client::models::OAuth2ClientInformation;
use polar_client::oauth2::OAuthClientConfig;
use polar_client::{Environment, Polar, Scope, ScopeSet};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let polar = Polar::builder().environment(Environment::Sandbox).build()?;
    // Opened first, so that no client is registered whose credentials can't be stored.
    let mut credentials = private_file("polar-oauth-clients.env")?;
    print!("{}", run(&polar, &mut credentials).await?);
    Ok(())
}

/// Creates a file that only its owner can read. An existing file is an error: it may contain other credentials.
fn private_file(path: &str) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Registers, reads, updates and deletes clients. Returns a report without secrets.
pub(crate) async fn run(polar: &Polar, credentials: &mut impl Write) -> Result<String, Box<dyn Error>> {
    let config = OAuthClientConfig::new("My App", ["https://example.com/callback"])
        .client_uri("https://example.com")
        .logo_uri("https://example.com/logo.png")
        .tos_uri("https://example.com/terms")
        .policy_uri("https://example.com/privacy")
        .scope(ScopeSet::from([Scope::Openid, Scope::Email, Scope::ProductsRead]));
    let production = register(polar, &config, "PROD", credentials).await?;
    let config = config.client_name("My App (Development)").redirect_uris(["http://localhost:3000/callback"]);
    let development = register(polar, &config, "DEV", credentials).await?;
    let mut report = String::new();
    for client in [&production, &development] {
        report += &format!("{} is {}: {}\n", client.client_name, client.client_id, client.redirect_uris.join(" "));
    }

    // A redirect URI that the server would reject is an error before anything is sent.
    if let Err(error) = config.clone().redirect_uris(["http://example.com/callback"]).check() {
        report += &format!("{error}\n");
    }

    // The token from the registration manages the client. Reading the client returns the secret again.
    let clients = polar.oauth2().clients();
    let token = production.registration_access_token.as_ref().ok_or("no registration token")?;
    let registered = clients.get(&production.client_id).access_token(token).await?;
    let settings = OAuthClientConfig::of(&registered)?;
    report += &format!("a login may use its callback: {}\n", settings.allows_redirect("https://example.com/callback"));

    // An update replaces all redirect URIs.
    let more = registered.redirect_uris.iter().cloned().chain(["https://staging.example.com/callback".to_owned()]);
    let body = settings.redirect_uris(more).update_body(&production.client_id)?;
    let updated = clients.update(&production.client_id, body).access_token(token).await?;
    report += &format!("{} has {} redirect URIs\n", updated.client_name, updated.redirect_uris.len());

    // A client that is no longer needed.
    let trial = register(polar, &config.client_name("My App (Trial)"), "TRIAL", credentials).await?;
    let token = trial.registration_access_token.as_ref().ok_or("no registration token")?;
    clients.delete(&trial.client_id).access_token(token).await?;
    report += &format!("{} is deleted\n", trial.client_name);
    Ok(report)
}

/// Registers a client and stores its credentials immediately: without the registration token, nobody can manage it or
/// read its secret again.
async fn register(
    polar: &Polar,
    config: &OAuthClientConfig,
    suffix: &str,
    credentials: &mut impl Write,
) -> Result<OAuth2ClientInformation, Box<dyn Error>> {
    let client = polar.oauth2().clients().create(config.create_body()?).await?;
    writeln!(credentials, "POLAR_CLIENT_ID_{suffix}={}", client.client_id)?;
    // A public client has no secret.
    if let Some(secret) = &client.client_secret {
        writeln!(credentials, "POLAR_CLIENT_SECRET_{suffix}={}", secret.expose())?;
    }
    if let Some(token) = &client.registration_access_token {
        writeln!(credentials, "POLAR_CLIENT_REGISTRATION_TOKEN_{suffix}={}", token.expose())?;
    }
    credentials.flush()?;
    Ok(client)
}
