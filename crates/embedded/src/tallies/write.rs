//! Adds a batch: markers, orders and figures, in a savepoint of its own so that a batch that is refused leaves nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use ::store::tallies::{
    Additions, Figures, ItemAdditions, OrderRecord, Step, Tallied, Tally, Totals,
};
use events::Identity;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use super::items;
use super::rows::{counts, money, order_counts, order_money};
use super::schema::{MONEY, ORDER_COUNTS, ORDER_MONEY, add_to, counts_and, number_of};
use crate::error::StorageError;

/// What became of each event, and whether anything was added; or why none of them was.
pub(super) type Answer = Result<(Vec<Tallied>, bool), String>;

enum Failure {
    /// The batch can't be added, now or later.
    Refused(String),
    Storage(StorageError),
}

impl<E: Into<StorageError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Storage(error.into())
    }
}

/// All of the batch, or nothing of it.
pub(super) fn add(connection: &Connection, batch: &[Tally]) -> Result<Answer, StorageError> {
    let execute = |statement| -> Result<(), StorageError> {
        connection.prepare_cached(statement)?.execute([])?;
        Ok(())
    };
    execute("SAVEPOINT tally")?;
    let answer = match add_within(connection, batch) {
        Ok(added) => Ok(added),
        Err(Failure::Refused(reason)) => {
            execute("ROLLBACK TO tally")?;
            Err(reason)
        }
        Err(Failure::Storage(error)) => return Err(error),
    };
    execute("RELEASE tally")?;
    Ok(answer)
}

fn add_within(connection: &Connection, batch: &[Tally]) -> Result<(Vec<Tallied>, bool), Failure> {
    let mut additions = Additions::default();
    let mut orders = BTreeMap::new();
    let mut outcomes = Vec::with_capacity(batch.len());
    for tally in batch {
        let is_new = mark(connection, tally)?;
        outcomes.push(if is_new {
            Tallied::Added
        } else {
            Tallied::Known
        });
        if !is_new {
            continue;
        }
        let mut unremembered = OrderRecord::default();
        let order = match tally.transaction() {
            Some(transaction) => remembered(connection, &mut orders, transaction)?,
            None => &mut unremembered,
        };
        additions
            .gather(tally, order)
            .map_err(|overflow| Failure::Refused(overflow.to_string()))?;
    }
    for (digest, order) in &orders {
        keep_order(connection, digest, order)?;
    }
    if additions.is_empty() {
        return Ok((outcomes, false));
    }
    write(connection, &additions).map_err(refused_if_too_large)?;
    Ok((outcomes, true))
}

/// Leaves the event's marker; false if it is there already.
fn mark(connection: &Connection, tally: &Tally) -> Result<bool, StorageError> {
    let digest = Identity::from_text(tally.identity.as_str()).digest();
    let inserted = connection
        .prepare_cached(
            "INSERT INTO markers (identity_digest, expires_ms) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        )?
        .execute(params![digest, tally.expires.millis()])?;
    Ok(inserted == 1)
}

/// What is kept of the order, as this batch has changed it so far.
fn remembered<'a>(
    connection: &Connection,
    orders: &'a mut BTreeMap<String, OrderRecord>,
    transaction: &str,
) -> Result<&'a mut OrderRecord, StorageError> {
    let digest = Identity::from_text(transaction).digest();
    if !orders.contains_key(&digest) {
        let kept: Option<String> = connection
            .prepare_cached("SELECT record FROM orders WHERE transaction_digest = ?1")?
            .query_row([&digest], |row| row.get(0))
            .optional()?;
        let record = match kept {
            Some(text) => {
                serde_json::from_str(&text).map_err(StorageError::unreadable("an order"))?
            }
            None => OrderRecord::default(),
        };
        orders.insert(digest.clone(), record);
    }
    Ok(orders.entry(digest).or_default())
}

