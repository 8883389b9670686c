//! Figures as the numbers of a row, in the columns' order, and back. What is zero is a zero in a row and no entry in
//! figures.

use ::store::tallies::{Counted, Figures, MoneyFigures, OrderFigures, OrderMoney};
use events::Currency;
use rusqlite::Row;

use super::schema::COUNTS_LENGTH;

/// In the order of `schema::COUNTS`.
pub(super) fn counts(figures: &Figures) -> impl Iterator<Item = i64> {
    Counted::ALL.into_iter().flat_map(|counted| {
        let of =
            |by_kind: &std::collections::BTreeMap<Counted, i64>| by_kind.get(&counted).copied();
        [
            of(&figures.events).unwrap_or_default(),
            of(&figures.units).unwrap_or_default(),
        ]
    })
}

/// In the order of `schema::ORDER_COUNTS`.
pub(super) fn order_counts(figures: &OrderFigures) -> [i64; 3] {
    [figures.orders, figures.refunds, figures.unallocated_refunds]
}

/// In the order of `schema::MONEY`.
pub(super) fn money(figures: &MoneyFigures) -> [i64; 4] {
    [
        figures.sold_micros,
        figures.refunded_micros,
        figures.profit_micros,
        figures.profit_units,
    ]
}

/// In the order of `schema::ORDER_MONEY`.
pub(super) fn order_money(figures: &OrderMoney) -> [i64; 3] {
    [
        figures.sold_micros,
        figures.refunded_micros,
        figures.unallocated_micros,
    ]
}

/// Reads `schema::COUNTS` from column `first` on.
pub(super) fn read_counts(row: &Row<'_>, first: usize) -> rusqlite::Result<Figures> {
    let mut figures = Figures::default();
    let columns = (first..first + COUNTS_LENGTH).step_by(2);
    for (counted, column) in Counted::ALL.into_iter().zip(columns) {
        for (by_kind, column) in [
            (&mut figures.events, column),
            (&mut figures.units, column + 1),
        ] {
            let count: i64 = row.get(column)?;
            if count != 0 {
                by_kind.insert(counted, count);
            }
        }
    }
    Ok(figures)
}

/// Reads `schema::ORDER_COUNTS` from column `first` on.
pub(super) fn read_order_counts(row: &Row<'_>, first: usize) -> rusqlite::Result<OrderFigures> {
    Ok(OrderFigures {
        orders: row.get(first)?,
        refunds: row.get(first + 1)?,
        unallocated_refunds: row.get(first + 2)?,
        ..OrderFigures::default()
    })
}

/// Reads `schema::MONEY` from column `first` on; `None` if all of it is zero.
pub(super) fn read_money(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<MoneyFigures>> {
    let money = MoneyFigures {
        sold_micros: row.get(first)?,
        refunded_micros: row.get(first + 1)?,
        profit_micros: row.get(first + 2)?,
        profit_units: row.get(first + 3)?,
    };
    Ok((money != MoneyFigures::default()).then_some(money))
}

/// Reads `schema::ORDER_MONEY` from column `first` on; `None` if all of it is zero.
pub(super) fn read_order_money(
    row: &Row<'_>,
    first: usize,
) -> rusqlite::Result<Option<OrderMoney>> {
    let money = OrderMoney {
        sold_micros: row.get(first)?,
        refunded_micros: row.get(first + 1)?,
        unallocated_micros: row.get(first + 2)?,
    };
    Ok((money != OrderMoney::default()).then_some(money))
}

/// A currency as it is kept.
pub(super) fn read_currency(row: &Row<'_>, column: usize) -> rusqlite::Result<Currency> {
    let text = row.get_ref(column)?.as_str()?;
    Currency::parse(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(
            column,
            rusqlite::types::Type::Text,
            Box::new(error),
        )
    })
}
