//! Prices in words.

use std::fmt;

use polar_client::Extra;
use polar_client::models::{
    LegacyRecurringProductPrice, MeterUnit, Price, ProductPrice, ProductPriceMeter, SeatTierType, Tier, TierType,
};
use polar_client::serde_json::Value;

use super::{Decimal, Money, MoneyError, UnitPrice};

/// The description of a price, as data and, by `Display`, in English.
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
    /// The charge.
    pub kind: PriceKind,
    /// The interval of the charge, for example `month`. `None` for a one-time purchase, and for metered prices.
    pub interval: Option<String>,
    /// Whether the price is a legacy price, which has its own interval.
    pub is_legacy: bool,
}

/// The charge of a price.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum PriceKind {
    /// Nothing.
    Free,
    /// A fixed amount.
    Fixed(Money),
    /// An amount that the customer chooses.
    Custom {
        /// The minimum amount. 0 means that the customer may pay nothing.
        minimum: Money,
        /// The maximum amount, if there is one.
        maximum: Option<Money>,
        /// The amount that the checkout suggests. `None` means the minimum.
        suggested: Option<Money>,
    },
    /// A rate for usage.
    Metered {
        /// The price of `quantity` units.
        price: UnitPrice,
        /// Number of counted units in the price: 1,000,000 for tokens.
        quantity: i64,
        /// The counted unit, such as `tokens`.
        unit: String,
        /// The name of the meter.
        meter: String,
        /// Maximum charge of one cycle.
        cap: Option<Money>,
    },
    /// Rates for usage that depend on the quantity.
    MeteredTiers {
        /// The rates.
        tiers: Vec<PriceTier>,
        /// How the rates apply.
        mode: TierMode,
        /// The name of the meter.
        meter: String,
        /// Maximum charge of one cycle.
        cap: Option<Money>,
    },
    /// Rates for seats that depend on their number.
    Seats {
        /// The rates.
        tiers: Vec<PriceTier>,
        /// How the rates apply.
        mode: TierMode,
    },
    /// Rates for units that depend on their number.
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
    /// First quantity of the range.
    pub first: i64,
    /// Last quantity of the range. `None` means that there is no limit.
    pub last: Option<i64>,
    /// Price of one unit.
    pub price: UnitPrice,
}

/// Describes a price.
pub trait DescribePrice {
    /// Returns the description of the price. `None` for a type of price that this version of the crate does not know.
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

/// The server sends the interval of the product with each price, although no document declares it.
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

/// Each range begins after the end of the previous one.
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
