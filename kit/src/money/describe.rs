//! Prices in words.

use std::fmt;

use polar_client::Extra;
use polar_client::models::{
    LegacyRecurringProductPrice, MeterUnit, Price, ProductPrice, ProductPriceMeter, SeatTierType, Tier, TierType,
};
use polar_client::serde_json::Value;

use super::{Decimal, Money, MoneyError, UnitPrice};

/// What a price is, as data and, by `Display`, in English.
///
/// | price | in words |
/// |---|---|
/// | fixed | `10.00 USD per month` |
/// | free | `free` |
/// | pay what you want | `pay what you want, at least 5.00 USD` |
/// | metered | `0.30 USD per 1,000,000 tokens (Input tokens), at most 50.00 USD` |
/// | per seat | `per seat and month: 1 to 10 for 10.00 USD each, 11 and more for 8.00 USD each` |
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PriceDescription {
    /// What has to be paid.
    pub kind: PriceKind,
    /// How often it has to be paid: `month`, for instance. `None` for a purchase, and for metered prices.
    pub interval: Option<String>,
    /// Whether the price is of the old kind, which is part of a price and not of its product.
    pub is_legacy: bool,
}

/// What has to be paid.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum PriceKind {
    /// Nothing.
    Free,
    /// Always the same amount.
    Fixed(Money),
    /// What the customer wants to pay.
    Custom {
        /// The least amount. 0 means that paying nothing is fine.
        minimum: Money,
        /// The largest amount, if there is a limit.
        maximum: Option<Money>,
        /// The amount that the checkout suggests. `None` means the minimum.
        suggested: Option<Money>,
    },
    /// What was used.
    Metered {
        /// The price of `quantity` units.
        price: UnitPrice,
        /// How many counted units the price is for: 1,000,000 for tokens.
        quantity: i64,
        /// What is counted, such as `tokens`.
        unit: String,
        /// The name of the meter.
        meter: String,
        /// The most that one cycle can cost.
        cap: Option<Money>,
    },
    /// What was used, at rates that depend on the quantity.
    MeteredTiers {
        /// The rates.
        tiers: Vec<PriceTier>,
        /// How the rates apply.
        mode: TierMode,
        /// The name of the meter.
        meter: String,
        /// The most that one cycle can cost.
        cap: Option<Money>,
    },
    /// A number of seats, at rates that depend on it.
    Seats {
        /// The rates.
        tiers: Vec<PriceTier>,
        /// How the rates apply.
        mode: TierMode,
    },
    /// A number of units, at rates that depend on it.
    Units {
        /// The rates.
        tiers: Vec<PriceTier>,
        /// How the rates apply.
        mode: TierMode,
    },
}

/// How the rates of tiers apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TierMode {
    /// The whole quantity has the rate of the tier that it falls into.
    Volume,
    /// Each unit has the rate of the tier that it falls into.
    Graduated,
    /// A mode that this version of the crate does not know.
    Unknown,
}

/// The rate for a range of quantities.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PriceTier {
    /// The first quantity of the range.
    pub first: i64,
    /// The last one. `None` means that there is no limit.
    pub last: Option<i64>,
    /// The price of one unit.
    pub price: UnitPrice,
}

/// Describes a price.
pub trait DescribePrice {
    /// Returns what the price is. `None` for a kind of price that this version of the crate does not know.
    ///
    /// ```
    /// use polar_client::models::Product;
    /// use polar_client_kit::money::DescribePrice;
    ///
    /// fn prices(product: &Product) -> Vec<String> {
    ///     product.prices.iter().filter_map(|price| Some(price.describe()?.to_string())).collect()
    /// }
    /// ```
    fn describe(&self) -> Option<PriceDescription>;
}

impl DescribePrice for Price {
    fn describe(&self) -> Option<PriceDescription> {
        match self {
            Self::LegacyRecurringProduct(price) => price.describe(),
            Self::Product(price) => price.describe(),
            _ => None,
        }
    }
}

