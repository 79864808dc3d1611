//! Validates a license key in a program that customers run: without a token, because such a program must not contain
//! one.
//!
//! Run it with the id of the organization that sold the key:
//! `cargo run --example license_key ORGANIZATION_ID KEY`.

use std::error::Error;

use polar_client::models::{LicenseKeyActivate, LicenseKeyValidate};
use polar_client::uuid::Uuid;
use polar_client::{Environment, Polar};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(organization), Some(key)) = (arguments.next(), arguments.next()) else {
        return Err("give the id of an organization and a license key".into());
    };
    let organization = organization.parse()?;
    let polar = Polar::builder().environment(Environment::Sandbox).build()?;
    let activation = activate(&polar, organization, &key, "the computer on my desk").await?;
    println!("{}", if is_good(&polar, organization, &key, activation).await? { "thank you" } else { "not valid" });
    Ok(())
}

/// Activates the key for this device. The program stores the id of the activation.
pub(crate) async fn activate(
    polar: &Polar,
    organization: Uuid,
    key: &str,
    device: &str,
) -> Result<Uuid, Box<dyn Error>> {
    let body = LicenseKeyActivate::new(key, organization, device);
    match polar.customer_portal().license_keys().activate(body).await {
        Ok(activation) => Ok(activation.id),
        Err(error) if error.is_not_found() => Err("there is no such key".into()),
        Err(error) if error.is_forbidden() => Err("the key is in use on as many devices as it allows".into()),
        Err(error) => Err(error.into()),
    }
}

/// Returns whether the key is valid for this device.
pub(crate) async fn is_good(
    polar: &Polar,
    organization: Uuid,
    key: &str,
    activation: Uuid,
) -> Result<bool, polar_client::Error> {
    let body = LicenseKeyValidate::new(key, organization).activation_id(activation);
    match polar.customer_portal().license_keys().validate(body).await {
        Ok(_) => Ok(true),
        // Unknown, revoked, expired, or not activated on this device.
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error),
    }
}
