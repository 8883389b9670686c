//! Markers; sums and series, each of one moment: all statements of an answer see the same commits.

use std::collections::{BTreeMap, HashMap};

use ::store::tallies::{
    Figures, ItemFigures, OrderFigures, Point, Range, Resolution, Sums, Totals,
};
use events::{Currency, Identity, Timestamp};
use rusqlite::{Connection, Row, params};

use super::items::{DETAILS, read_details};
use super::pieces::{self, Pieces};
use super::rows::{read_counts, read_currency, read_money, read_order_counts, read_order_money};
use super::schema::{
    COUNTS_LENGTH, MONEY, ORDER_COUNTS, ORDER_MONEY, counts_and, number_of, sums_of,
};
use crate::error::StorageError;

/// Resolution, first millisecond and the first that is not included, as the statements take them.
fn bounds(range: Range) -> [i64; 3] {
    let number = number_of(range.resolution);
    match range.resolution {
        Resolution::AllTime => [number, i64::MIN, i64::MAX],
        _ => [number, range.from.millis(), range.to.millis()],
    }
}

pub(super) fn known(connection: &Connection, identity: &str) -> Result<bool, StorageError> {
    let digest = Identity::from_text(identity).digest();
    let is_known = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM markers WHERE identity_digest = ?1)")?
        .query_row([digest], |row| row.get(0))?;
    Ok(is_known)
}

pub(super) fn sums(connection: &Connection, range: Range) -> Result<Sums, StorageError> {
    let snapshot = connection.unchecked_transaction()?;
    let pieces = pieces::of(&snapshot, bounds(range))?;
    Ok(Sums {
        totals: totals_of(&snapshot, pieces)?,
        items: items_of(&snapshot, pieces)?,
    })
}

fn totals_of(connection: &Connection, pieces: Pieces) -> Result<Totals, StorageError> {
    let (counts, steps) = (
        sums_of(&counts_and(&ORDER_COUNTS)),
        pieces::within("total_steps"),
    );
    let mut totals = Totals::default();
    let mut statement =
        connection.prepare_cached(&format!("SELECT {counts} FROM {steps} HAVING count(*) > 0"))?;
    let mut found = statement.query(pieces)?;
    while let Some(row) = found.next()? {
        totals.items = read_counts(row, 0)?;
        totals.orders = read_order_counts(row, COUNTS_LENGTH)?;
    }
    let (amounts, steps) = (
        sums_of(&[&MONEY[..], &ORDER_MONEY].concat()),
        pieces::within("total_money"),
    );
    let mut statement = connection.prepare_cached(&format!(
        "SELECT currency, {amounts} FROM {steps} GROUP BY currency"
    ))?;
    let mut found = statement.query(pieces)?;
    while let Some(row) = found.next()? {
        let currency = read_currency(row, 0)?;
        add_money(&mut totals, row, currency, 1)?;
    }
    Ok(totals)
}

/// Reads the columns of `total_money` from `first` on.
fn add_money(
    totals: &mut Totals,
    row: &Row<'_>,
    currency: Currency,
    first: usize,
) -> rusqlite::Result<()> {
    let items = read_money(row, first)?.map(|money| (currency, money));
    totals.items.money.extend(items);
    let orders = read_order_money(row, first + MONEY.len())?.map(|money| (currency, money));
    totals.orders.money.extend(orders);
    Ok(())
}

fn items_of(connection: &Connection, pieces: Pieces) -> Result<Vec<ItemFigures>, StorageError> {
    let (counts, steps) = (sums_of(&counts_and(&[])), pieces::within("item_steps"));
    let mut statement = connection.prepare_cached(&format!(
        "WITH counted AS (
             SELECT item, {counts} FROM {steps} GROUP BY item
         )
         SELECT counted.*, item_id, {DETAILS} FROM counted JOIN items USING (item)"
    ))?;
    let mut found = statement.query(pieces)?;
    let mut money = money_of_items(connection, pieces)?;
    let mut items = Vec::new();
    while let Some(row) = found.next()? {
        let item: i64 = row.get(0)?;
        let figures = Figures {
            money: money.remove(&item).unwrap_or_default(),
            ..read_counts(row, 1)?
        };
        // What was added and taken back leaves a row of zeros.
        if figures != Figures::default() {
            items.push(ItemFigures {
                item_id: row.get(COUNTS_LENGTH + 1)?,
                details: read_details(row, COUNTS_LENGTH + 2)?.shown(),
                figures,
            });
        }
    }
    Ok(items)
}

type MoneyOfItems = HashMap<i64, BTreeMap<Currency, ::store::tallies::MoneyFigures>>;