impl DescribePrice for LegacyRecurringProductPrice {
    fn describe(&self) -> Option<PriceDescription> {
        let (kind, interval) = match self {
            Self::Fixed(price) => (fixed(price.price_amount, &price.price_currency), &price.recurring_interval),
            Self::Custom(price) => {
                let bounds = [price.maximum_amount, price.preset_amount];
                (custom(price.minimum_amount, bounds, &price.price_currency), &price.recurring_interval)
            }
            _ => return None,
        };
        Some(PriceDescription { kind, interval: Some(interval.to_string()), is_legacy: true })
    }
}

impl DescribePrice for ProductPrice {
    fn describe(&self) -> Option<PriceDescription> {
        let (kind, extra) = match self {
            Self::Fixed(price) => (fixed(price.price_amount, &price.price_currency), &price.extra),
            Self::Custom(price) => {
                let bounds = [price.maximum_amount, price.preset_amount];
                (custom(price.minimum_amount, bounds, &price.price_currency), &price.extra)
            }
            Self::MeteredUnit(price) => {
                let unit = UnitPrice::parse(&price.unit_amount, &price.price_currency).ok()?;
                let cap = price.cap_amount.map(|cap| Money::new(cap, &price.price_currency));
                return Some(PriceDescription::usage(metered(&unit, &price.meter, cap).ok()?));
            }
            Self::MeteredTiers(price) => {
                let kind = PriceKind::MeteredTiers {
                    tiers: tiers(&price.tiers.tiers, 1, &price.price_currency).ok()?,
                    mode: mode(&price.tiers.r#type),
                    meter: price.meter.name.clone(),
                    cap: price.cap_amount.map(|cap| Money::new(cap, &price.price_currency)),
                };
                return Some(PriceDescription::usage(kind));
            }
            Self::SeatBased(price) => {
                let tiers = price.seat_tiers.tiers.iter().map(|tier| PriceTier {
                    first: tier.min_seats,
                    last: tier.max_seats.value().copied(),
                    price: Money::new(tier.price_per_seat, &price.price_currency).into(),
                });
                let mode = match price.seat_tiers.seat_tier_type {
                    None | Some(SeatTierType::Volume) => TierMode::Volume,
                    Some(SeatTierType::Graduated) => TierMode::Graduated,
                    Some(_) => TierMode::Unknown,
                };
                (PriceKind::Seats { tiers: tiers.collect(), mode }, &price.extra)
            }
            Self::UnitBased(price) => {
                let first = price.minimum_units.unwrap_or(1);
                let tiers = tiers(&price.tiers.tiers, first, &price.price_currency).ok()?;
                (PriceKind::Units { tiers, mode: mode(&price.tiers.r#type) }, &price.extra)
            }
            _ => return None,
        };
        Some(PriceDescription { kind, interval: interval(extra), is_legacy: false })
    }
}

impl PriceDescription {
    fn usage(kind: PriceKind) -> Self {
        Self { kind, interval: None, is_legacy: false }
    }
}

/// The server sends the interval of the product along with each price, which no document says.
fn interval(extra: &Extra) -> Option<String> {
    extra.get("recurring_interval").and_then(Value::as_str).map(str::to_owned)
}

fn fixed(amount: i64, currency: &str) -> PriceKind {
    if amount == 0 { PriceKind::Free } else { PriceKind::Fixed(Money::new(amount, currency)) }
}

fn custom(minimum: i64, [maximum, suggested]: [Option<i64>; 2], currency: &str) -> PriceKind {
    let money = |amount| Money::new(amount, currency);
    PriceKind::Custom { minimum: money(minimum), maximum: maximum.map(money), suggested: suggested.map(money) }
}

fn metered(unit_price: &UnitPrice, meter: &ProductPriceMeter, cap: Option<Money>) -> Result<PriceKind, MoneyError> {
    let (quantity, unit) = match meter.unit {
        MeterUnit::Token => (1_000_000, "tokens"),
        MeterUnit::Custom => (meter.custom_multiplier.unwrap_or(1), meter.custom_label.as_deref().unwrap_or("unit")),
        _ => (1, "unit"),
    };
    let price = unit_price.per(quantity)?;
    Ok(PriceKind::Metered { price, quantity, unit: unit.to_owned(), meter: meter.name.clone(), cap })
}

/// Each range begins behind the end of the one before.
fn tiers(tiers: &[Tier], first: i64, currency: &str) -> Result<Vec<PriceTier>, MoneyError> {
    let mut next = first;
    let tier = |tier: &Tier| {
        let first = std::mem::replace(&mut next, tier.bound.unwrap_or(i64::MAX).saturating_add(1));
        Ok(PriceTier { first, last: tier.bound, price: UnitPrice::parse(&tier.unit_amount, currency)? })
    };
    tiers.iter().map(tier).collect()
}

fn mode(mode: &TierType) -> TierMode {
    match mode {
        TierType::Volume => TierMode::Volume,
        TierType::Graduated => TierMode::Graduated,
        _ => TierMode::Unknown,
    }
}

impl fmt::Display for PriceDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.write(f, self.interval.as_deref())
    }
}

impl fmt::Display for PriceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, None)
    }
}

