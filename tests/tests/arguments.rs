//! What setters take: what programs have.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::collections::HashSet;
use std::sync::Mutex;

use polar_client::mock::{MockTransport, Reply};
use polar_client::models::{
    CheckoutCreate, CustomFieldValue, CustomerUpdate, OrderSortProperty, OrderStatus, RecurringInterval,
};
use polar_client::uuid::Uuid;
use polar_client::{BoxError, Polar, RateLimiter, RetryPolicy};
use polar_testkit::sample::products;
use serde_json::{Value, json};

fn polar() -> Polar {
    Polar::new("polar_oat_test").unwrap()
}

/// The query of a request that lists orders.
macro_rules! orders {
    ($($setter:ident($value:expr)),*) => {
        polar().orders().list()$(.$setter($value))*.build().unwrap().uri().query().unwrap_or_default().to_owned()
    };
}

fn body(checkout: &CheckoutCreate) -> Value {
    let mut value = serde_json::to_value(checkout).unwrap();
    value.as_object_mut().unwrap().remove("products");
    value
}

#[test]
fn a_list_sorts_by_one_property_or_by_several() {
    let (one, two) = ("sorting=-created_at", "sorting=-created_at&sorting=status");
    assert_eq!(orders!(sorting(OrderSortProperty::CreatedAtDesc)), one);
    assert_eq!(orders!(sorting("-created_at")), one);
    assert_eq!(orders!(sorting([OrderSortProperty::CreatedAtDesc, OrderSortProperty::Status])), two);
    assert_eq!(orders!(sorting(["-created_at", "status"])), two);
    assert_eq!(orders!(sorting(vec![OrderSortProperty::CreatedAtDesc, OrderSortProperty::Status])), two);
}

#[test]
fn a_filter_that_may_be_unset_takes_an_option() {
    let id = Uuid::from_u128(7);
    assert_eq!(orders!(customer_id(Some(id)), limit(Some(5))), format!("customer_id={id}&limit=5"));
    assert_eq!(orders!(customer_id(None::<Uuid>), limit(None), status(None::<&str>)), "");
    assert_eq!(orders!(status("paid")), orders!(status(OrderStatus::Paid)));
    // The last call counts, also if it has nothing.
    assert_eq!(orders!(limit(5), limit(None)), "");
}

#[test]
fn texts_come_as_they_are_at_hand() {
    let name = "Ada".to_owned();
    let maybe: Option<String> = Some(name.clone());
    let checkout = || CheckoutCreate::new([Uuid::nil()]);
    let expected = json!({"customer_name": "Ada"});
    for checkout in [
        checkout().customer_name(&name),
        checkout().customer_name("Ada"),
        checkout().customer_name(maybe.as_deref()),
        checkout().customer_name(maybe.as_ref()),
        checkout().customer_name(maybe.clone()),
        checkout().customer_name(name.clone()),
    ] {
        assert_eq!(body(&checkout), expected);
    }
    assert_eq!(body(&checkout().customer_name(None::<&str>)), json!({"customer_name": null}));
}

#[test]
fn an_optional_enumeration_takes_a_text() {
    let checkout = || CheckoutCreate::new([Uuid::nil()]);
    assert_eq!(body(&checkout().trial_interval("month")), json!({"trial_interval": "month"}));
    assert_eq!(body(&checkout().currency("usd".to_owned())), json!({"currency": "usd"}));
    assert_eq!(body(&checkout().currency(Some("usd"))), json!({"currency": "usd"}));
}

#[test]
fn values_that_may_be_null_come_as_texts_too() {
    let checkout = CheckoutCreate::new([Uuid::nil()]).custom_field_data([("size", "L")]);
    assert_eq!(body(&checkout), json!({"custom_field_data": {"size": "L"}}));
    let checkout = checkout.custom_field_data([("size", None::<CustomFieldValue>)]);
    assert_eq!(body(&checkout), json!({"custom_field_data": {"size": null}}));
}

#[test]
fn an_update_takes_arrays_as_a_constructor_does() {
    let update = CustomerUpdate::new().metadata([("tier", "gold")]);
    assert_eq!(serde_json::to_value(update).unwrap(), json!({"metadata": {"tier": "gold"}}));
}

#[test]
fn enumerations_compare_with_texts() {
    let (known, unknown) = (RecurringInterval::Month, RecurringInterval::from("fortnight"));
    assert!(known == "month" && known != "year" && unknown == "fortnight");
    assert_eq!(known, *"month");
    assert_eq!("month", known);
    assert_eq!(*"month", known);
}

#[test]
fn a_limit_is_a_number_and_not_zero() {
    let build = |requests| Polar::builder().rate_limiter(RateLimiter::per_minute(requests)).build();
    build(500).unwrap();
    let error = build(0).unwrap_err();
    assert!(error.is_config() && error.to_string().contains("lets nothing through"), "{error}");
}

/// A list of two pages.
fn pages() -> Polar {
    let mock = MockTransport::new();
    mock.on("products:list", Reply::json(200, &products(&["a", "b"], 3, 2)));
    mock.on("products:list", Reply::json(200, &products(&["c"], 3, 2)));
    Polar::builder().transport(mock).retry_policy(RetryPolicy::never()).build().unwrap()
}

#[tokio::test]
async fn a_function_is_called_with_each_item() {
    let seen = Mutex::new(String::new());
    let result = pages().products().list().items().try_for_each(async |product| {
        seen.lock().map_err(|_| "poisoned")?.push_str(&product.name);
        if product.name == "b" { Err(BoxError::from("enough")) } else { Ok(()) }
    });
    assert_eq!(result.await.unwrap_err().to_string(), "enough");
    assert_eq!(*seen.lock().unwrap(), "ab");
}

#[tokio::test]
async fn a_function_is_called_with_each_item_in_a_task() {
    let task = tokio::spawn(async {
        let mut names = String::new();
        let polar = pages();
        let all = polar.products().list().try_for_each(|product| {
            names.push_str(&product.name);
            async {
                tokio::task::yield_now().await;
                Ok::<(), BoxError>(())
            }
        });
        all.await.map(|()| names)
    });
    assert_eq!(task.await.unwrap().unwrap(), "abc");
}

#[tokio::test]
async fn items_are_collected_into_any_collection() {
    #[derive(Default)]
    struct Names(HashSet<String>);
    impl Extend<polar_client::models::Product> for Names {
        fn extend<T: IntoIterator<Item = polar_client::models::Product>>(&mut self, items: T) {
            self.0.extend(items.into_iter().map(|product| product.name));
        }
    }
    let names: Names = pages().products().list().items().try_collect().await.unwrap();
    assert_eq!(names.0, HashSet::from(["a", "b", "c"].map(str::to_owned)));
}

#[test]
fn a_blocking_list_is_an_iterator_of_the_standard_library() {
    let names: Result<String, _> = pages().products().list().items().map(|item| item.map(|item| item.name)).collect();
    assert_eq!(names.unwrap(), "abc");
    let mut count = 0;
    let mut items = pages().products().list().items();
    let result: Result<(), polar_client::Error> = items.by_ref().try_for_each(|item| item.map(|_| count += 1));
    assert!(result.is_ok() && count == 3);
}