fn money_of_items(connection: &Connection, pieces: Pieces) -> Result<MoneyOfItems, StorageError> {
    let (amounts, steps) = (sums_of(&MONEY), pieces::within("item_money"));
    let mut statement = connection.prepare_cached(&format!(
        "SELECT item, currency, {amounts} FROM {steps} GROUP BY item, currency"
    ))?;
    let mut found = statement.query(pieces)?;
    let mut items = MoneyOfItems::new();
    while let Some(row) = found.next()? {
        let currency = read_currency(row, 1)?;
        if let Some(money) = read_money(row, 2)? {
            items
                .entry(row.get(0)?)
                .or_default()
                .insert(currency, money);
        }
    }
    Ok(items)
}

pub(super) fn series(
    connection: &Connection,
    range: Range,
    item: Option<&str>,
) -> Result<Vec<Point>, StorageError> {
    let snapshot = connection.unchecked_transaction()?;
    let points = match item {
        Some(item_id) => points_of_item(&snapshot, range, item_id)?,
        None => points_altogether(&snapshot, range)?,
    };
    let has_any = points
        .into_iter()
        .filter(|(_, totals)| *totals != Totals::default());
    let point = |(start, totals)| Point {
        start: Timestamp::from_millis(start),
        totals,
    };
    Ok(has_any.map(point).collect())
}

fn points_altogether(
    connection: &Connection,
    range: Range,
) -> Result<BTreeMap<i64, Totals>, StorageError> {
    let counts = counts_and(&ORDER_COUNTS).join(", ");
    let mut points = BTreeMap::new();
    let mut statement = connection.prepare_cached(&format!(
        "SELECT start_ms, {counts} FROM total_steps
         WHERE resolution = ?1 AND start_ms >= ?2 AND start_ms < ?3"
    ))?;
    let mut found = statement.query(bounds(range))?;
    while let Some(row) = found.next()? {
        let totals = Totals {
            items: read_counts(row, 1)?,
            orders: read_order_counts(row, 1 + COUNTS_LENGTH)?,
        };
        points.insert(row.get(0)?, totals);
    }
    let amounts = [&MONEY[..], &ORDER_MONEY].concat().join(", ");
    let mut statement = connection.prepare_cached(&format!(
        "SELECT start_ms, currency, {amounts} FROM total_money
         WHERE resolution = ?1 AND start_ms >= ?2 AND start_ms < ?3"
    ))?;
    let mut found = statement.query(bounds(range))?;
    while let Some(row) = found.next()? {
        let currency = read_currency(row, 1)?;
        add_money(points.entry(row.get(0)?).or_default(), row, currency, 2)?;
    }
    Ok(points)
}

/// Every step of an item is one of the totals, so the item's are looked up one by one and no index by item is needed.
fn points_of_item(
    connection: &Connection,
    range: Range,
    item_id: &str,
) -> Result<BTreeMap<i64, Totals>, StorageError> {
    let steps = "FROM total_steps AS step CROSS JOIN";
    let same = "USING (resolution, start_ms) WHERE step.resolution = ?1 AND step.start_ms >= ?2 \
         AND step.start_ms < ?3 AND item = (SELECT item FROM items WHERE item_id = ?4)";
    let columns = |columns: &[&str]| -> String {
        let columns: Vec<String> = columns
            .iter()
            .map(|column| format!("own.{column}"))
            .collect();
        columns.join(", ")
    };
    let [resolution, from, to] = bounds(range);
    let mut points: BTreeMap<i64, Totals> = BTreeMap::new();
    let counts = columns(&counts_and(&[]));
    let mut statement = connection.prepare_cached(&format!(
        "SELECT start_ms, {counts} {steps} item_steps AS own {same}"
    ))?;
    let mut found = statement.query(params![resolution, from, to, item_id])?;
    while let Some(row) = found.next()? {
        let totals = Totals {
            items: read_counts(row, 1)?,
            orders: OrderFigures::default(),
        };
        points.insert(row.get(0)?, totals);
    }
    let amounts = columns(&MONEY);
    let mut statement = connection.prepare_cached(&format!(
        "SELECT start_ms, currency, {amounts} {steps} item_money AS own {same}"
    ))?;
    let mut found = statement.query(params![resolution, from, to, item_id])?;
    while let Some(row) = found.next()? {
        let currency = read_currency(row, 1)?;
        let money = read_money(row, 2)?.map(|money| (currency, money));
        let totals = points.entry(row.get(0)?).or_default();
        totals.items.money.extend(money);
    }
    Ok(points)
}
