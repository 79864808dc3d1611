//! The routes of the shop.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use maud::Markup;
use polar_client::models::{CheckoutCreate, Product, Reason, RefundCreate};
use polar_client::uuid::Uuid;
use polar_client_kit::usage::UsageEvent;
use polar_client_kit::waiting::WaitExt as _;
use serde::Deserialize;

use crate::store::User;
use crate::{Shop, pages};

/// The event that the meter counts.
const API_CALL: &str = "api_call";

type Outcome<T> = Result<T, Failure>;

/// `GET /`: the products.
pub async fn pricing(State(shop): State<Arc<Shop>>, headers: HeaderMap) -> Outcome<Markup> {
    let user = shop.store.user(&headers)?;
    Ok(pages::pricing(user.as_ref(), &products(&shop).await?))
}

async fn products(shop: &Shop) -> Outcome<Vec<Product>> {
    let mut products = shop.polar.products().list().is_archived(false).limit(100).await?.items;
    products.reverse();
    Ok(products)
}

#[derive(Deserialize)]
pub struct Chosen {
    product: Uuid,
}

/// `POST /checkout`: sends the user to Polar's page to pay.
pub async fn checkout(
    State(shop): State<Arc<Shop>>,
    headers: HeaderMap,
    Form(chosen): Form<Chosen>,
) -> Outcome<Redirect> {
    let Some(user) = shop.store.user(&headers)? else { return Ok(Redirect::to("/login")) };
    let checkout = CheckoutCreate::new([chosen.product])
        .external_customer_id(user.id)
        .customer_email(user.email)
        .success_url(format!("{}/welcome?checkout={{CHECKOUT_ID}}", shop.url));
    let checkout = shop.polar.checkouts().create(checkout).await?;
    Ok(Redirect::to(&checkout.url))
}

#[derive(Deserialize)]
pub struct Returned {
    checkout: Uuid,
}

/// `GET /welcome`: the page after the payment.
pub async fn welcome(
    State(shop): State<Arc<Shop>>,
    headers: HeaderMap,
    Query(returned): Query<Returned>,
) -> Outcome<Redirect> {
    let user = signed_in(&shop, &headers)?;
    // The browser can be faster than the payment.
    shop.polar.wait().deadline(Duration::from_secs(20)).checkout(returned.checkout).await?;
    shop.entitlements.forget(user.id);
    Ok(Redirect::to("/account"))
}

/// `GET /account`: the plan and the usage of the user.
pub async fn account(State(shop): State<Arc<Shop>>, headers: HeaderMap) -> Outcome<Response> {
    let Some(user) = shop.store.user(&headers)? else { return Ok(Redirect::to("/login").into_response()) };
    let entitlements = shop.entitlements.get(user.id.as_str()).await?;
    let (products, orders) = (products(&shop).await?, shop.store.orders(Some(&user))?);
    Ok(pages::account(&user, &shop.admin, &entitlements, &products, &orders).into_response())
}

/// `POST /use`: the service that the shop sells. Each call is counted.
pub async fn use_api(State(shop): State<Arc<Shop>>, headers: HeaderMap) -> Outcome<Redirect> {
    let user = signed_in(&shop, &headers)?;
    shop.usage.record(UsageEvent::for_external_customer(API_CALL, &user.id)).await?;
    // A real service lets the recorder send later. Here the user should see the call counted.
    shop.usage.flush().await;
    shop.entitlements.forget(user.id);
    Ok(Redirect::to("/account"))
}

/// `GET /pro`: a page for users whose plan includes it.
pub async fn pro(State(shop): State<Arc<Shop>>, headers: HeaderMap) -> Outcome<Markup> {
    let user = signed_in(&shop, &headers)?;
    let entitlements = shop.entitlements.get(user.id.as_str()).await?;
    let feature = pages::feature_flag(&products(&shop).await?);
    let may_see = feature.is_some_and(|benefit| entitlements.has_benefit(benefit));
    Ok(pages::pro(&user, may_see))
}

/// `GET /admin`: all orders.
pub async fn admin(State(shop): State<Arc<Shop>>, headers: HeaderMap) -> Outcome<Markup> {
    let user = admin_of(&shop, &headers)?;
    Ok(pages::admin(&user, &shop.store.orders(None)?))
}

#[derive(Deserialize)]
pub struct Refunded {
    order: Uuid,
}

/// `POST /admin/refund`: refunds the rest of an order. The webhook `order.refunded` contains the new state.
pub async fn refund(
    State(shop): State<Arc<Shop>>,
    headers: HeaderMap,
    Form(refunded): Form<Refunded>,
) -> Outcome<Redirect> {
    admin_of(&shop, &headers)?;
    let order = shop.polar.orders().get(refunded.order).await?;
    let refund = RefundCreate::new(order.id, Reason::CustomerRequest, order.refundable_amount);
    shop.polar.refunds().create(refund).await?;
    // Without webhooks, the shop requests the new state.
    shop.store.put_order(&shop.polar.orders().get(order.id).await?)?;
    Ok(Redirect::to("/admin"))
}

/// `POST /logout`: ends the session.
pub async fn logout(State(shop): State<Arc<Shop>>, headers: HeaderMap) -> Outcome<Redirect> {
    shop.store.sign_out(&headers)?;
    Ok(Redirect::to("/"))
}

fn signed_in(shop: &Shop, headers: &HeaderMap) -> Outcome<User> {
    shop.store.user(headers)?.ok_or(Failure(StatusCode::UNAUTHORIZED, "Sign in first.".to_owned()))
}

fn admin_of(shop: &Shop, headers: &HeaderMap) -> Outcome<User> {
    let user = signed_in(shop, headers)?;
    if user.email == shop.admin { Ok(user) } else { Err(Failure(StatusCode::FORBIDDEN, "Not for you.".to_owned())) }
}

/// An error page for the user.
pub struct Failure(StatusCode, String);

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for Failure {
    fn from(error: E) -> Self {
        eprintln!("{}", error.into());
        Self(StatusCode::BAD_GATEWAY, "Something went wrong. Try again in a moment.".to_owned())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.0, pages::failure(&self.1)).into_response()
    }
}
