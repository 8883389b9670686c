//! Figures as the page's API shows them: amounts as decimal text by currency, times as RFC 3339.

mod figures;
mod items;
mod query;
mod summary;

use std::collections::BTreeMap;

use events::{Currency, Money};

pub(crate) use figures::{FiguresShown, SummaryFigures};
pub(crate) use items::{ItemList, ItemRow, found_items, item_rows, price_shown};
pub(crate) use query::{MAX_LIMIT, Query, Sort};
pub(crate) use summary::{PointShown, Series, Summary, series_of, steps_of, summary_of};

/// Decimal text by currency.
pub(crate) type Amounts = BTreeMap<Currency, String>;

/// The amount as text.
pub(crate) fn amount(micros: i64, currency: Currency) -> String {
    Money::from_micros(micros, currency).to_decimal_string()
}
