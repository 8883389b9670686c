//! Adding figures to figures, exactly: a sum that doesn't fit is an error and never a wrong number.

use std::collections::BTreeMap;

use super::{Figures, MoneyFigures, OrderFigures, OrderMoney, Totals};

/// A sum is larger than 64 bits hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sum of {what} would be too large to be kept")]
pub struct Overflow {
    /// Of what.
    pub what: &'static str,
}

/// `i64::checked_add` or `i64::checked_sub`.
pub(super) type Operation = fn(i64, i64) -> Option<i64>;

impl Figures {
    /// Adds. After an error this is half done and of no use any more.
    pub fn add(&mut self, other: &Self) -> Result<(), Overflow> {
        self.combine(other, i64::checked_add)
    }

    pub(super) fn combine(&mut self, other: &Self, operation: Operation) -> Result<(), Overflow> {
        each(&mut self.events, &other.events, |sum, more| {
            change(sum, *more, operation, "events")
        })?;
        each(&mut self.units, &other.units, |sum, more| {
            change(sum, *more, operation, "units")
        })?;
        each(&mut self.money, &other.money, |sum, more| {
            sum.combine(more, operation)
        })
    }
}

impl MoneyFigures {
    /// Adds. After an error this is half done and of no use any more.
    pub fn add(&mut self, other: &Self) -> Result<(), Overflow> {
        self.combine(other, i64::checked_add)
    }

    fn combine(&mut self, other: &Self, operation: Operation) -> Result<(), Overflow> {
        let change = |sum, more, what| change(sum, more, operation, what);
        change(&mut self.sold_micros, other.sold_micros, "item revenue")?;
        change(
            &mut self.refunded_micros,
            other.refunded_micros,
            "refunded item revenue",
        )?;
        change(&mut self.profit_micros, other.profit_micros, "profit")?;
        change(
            &mut self.profit_units,
            other.profit_units,
            "units with a profit",
        )
    }
}

impl OrderFigures {
    fn combine(&mut self, other: &Self, operation: Operation) -> Result<(), Overflow> {
        let counted = |sum, more, what| change(sum, more, operation, what);
        counted(&mut self.orders, other.orders, "orders")?;
        counted(&mut self.refunds, other.refunds, "refunds")?;
        counted(
            &mut self.unallocated_refunds,
            other.unallocated_refunds,
            "unallocated refunds",
        )?;
        each(&mut self.money, &other.money, |sum, more| {
            sum.combine(more, operation)
        })
    }
}

impl OrderMoney {
    fn combine(&mut self, other: &Self, operation: Operation) -> Result<(), Overflow> {
        let change = |sum, more, what| change(sum, more, operation, what);
        change(&mut self.sold_micros, other.sold_micros, "order revenue")?;
        change(
            &mut self.refunded_micros,
            other.refunded_micros,
            "refunded order revenue",
        )?;
        change(
            &mut self.unallocated_micros,
            other.unallocated_micros,
            "unallocated refunds' values",
        )
    }
}

impl Totals {
    /// Adds. After an error this is half done and of no use any more.
    pub fn add(&mut self, other: &Self) -> Result<(), Overflow> {
        self.combine(other, i64::checked_add)
    }

    pub(super) fn combine(&mut self, other: &Self, operation: Operation) -> Result<(), Overflow> {
        self.items.combine(&other.items, operation)?;
        self.orders.combine(&other.orders, operation)
    }
}

/// Changes a sum in place.
pub(super) fn change(
    sum: &mut i64,
    more: i64,
    operation: Operation,
    what: &'static str,
) -> Result<(), Overflow> {
    *sum = operation(*sum, more).ok_or(Overflow { what })?;
    Ok(())
}

/// Combines two maps key by key. Entries that come to nothing go, so that figures that say the same are equal.
fn each<K: Ord + Copy, V: Default + PartialEq>(
    sums: &mut BTreeMap<K, V>,
    more: &BTreeMap<K, V>,
    combine: impl Fn(&mut V, &V) -> Result<(), Overflow>,
) -> Result<(), Overflow> {
    for (key, value) in more {
        let sum = sums.entry(*key).or_default();
        combine(sum, value)?;
        if *sum == V::default() {
            sums.remove(key);
        }
    }
    Ok(())
}
