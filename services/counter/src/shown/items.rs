//! The list of items: filtered, sorted, ranked now and before.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet, HashMap};

use events::{Currency, Money};
use serde::Serialize;
use store::tallies::{Counted, ItemFigures, MoneyFigures, Sums};

use super::{Amounts, FiguresShown, Query, Sort, amount};

/// A list of items.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemList {
    pub window: &'static str,
    /// The currency that revenue and profit are sorted by; null if nothing was sold.
    pub sort_currency: Option<Currency>,
    /// How many there are, shown or not.
    pub total: usize,
    pub items: Vec<ItemRow>,
    /// Of all items of the window, whatever is filtered.
    pub categories: BTreeSet<String>,
    pub currencies: BTreeSet<Currency>,
}

/// An item of the list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemRow {
    pub item_id: String,
    pub name: Option<String>,
    pub category: Option<String>,
    pub brand: Option<String>,
    pub price: Option<Amounts>,
    /// Its place among the items of the category and currency, from 1.
    pub rank: usize,
    pub rank_before: Option<usize>,
    pub now: FiguresShown,
    pub before: Option<FiguresShown>,
    pub sparkline: Vec<i64>,
}

/// The list, with empty sparklines.
pub(crate) fn item_rows(query: &Query, now: &Sums, before: Option<&Sums>) -> ItemList {
    let sort_currency = query.currency.or_else(|| busiest_currency(now));
    let ranked = ranking(query, &now.items, sort_currency);
    let ranked_before = before.map(|before| ranking(query, &before.items, sort_currency));
    let ranks_before: HashMap<&str, (usize, &ItemFigures)> = ranked_before
        .iter()
        .flatten()
        .enumerate()
        .map(|(index, item)| (item.item_id.as_str(), (index + 1, *item)))
        .collect();
    let found: Vec<(usize, &ItemFigures)> = ranked
        .into_iter()
        .enumerate()
        .filter(|(_, item)| query.finds(item))
        .collect();
    let row = |(index, item): &(usize, &ItemFigures)| {
        let then = ranks_before.get(item.item_id.as_str());
        let before = before.map(|_| {
            then.map(|(_, item)| FiguresShown::of(&item.figures, query.currency))
                .unwrap_or_default()
        });
        ItemRow {
            item_id: item.item_id.clone(),
            name: item.details.name.clone(),
            category: item.details.category.clone(),
            brand: item.details.brand.clone(),
            price: item.details.price.map(price_shown),
            rank: index + 1,
            rank_before: then.map(|(rank, _)| *rank),
            now: FiguresShown::of(&item.figures, query.currency),
            before,
            sparkline: Vec::new(),
        }
    };
    ItemList {
        window: query.window.name(),
        sort_currency,
        total: found.len(),
        items: found.iter().take(query.limit).map(row).collect(),
        categories: now
            .items
            .iter()
            .filter_map(|item| item.details.category.clone())
            .collect(),
        currencies: now.items.iter().flat_map(currencies_of).collect(),
    }
}

/// The items of the list, in its order.
pub(crate) fn found_items<'a>(query: &Query, now: &'a Sums) -> Vec<&'a ItemFigures> {
    let sort_currency = query.currency.or_else(|| busiest_currency(now));
    let ranked = ranking(query, &now.items, sort_currency).into_iter();
    let found = ranked.filter(|item| query.finds(item));
    found.take(query.limit).collect()
}

/// A price as the API shows it.
pub(crate) fn price_shown(price: Money) -> Amounts {
    Amounts::from([(price.currency(), amount(price.micros(), price.currency()))])
}

fn currencies_of(item: &ItemFigures) -> impl Iterator<Item = Currency> {
    let priced = item.details.price.map(Money::currency);
    item.figures.money.keys().copied().chain(priced)
}

/// The currency in which most items sold something; of equals the first by code.
fn busiest_currency(sums: &Sums) -> Option<Currency> {
    let mut items_sold: BTreeMap<Currency, usize> = BTreeMap::new();
    for item in &sums.items {
        for currency in item.figures.money.keys() {
            *items_sold.entry(*currency).or_default() += 1;
        }
    }
    items_sold
        .into_iter()
        .max_by_key(|(currency, items)| (*items, Reverse(*currency)))
        .map(|(currency, _)| currency)
}

/// What an item is sorted by. What is not known comes after all that is, in both directions.
#[derive(PartialEq, Eq)]
enum SortKey {
    Number(Option<i64>),
    Text(String),
}

fn ranking<'a>(
    query: &Query,
    items: &'a [ItemFigures],
    currency: Option<Currency>,
) -> Vec<&'a ItemFigures> {
    let mut keyed: Vec<(SortKey, &ItemFigures)> = items
        .iter()
        .filter(|item| query.ranks(item))
        .map(|item| (sort_key(query.sort, item, currency), item))
        .collect();
    keyed.sort_by(|(one, item), (other, other_item)| {
        compare(one, other, query.descending).then_with(|| item.item_id.cmp(&other_item.item_id))
    });
    keyed.into_iter().map(|(_, item)| item).collect()
}

fn sort_key(sort: Sort, item: &ItemFigures, currency: Option<Currency>) -> SortKey {
    let figures = &item.figures;
    let money: Option<&MoneyFigures> = currency.and_then(|currency| figures.money.get(&currency));
    let count = |counts: &BTreeMap<Counted, i64>, counted| {
        SortKey::Number(Some(counts.get(&counted).copied().unwrap_or(0)))
    };
    match sort {
        Sort::Revenue => SortKey::Number(Some(money.map_or(0, |money| {
            money.sold_micros.saturating_sub(money.refunded_micros)
        }))),
        Sort::Profit => SortKey::Number(
            money
                .filter(|money| money.profit_units != 0 || money.profit_micros != 0)
                .map(|money| money.profit_micros),
        ),
        Sort::UnitsSold => count(&figures.units, Counted::Purchase),
        Sort::Views => count(&figures.events, Counted::ViewItem),
        Sort::Carts => count(&figures.events, Counted::AddToCart),
        Sort::Name => SortKey::Text(
            item.details
                .name
                .as_ref()
                .unwrap_or(&item.item_id)
                .to_lowercase(),
        ),
    }
}

fn compare(one: &SortKey, other: &SortKey, descending: bool) -> Ordering {
    let ascending = match (one, other) {
        (SortKey::Number(None), SortKey::Number(Some(_))) => return Ordering::Greater,
        (SortKey::Number(Some(_)), SortKey::Number(None)) => return Ordering::Less,
        (SortKey::Number(one), SortKey::Number(other)) => one.cmp(other),
        (SortKey::Text(one), SortKey::Text(other)) => one.cmp(other),
        _ => Ordering::Equal,
    };
    if descending {
        ascending.reverse()
    } else {
        ascending
    }
}
