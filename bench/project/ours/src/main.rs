//! The billing of a shop with the generated client: what `project-polar-sh` does with polar-sh.

use std::error::Error;
use std::io::Read as _;

use polar_client::Polar;
use polar_client::models::{
    CheckoutCreate, CheckoutStatus, Customer, CustomerIndividualCreate, EventCreateExternalCustomer,
    EventMetadataInput, EventsIngest, OrderStatus, SubscriptionCancel, SubscriptionStatus,
};
use polar_client::uuid::Uuid;
use polar_client::webhooks::{WebhookPayload, WebhookVerifier};

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let ["webhook", secret] = arguments[..] {
        return webhook(secret);
    }
    let polar = Polar::new(std::env::var("POLAR_ACCESS_TOKEN")?)?;
    match arguments[..] {
        ["checkout", product, user] => open_checkout(&polar, product.parse()?, user).await,
        ["checkout", id] => show_checkout(&polar, id.parse()?).await,
        ["customer", email, user] => create_customer(&polar, email, user).await,
        ["customers"] => list_customers(&polar).await,
        ["access", user, benefit] => check_access(&polar, user, benefit.parse()?).await,
        ["orders", user] => list_orders(&polar, user).await,
        ["order", id] => show_order(&polar, id.parse()?).await,
        ["usage", user, job, pages] => report_usage(&polar, user, job, pages.parse()?).await,
        ["subscriptions", user] => list_subscriptions(&polar, user).await,
        ["cancel", id] => cancel(&polar, id.parse()?).await,
        ["revoke", id] => revoke(&polar, id.parse()?).await,
        // The measurement of an edit changes it.
        ["version"] => {
            println!("{}", option_env!("BENCH_EDIT").unwrap_or("0"));
            Ok(())
        }
        _ => Err("give a command".into()),
    }
}

async fn open_checkout(polar: &Polar, product: Uuid, user: &str) -> Result<(), Failure> {
    let checkout = CheckoutCreate::new([product])
        .external_customer_id(user)
        .success_url("https://example.com/thanks?checkout_id={CHECKOUT_ID}");
    let checkout = polar.checkouts().create(checkout).await?;
    println!("{} {}", checkout.id, checkout.url);
    Ok(())
}

async fn show_checkout(polar: &Polar, id: Uuid) -> Result<(), Failure> {
    let checkout = polar.checkouts().get(id).await?;
    match checkout.status {
        CheckoutStatus::Succeeded => println!("paid {} {}", checkout.total_amount, checkout.currency),
        CheckoutStatus::Open => println!("pay at {} until {}", checkout.url, checkout.expires_at),
        _ => println!("not paid"),
    }
    for product in &checkout.products {
        println!("{} {}", product.id, product.name);
    }
    Ok(())
}

async fn create_customer(polar: &Polar, email: &str, user: &str) -> Result<(), Failure> {
    let customer = CustomerIndividualCreate::new(email).external_id(user);
    show_customer(&polar.customers().create(customer).await?);
    Ok(())
}

fn show_customer(customer: &Customer) {
    match customer {
        Customer::Individual(person) => println!("{} {:?} {:?}", person.id, person.email, person.name),
        Customer::Team(team) => println!("{} team {:?}", team.id, team.name),
        _ => println!("a new kind of customer"),
    }
}

async fn list_customers(polar: &Polar) -> Result<(), Failure> {
    let mut customers = polar.customers().list().limit(100).items();
    while let Some(customer) = customers.next().await.transpose()? {
        show_customer(&customer);
    }
    Ok(())
}

async fn check_access(polar: &Polar, user: &str, benefit: Uuid) -> Result<(), Failure> {
    let state = polar.customers().get_state_external(user).await?;
    let is_granted = state.granted_benefits().into_iter().flatten().any(|grant| grant.benefit_id == benefit);
    println!("{is_granted}");
    for meter in state.active_meters().into_iter().flatten() {
        println!("{} {}", meter.meter_id, meter.balance);
    }
    Ok(())
}

async fn list_orders(polar: &Polar, user: &str) -> Result<(), Failure> {
    let mut orders = polar.orders().list().external_customer_id(user).limit(100).items();
    while let Some(order) = orders.next().await.transpose()? {
        println!("{} {} {} {}", order.id, order.created_at, order.total_amount, order.currency);
    }
    Ok(())
}

async fn show_order(polar: &Polar, id: Uuid) -> Result<(), Failure> {
    let order = polar.orders().get(id).await?;
    println!("{} for {}", order.description, order.customer_id);
    for item in &order.items {
        println!("{} {}", item.label, item.amount);
    }
    if order.status == OrderStatus::Paid {
        println!("{}", polar.orders().invoice(id).await?.url);
    }
    Ok(())
}

async fn report_usage(polar: &Polar, user: &str, job: &str, pages: i64) -> Result<(), Failure> {
    let mut metadata = EventMetadataInput::new();
    metadata.additional_properties.insert("pages".to_owned(), pages.into());
    let event = EventCreateExternalCustomer::new("job.finished", user).external_id(job).metadata(metadata);
    let answer = polar.events().ingest(EventsIngest::new([event])).await?;
    println!("{} {:?}", answer.inserted, answer.duplicates);
    Ok(())
}

async fn list_subscriptions(polar: &Polar, user: &str) -> Result<(), Failure> {
    let page =
        polar.subscriptions().list().external_customer_id(user).status(SubscriptionStatus::Active).limit(10).await?;
    for subscription in &page.items {
        let is_trial = subscription.status == SubscriptionStatus::Trialing;
        println!("{} {} {}", subscription.id, subscription.product.name, is_trial);
        println!("{} {}", subscription.amount, subscription.current_period_end);
    }
    Ok(())
}

async fn cancel(polar: &Polar, id: Uuid) -> Result<(), Failure> {
    let subscription = polar.subscriptions().update(id, SubscriptionCancel::new(true)).await?;
    println!("{:?}", subscription.ends_at);
    Ok(())
}

async fn revoke(polar: &Polar, id: Uuid) -> Result<(), Failure> {
    let subscription = polar.subscriptions().revoke(id).await?;
    println!("{:?}", subscription.ended_at);
    Ok(())
}

/// Reads the body from stdin, and the headers from the environment.
fn webhook(secret: &str) -> Result<(), Failure> {
    let mut body = Vec::new();
    std::io::stdin().read_to_end(&mut body)?;
    let mut headers = Vec::new();
    for (name, variable) in
        [("webhook-id", "ID"), ("webhook-timestamp", "TIMESTAMP"), ("webhook-signature", "SIGNATURE")]
    {
        headers.push((name, std::env::var(variable)?));
    }
    let webhook = WebhookVerifier::new(secret)?.verify(body, headers)?;
    match webhook.event()? {
        WebhookPayload::OrderPaid(event) => println!("{} paid {}", event.data.customer_id, event.data.total_amount),
        WebhookPayload::CheckoutUpdated(event) => println!("{} {:?}", event.data.id, event.data.status),
        WebhookPayload::SubscriptionActive(event) => println!("{} is active", event.data.id),
        WebhookPayload::SubscriptionRevoked(event) => println!("{} ended", event.data.product.name),
        WebhookPayload::CustomerCreated(event) => show_customer(&event.data),
        _ => {}
    }
    Ok(())
}
