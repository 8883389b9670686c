//! Items as comma-separated values (RFC 4180), one row an item and currency.
//!
//! Counts stand in an item's first row alone, so that a column can be added up. A text that a spreadsheet would take
//! for a formula is written behind an apostrophe.

use std::borrow::Cow;
use std::collections::BTreeSet;

use events::Currency;
use store::tallies::ItemFigures;

use crate::shown::{Amounts, FiguresShown, price_shown};

const HEADER: &str = "item_id,name,category,brand,currency,price,views,carts,cart_removals,checkouts,purchases,\
                      units_sold,units_refunded,profit_known_units,revenue,refunded,profit\r\n";

/// The whole file, with money of that currency alone if one is given.
pub(super) fn of_items(items: &[&ItemFigures], currency: Option<Currency>) -> String {
    let mut file = HEADER.to_owned();
    for item in items {
        let figures = FiguresShown::of(&item.figures, currency);
        let mut currencies: BTreeSet<Option<Currency>> =
            figures.revenue.keys().copied().map(Some).collect();
        if currencies.is_empty() {
            currencies.insert(item.details.price.map(|price| price.currency()));
        }
        for (index, currency) in currencies.into_iter().enumerate() {
            push_row(&mut file, item, &figures, currency, index == 0);
        }
    }
    file
}

fn push_row(
    file: &mut String,
    item: &ItemFigures,
    figures: &FiguresShown,
    currency: Option<Currency>,
    is_first: bool,
) {
    let details = &item.details;
    let text = |text: &Option<String>| quoted(text.as_deref().unwrap_or_default()).into_owned();
    let mut cells = vec![
        quoted(&item.item_id).into_owned(),
        text(&details.name),
        text(&details.category),
        text(&details.brand),
        currency
            .map(|currency| currency.to_string())
            .unwrap_or_default(),
    ];
    let amount = |amounts: &Amounts| {
        let amount = currency.and_then(|currency| amounts.get(&currency));
        amount.cloned().unwrap_or_default()
    };
    let price = details.price.map(price_shown);
    cells.push(price.as_ref().map(amount).unwrap_or_default());
    for count in counts(figures) {
        cells.push(if is_first {
            count.to_string()
        } else {
            String::new()
        });
    }
    cells.extend([
        amount(&figures.revenue),
        amount(&figures.refunded),
        amount(&figures.profit),
    ]);
    file.push_str(&cells.join(","));
    file.push_str("\r\n");
}

fn counts(figures: &FiguresShown) -> [i64; 8] {
    [
        figures.views,
        figures.carts,
        figures.cart_removals,
        figures.checkouts,
        figures.purchases,
        figures.units_sold,
        figures.units_refunded,
        figures.profit_known_units,
    ]
}

/// A shop's text as a cell.
fn quoted(text: &str) -> Cow<'_, str> {
    let guarded = match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => Cow::Owned(format!("'{text}")),
        _ => Cow::Borrowed(text),
    };
    if guarded.contains([',', '"', '\r', '\n']) {
        Cow::Owned(format!("\"{}\"", guarded.replace('"', "\"\"")))
    } else {
        guarded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_and_never_formulas() {
        for (text, cell) in [
            ("Lamp", "Lamp"),
            ("Lamp, small", "\"Lamp, small\""),
            ("12\" plate", "\"12\"\" plate\""),
            ("two\nlines", "\"two\nlines\""),
            ("=1+1", "'=1+1"),
            ("@SUM(A1,B1)", "\"'@SUM(A1,B1)\""),
            ("-5", "'-5"),
            ("+49", "'+49"),
            ("", ""),
        ] {
            assert_eq!(quoted(text), cell);
        }
    }
}