fn keep_order(
    connection: &Connection,
    digest: &str,
    order: &OrderRecord,
) -> Result<(), StorageError> {
    let record = serde_json::to_string(order).map_err(StorageError::unreadable("an order"))?;
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO orders (transaction_digest, expires_ms, record) VALUES (?1, ?2, ?3)",
        )?
        .execute(params![digest, order.expires.millis(), record])?;
    Ok(())
}

fn write(connection: &Connection, additions: &Additions) -> Result<(), StorageError> {
    for (step, totals) in &additions.totals {
        add_totals(connection, *step, totals)?;
    }
    for (item_id, ItemAdditions { steps, details }) in &additions.items {
        let item = items::learn(connection, item_id, details)?;
        for (step, figures) in steps {
            add_figures(connection, *step, item, figures)?;
        }
    }
    connection
        .prepare_cached("UPDATE tallies_version SET version = version + 1")?
        .execute([])?;
    Ok(())
}

fn add_totals(connection: &Connection, step: Step, totals: &Totals) -> Result<(), StorageError> {
    static COUNTS: LazyLock<String> = LazyLock::new(|| {
        let sums = counts_and(&ORDER_COUNTS);
        add_to("total_steps", &["resolution", "start_ms"], &sums)
    });
    static AMOUNTS: LazyLock<String> = LazyLock::new(|| {
        let sums = [&MONEY[..], &ORDER_MONEY].concat();
        add_to(
            "total_money",
            &["resolution", "start_ms", "currency"],
            &sums,
        )
    });
    let (resolution, start) = (number_of(step.resolution), step.start.millis());
    let numbers = [resolution, start]
        .into_iter()
        .chain(counts(&totals.items))
        .chain(order_counts(&totals.orders));
    connection
        .prepare_cached(&COUNTS)?
        .execute(params_from_iter(numbers))?;
    let (items, orders) = (&totals.items.money, &totals.orders.money);
    let currencies: BTreeSet<_> = items.keys().chain(orders.keys()).collect();
    for currency in currencies {
        let [sold, refunded, profit, units] =
            money(&items.get(currency).copied().unwrap_or_default());
        let [order_sold, order_refunded, unallocated] =
            order_money(&orders.get(currency).copied().unwrap_or_default());
        connection.prepare_cached(&AMOUNTS)?.execute(params![
            resolution,
            start,
            currency.as_str(),
            sold,
            refunded,
            profit,
            units,
            order_sold,
            order_refunded,
            unallocated,
        ])?;
    }
    Ok(())
}

fn add_figures(
    connection: &Connection,
    step: Step,
    item: i64,
    figures: &Figures,
) -> Result<(), StorageError> {
    static COUNTS: LazyLock<String> = LazyLock::new(|| {
        let keys = ["resolution", "start_ms", "item"];
        add_to("item_steps", &keys, &counts_and(&[]))
    });
    static AMOUNTS: LazyLock<String> = LazyLock::new(|| {
        let keys = ["resolution", "start_ms", "item", "currency"];
        add_to("item_money", &keys, &MONEY)
    });
    let (resolution, start) = (number_of(step.resolution), step.start.millis());
    let numbers = [resolution, start, item].into_iter().chain(counts(figures));
    connection
        .prepare_cached(&COUNTS)?
        .execute(params_from_iter(numbers))?;
    for (currency, amounts) in &figures.money {
        let [sold, refunded, profit, units] = money(amounts);
        connection.prepare_cached(&AMOUNTS)?.execute(params![
            resolution,
            start,
            item,
            currency.as_str(),
            sold,
            refunded,
            profit,
            units,
        ])?;
    }
    Ok(())
}

/// SQLite makes a float of a sum beyond 64 bits, and a strict column takes none.
fn refused_if_too_large(error: StorageError) -> Failure {
    match &error {
        StorageError::Sqlite(rusqlite::Error::SqliteFailure(failure, _))
            if failure.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_DATATYPE =>
        {
            Failure::Refused("a sum would be too large to be kept".into())
        }
        _ => Failure::Storage(error),
    }
}
