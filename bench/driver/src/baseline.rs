//! The baseline: subscriptions as types with derived serde code, written for just these pages.
//!
//! Every member of the pages has a field of its own, with ids and times that are read. What the crate does besides has
//! no place here: enumerations are closed, unions are one struct with all members, and what is not known is lost.
#![allow(dead_code, reason = "fields are read from JSON, and by nobody after that")]

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

type Time = DateTime<Utc>;
type Metadata = HashMap<String, Value>;

/// A page.
#[derive(Debug, Deserialize)]
pub(crate) struct Subscriptions {
    pub(crate) items: Vec<Subscription>,
    pagination: Pagination,
}

#[derive(Debug, Deserialize)]
struct Pagination {
    total_count: i64,
    max_page: i64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Interval {
    Day,
    Week,
    Month,
    Year,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Incomplete,
    Trialing,
    Active,
    PastDue,
    Canceled,
    Unpaid,
    Paused,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Visibility {
    Draft,
    Private,
    Public,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Subscription {
    created_at: Time,
    modified_at: Option<Time>,
    id: Uuid,
    amount: i64,
    currency: String,
    recurring_interval: Interval,
    recurring_interval_count: i64,
    status: Status,
    current_period_start: Time,
    current_period_end: Time,
    current_meter_period_start: Option<Time>,
    current_meter_period_end: Option<Time>,
    trial_start: Option<Time>,
    trial_end: Option<Time>,
    cancel_at_period_end: bool,
    canceled_at: Option<Time>,
    started_at: Option<Time>,
    ends_at: Option<Time>,
    ended_at: Option<Time>,
    past_due_at: Option<Time>,
    pause_at_period_end: bool,
    paused_at: Option<Time>,
    resumes_at: Option<Time>,
    customer_id: Uuid,
    product_id: Uuid,
    discount_id: Option<Uuid>,
    checkout_id: Option<Uuid>,
    seats: Option<i64>,
    units: Option<i64>,
    customer_cancellation_reason: Option<String>,
    customer_cancellation_comment: Option<String>,
    metadata: Metadata,
    #[serde(default)]
    custom_field_data: Metadata,
    customer: Customer,
    product: Product,
    discount: Option<Discount>,
    prices: Vec<Price>,
    meters: Vec<SubscriptionMeter>,
    pending_update: Option<PendingUpdate>,
}

#[derive(Debug, Deserialize)]
struct Customer {
    id: Uuid,
    created_at: Time,
    modified_at: Option<Time>,
    metadata: Metadata,
    external_id: Option<String>,
    email: Option<String>,
    email_verified: bool,
    r#type: String,
    name: Option<String>,
    billing_name: Option<String>,
    billing_address: Option<Address>,
    tax_id: Option<Vec<Value>>,
    locale: Option<String>,
    organization_id: Uuid,
    default_payment_method_id: Option<Uuid>,
    deleted_at: Option<Time>,
    first_user_event_at: Option<Time>,
    avatar_url: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Address {
    line1: Option<String>,
    line2: Option<String>,
    postal_code: Option<String>,
    city: Option<String>,
    state: Option<String>,
    country: String,
}

#[derive(Debug, Deserialize)]
struct Product {
    id: Uuid,
    created_at: Time,
    modified_at: Option<Time>,
    trial_interval: Option<Interval>,
    trial_interval_count: Option<i64>,
    name: String,
    description: Option<String>,
    visibility: Visibility,
    recurring_interval: Option<Interval>,
    recurring_interval_count: Option<i64>,
    meter_interval: Option<Interval>,
    meter_interval_count: Option<i64>,
    is_recurring: bool,
    is_archived: bool,
    organization_id: Uuid,
    metadata: Metadata,
    is_deletable: bool,
    prices: Vec<Price>,
    benefits: Vec<Benefit>,
    medias: Vec<Media>,
    attached_custom_fields: Vec<AttachedCustomField>,
}

#[derive(Debug, Deserialize)]
struct Price {
    created_at: Time,
    modified_at: Option<Time>,
    id: Uuid,
    source: String,
    amount_type: String,
    price_currency: String,
    tax_behavior: Option<String>,
    is_archived: bool,
    product_id: Uuid,
    price_amount: Option<i64>,
    cap_amount: Option<i64>,
    meter_id: Option<Uuid>,
    meter: Option<PriceMeter>,
    unit_amount: Option<String>,
    seat_tiers: Option<SeatTiers>,
}

#[derive(Debug, Deserialize)]
struct PriceMeter {
    id: Uuid,
    name: String,
    unit: String,
    custom_label: Option<String>,
    custom_multiplier: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct SeatTiers {
    seat_tier_type: String,
    tiers: Vec<SeatTier>,
    minimum_seats: i64,
    maximum_seats: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct SeatTier {
    min_seats: i64,
    max_seats: Option<i64>,
    price_per_seat: i64,
}

#[derive(Debug, Deserialize)]
struct Benefit {
    id: Uuid,
    created_at: Time,
    modified_at: Option<Time>,
    r#type: String,
    description: String,
    selectable: bool,
    deletable: bool,
    is_deleted: bool,
    organization_id: Uuid,
    metadata: Metadata,
    visibility: Visibility,
    properties: BenefitProperties,
    visibility_configurable: bool,
}

#[derive(Debug, Deserialize)]
struct BenefitProperties {
    note: Option<String>,
    units: Option<i64>,
    rollover: Option<bool>,
    meter_id: Option<Uuid>,
    prefix: Option<String>,
    expires: Option<Expiration>,
    activations: Option<Activations>,
    limit_usage: Option<i64>,
    archived: Option<HashMap<String, Value>>,
    files: Option<Vec<Uuid>>,
}

#[derive(Debug, Deserialize)]
struct Expiration {
    ttl: i64,
    timeframe: Interval,
}

#[derive(Debug, Deserialize)]
struct Activations {
    limit: i64,
    enable_customer_admin: bool,
}

#[derive(Debug, Deserialize)]
struct Media {
    id: Uuid,
    organization_id: Uuid,
    name: String,
    path: String,
    mime_type: String,
    size: i64,
    storage_version: Option<String>,
    checksum_etag: Option<String>,
    checksum_sha256_base64: Option<String>,
    checksum_sha256_hex: Option<String>,
    last_modified_at: Option<Time>,
    version: Option<String>,
    service: String,
    is_uploaded: bool,
    created_at: Time,
    size_readable: String,
    public_url: String,
}

#[derive(Debug, Deserialize)]
struct AttachedCustomField {
    custom_field_id: Uuid,
    custom_field: CustomField,
    order: i64,
    required: bool,
}

#[derive(Debug, Deserialize)]
struct CustomField {
    created_at: Time,
    modified_at: Option<Time>,
    id: Uuid,
    metadata: Metadata,
    r#type: String,
    slug: String,
    name: String,
    organization_id: Uuid,
    properties: CustomFieldProperties,
}

#[derive(Debug, Deserialize)]
struct CustomFieldProperties {
    form_label: Option<String>,
    form_help_text: Option<String>,
    form_placeholder: Option<String>,
    textarea: Option<bool>,
    min_length: Option<i64>,
    max_length: Option<i64>,
    options: Option<Vec<SelectOption>>,
}

#[derive(Debug, Deserialize)]
struct SelectOption {
    value: String,
    label: String,
}

#[derive(Debug, Deserialize)]
struct Discount {
    duration: String,
    duration_in_months: Option<i64>,
    r#type: String,
    basis_points: Option<i64>,
    created_at: Time,
    modified_at: Option<Time>,
    id: Uuid,
    metadata: Metadata,
    name: String,
    code: Option<String>,
    starts_at: Option<Time>,
    ends_at: Option<Time>,
    max_redemptions: Option<i64>,
    max_redemptions_per_customer: Option<i64>,
    redemptions_count: i64,
    organization_id: Uuid,
}

#[derive(Debug, Deserialize)]
struct SubscriptionMeter {
    created_at: Time,
    modified_at: Option<Time>,
    id: Uuid,
    consumed_units: f64,
    credited_units: i64,
    amount: i64,
    meter_id: Uuid,
    meter: Meter,
}

#[derive(Debug, Deserialize)]
struct Meter {
    metadata: Metadata,
    created_at: Time,
    modified_at: Option<Time>,
    id: Uuid,
    name: String,
    unit: String,
    custom_label: Option<String>,
    custom_multiplier: Option<i64>,
    filter: Filter,
    aggregation: Aggregation,
    organization_id: Uuid,
    archived_at: Option<Time>,
}

#[derive(Debug, Deserialize)]
struct Filter {
    conjunction: String,
    clauses: Vec<Clause>,
}

#[derive(Debug, Deserialize)]
struct Clause {
    property: String,
    operator: String,
    value: Value,
}

#[derive(Debug, Deserialize)]
struct Aggregation {
    func: String,
    property: Option<String>,
}

#[derive(Debug, Deserialize)]
struct PendingUpdate {
    created_at: Time,
    modified_at: Option<Time>,
    id: Uuid,
    applies_at: Time,
    product_id: Option<Uuid>,
    seats: Option<i64>,
    units: Option<i64>,
}
