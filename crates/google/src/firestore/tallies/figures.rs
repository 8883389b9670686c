//! Figures as numbers that have a name each, the way documents keep them and commits add to them.

use events::Currency;
use firestore::gcloud_sdk::google::firestore::v1::value::ValueType;
use store::StoreUnavailable;
use store::tallies::{Counted, Figures, MoneyFigures, OrderMoney, Totals};

use super::super::value::{Fields, integer_of, map_of};

/// One number of a step's or an item's figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    Events(Counted),
    Units(Counted),
    Sold(Currency),
    Refunded(Currency),
    Profit(Currency),
    ProfitUnits(Currency),
    Orders,
    Refunds,
    UnallocatedRefunds,
    OrderSold(Currency),
    OrderRefunded(Currency),
    OrderUnallocated(Currency),
}

impl Number {
    /// The names of its map and of itself.
    pub(super) fn name(&self) -> [&str; 2] {
        match self {
            Self::Events(counted) => ["events", counted.name()],
            Self::Units(counted) => ["units", counted.name()],
            Self::Sold(currency) => ["sold_micros", currency.as_str()],
            Self::Refunded(currency) => ["refunded_micros", currency.as_str()],
            Self::Profit(currency) => ["profit_micros", currency.as_str()],
            Self::ProfitUnits(currency) => ["profit_units", currency.as_str()],
            Self::Orders => ["orders", "purchases"],
            Self::Refunds => ["orders", "refunds"],
            Self::UnallocatedRefunds => ["orders", "unallocated_refunds"],
            Self::OrderSold(currency) => ["order_sold_micros", currency.as_str()],
            Self::OrderRefunded(currency) => ["order_refunded_micros", currency.as_str()],
            Self::OrderUnallocated(currency) => ["order_unallocated_micros", currency.as_str()],
        }
    }

    /// The number of that name; `None` for anything else that a document holds.
    pub(super) fn parse(map: &str, name: &str) -> Option<Self> {
        let counted = || Counted::parse(name);
        let currency = || Currency::parse(name).ok();
        match map {
            "events" => counted().map(Self::Events),
            "units" => counted().map(Self::Units),
            "sold_micros" => currency().map(Self::Sold),
            "refunded_micros" => currency().map(Self::Refunded),
            "profit_micros" => currency().map(Self::Profit),
            "profit_units" => currency().map(Self::ProfitUnits),
            "orders" => match name {
                "purchases" => Some(Self::Orders),
                "refunds" => Some(Self::Refunds),
                "unallocated_refunds" => Some(Self::UnallocatedRefunds),
                _ => None,
            },
            "order_sold_micros" => currency().map(Self::OrderSold),
            "order_refunded_micros" => currency().map(Self::OrderRefunded),
            "order_unallocated_micros" => currency().map(Self::OrderUnallocated),
            _ => None,
        }
    }
}

/// Those of an item's figures that are not zero.
pub(super) fn numbers_of(figures: &Figures) -> Vec<(Number, i64)> {
    let events = figures.events.iter();
    let units = figures.units.iter();
    let counts = events
        .map(|(counted, sum)| (Number::Events(*counted), *sum))
        .chain(units.map(|(counted, sum)| (Number::Units(*counted), *sum)));
    let money = figures.money.iter().flat_map(|(currency, money)| {
        [
            (Number::Sold(*currency), money.sold_micros),
            (Number::Refunded(*currency), money.refunded_micros),
            (Number::Profit(*currency), money.profit_micros),
            (Number::ProfitUnits(*currency), money.profit_units),
        ]
    });
    counts.chain(money).filter(|(_, sum)| *sum != 0).collect()
}

/// Those of the totals that are not zero.
pub(super) fn numbers_of_totals(totals: &Totals) -> Vec<(Number, i64)> {
    let orders = &totals.orders;
    let counts = [
        (Number::Orders, orders.orders),
        (Number::Refunds, orders.refunds),
        (Number::UnallocatedRefunds, orders.unallocated_refunds),
    ];
    let money = orders.money.iter().flat_map(|(currency, money)| {
        [
            (Number::OrderSold(*currency), money.sold_micros),
            (Number::OrderRefunded(*currency), money.refunded_micros),
            (
                Number::OrderUnallocated(*currency),
                money.unallocated_micros,
            ),
        ]
    });
    let mut numbers = numbers_of(&totals.items);
    numbers.extend(counts.into_iter().chain(money).filter(|(_, sum)| *sum != 0));
    numbers
}

/// Whether any number is so large that what others add meanwhile may bring it to the end of 64 bits, where Firestore stops
/// without a word. Whoever adds to it then reads it before.
pub(super) fn are_near_the_end(totals: &Totals) -> bool {
    is_any_large(&numbers_of_totals(totals))
}

/// The same of an item.
pub(super) fn is_near_the_end(figures: &Figures) -> bool {
    is_any_large(&numbers_of(figures))
}

fn is_any_large(numbers: &[(Number, i64)]) -> bool {
    const LARGE: u64 = i64::MAX.unsigned_abs() / 4;
    numbers.iter().any(|(_, sum)| sum.unsigned_abs() > LARGE)
}