impl PriceKind {
    fn write(&self, f: &mut fmt::Formatter<'_>, interval: Option<&str>) -> fmt::Result {
        let (per, and) = match interval {
            Some(interval) => (format!(" per {interval}"), format!(" and {interval}")),
            None => Default::default(),
        };
        match self {
            Self::Free => f.write_str("free"),
            Self::Fixed(amount) => write!(f, "{amount}{per}"),
            Self::Custom { minimum, maximum, .. } => {
                write!(f, "pay what you want{per}")?;
                if !minimum.is_zero() {
                    write!(f, ", at least {minimum}")?;
                }
                at_most(f, maximum.as_ref())
            }
            Self::Metered { price, quantity, unit, meter, cap } => {
                if price.is_zero() {
                    return write!(f, "free usage ({meter})");
                }
                write!(f, "{price} per ")?;
                if *quantity != 1 {
                    write!(f, "{} ", grouped(*quantity))?;
                }
                write!(f, "{unit} ({meter})")?;
                at_most(f, cap.as_ref())
            }
            Self::MeteredTiers { tiers, mode, meter, cap } => {
                write!(f, "per unit ({meter})")?;
                ranges(f, tiers, *mode)?;
                at_most(f, cap.as_ref())
            }
            Self::Seats { tiers, mode } => {
                write!(f, "per seat{and}")?;
                ranges(f, tiers, *mode)
            }
            Self::Units { tiers, mode } => {
                write!(f, "per unit{and}")?;
                ranges(f, tiers, *mode)
            }
        }
    }
}

fn at_most(f: &mut fmt::Formatter<'_>, limit: Option<&Money>) -> fmt::Result {
    match limit {
        Some(limit) => write!(f, ", at most {limit}"),
        None => Ok(()),
    }
}

fn ranges(f: &mut fmt::Formatter<'_>, tiers: &[PriceTier], mode: TierMode) -> fmt::Result {
    for (index, PriceTier { first, last, price }) in tiers.iter().enumerate() {
        f.write_str(if index == 0 { ": " } else { ", " })?;
        match (last, tiers.len()) {
            (None, 1) if *first <= 1 => {}
            (Some(last), _) if last == first => write!(f, "{} for ", grouped(*first))?,
            (Some(last), _) => write!(f, "{} to {} for ", grouped(*first), grouped(*last))?,
            (None, _) => write!(f, "{} and more for ", grouped(*first))?,
        }
        if price.is_zero() {
            f.write_str("free")?;
        } else {
            write!(f, "{price} each")?;
        }
    }
    match mode {
        TierMode::Graduated if tiers.len() > 1 => f.write_str(" (each at the rate of its own range)"),
        _ => Ok(()),
    }
}

fn grouped(number: i64) -> String {
    super::amount::text(Decimal::from(number), "").trim_end().to_owned()
}