/// Puts a number in its place. What is zero has no entry, as in all figures.
pub(super) fn set(totals: &mut Totals, number: Number, sum: i64) {
    let orders = &mut totals.orders;
    match number {
        Number::Orders => orders.orders = sum,
        Number::Refunds => orders.refunds = sum,
        Number::UnallocatedRefunds => orders.unallocated_refunds = sum,
        Number::OrderSold(currency) => {
            set_order_money(totals, currency, |money| money.sold_micros = sum);
        }
        Number::OrderRefunded(currency) => {
            set_order_money(totals, currency, |money| money.refunded_micros = sum);
        }
        Number::OrderUnallocated(currency) => {
            set_order_money(totals, currency, |money| money.unallocated_micros = sum);
        }
        _ => set_of_item(&mut totals.items, number, sum),
    }
}

/// The same for an item, which has no orders.
pub(super) fn set_of_item(figures: &mut Figures, number: Number, sum: i64) {
    match number {
        Number::Events(counted) => set_count(&mut figures.events, counted, sum),
        Number::Units(counted) => set_count(&mut figures.units, counted, sum),
        Number::Sold(currency) => set_money(figures, currency, |money| money.sold_micros = sum),
        Number::Refunded(currency) => {
            set_money(figures, currency, |money| money.refunded_micros = sum);
        }
        Number::Profit(currency) => set_money(figures, currency, |money| money.profit_micros = sum),
        Number::ProfitUnits(currency) => {
            set_money(figures, currency, |money| money.profit_units = sum);
        }
        _ => {}
    }
}

fn set_count(counts: &mut std::collections::BTreeMap<Counted, i64>, counted: Counted, sum: i64) {
    match sum {
        0 => drop(counts.remove(&counted)),
        sum => drop(counts.insert(counted, sum)),
    }
}

fn set_money(figures: &mut Figures, currency: Currency, set: impl FnOnce(&mut MoneyFigures)) {
    let money = figures.money.entry(currency).or_default();
    set(money);
    if *money == MoneyFigures::default() {
        figures.money.remove(&currency);
    }
}

fn set_order_money(totals: &mut Totals, currency: Currency, set: impl FnOnce(&mut OrderMoney)) {
    let money = totals.orders.money.entry(currency).or_default();
    set(money);
    if *money == OrderMoney::default() {
        totals.orders.money.remove(&currency);
    }
}

/// Reads the numbers among the fields of a document or a map.
pub(super) fn read(fields: &Fields) -> Result<Totals, StoreUnavailable> {
    let mut totals = Totals::default();
    for (map, value) in fields {
        let Some(ValueType::MapValue(numbers)) = &value.value_type else {
            continue;
        };
        for name in numbers.fields.keys() {
            if let Some(number) = Number::parse(map, name) {
                let sum = integer_of(&numbers.fields, name)?.unwrap_or_default();
                set(&mut totals, number, sum);
            }
        }
    }
    Ok(totals)
}

/// Counters of a map by name.
pub(super) fn counters<'a>(
    fields: &'a Fields,
    map: &str,
) -> Result<Vec<(&'a str, i64)>, StoreUnavailable> {
    let Some(counters) = map_of(fields, map)? else {
        return Ok(Vec::new());
    };
    let counter = |name: &'a String| {
        let count = integer_of(counters, name)?.unwrap_or_default();
        Ok((name.as_str(), count))
    };
    counters.keys().map(counter).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use store::tallies::OrderFigures;

    use super::super::super::value::{integer, map};
    use super::*;

    fn everything() -> Totals {
        let counts = |first: i64| Counted::ALL.into_iter().zip(first..).collect();
        let euro = Currency::parse("EUR").expect("a currency");
        let money = MoneyFigures {
            sold_micros: i64::MAX,
            refunded_micros: 21,
            profit_micros: -22,
            profit_units: 23,
        };
        let orders = OrderMoney {
            sold_micros: 31,
            refunded_micros: 32,
            unallocated_micros: i64::MIN,
        };
        Totals {
            items: Figures {
                events: counts(1),
                units: counts(11),
                money: [(euro, money), (Currency::NONE, money)].into(),
            },
            orders: OrderFigures {
                orders: 41,
                refunds: 42,
                unallocated_refunds: 43,
                money: [(euro, orders)].into(),
            },
        }
    }

    #[test]
    fn every_number_comes_back_from_a_document() {
        let totals = everything();
        let mut fields: HashMap<String, HashMap<_, _>> = HashMap::new();
        for (number, sum) in numbers_of_totals(&totals) {
            let [map, name] = number.name();
            let map = fields.entry(map.to_owned()).or_default();
            assert!(map.insert(name.to_owned(), integer(sum)).is_none());
        }
        let mut fields: Fields = fields
            .into_iter()
            .map(|(name, numbers)| (name, map(numbers)))
            .collect();
        fields.insert("version".into(), integer(7));
        assert_eq!(read(&fields).expect("numbers"), totals);
    }

    #[test]
    fn what_becomes_zero_leaves_no_entry() {
        let mut totals = everything();
        for (number, _) in numbers_of_totals(&everything()) {
            set(&mut totals, number, 0);
        }
        assert_eq!(totals, Totals::default());
    }
}
