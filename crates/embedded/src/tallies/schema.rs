//! The tables of the tallies, and the names of their columns.
//!
//! Figures are columns, so that a window is one sum in SQL. Items are kept by number, because an id may be 1,500 bytes
//! long. STRICT makes SQLite refuse a sum beyond 64 bits, which it would otherwise round into a float.

use std::sync::LazyLock;

use ::store::tallies::{Counted, Resolution};

pub(crate) const TABLES: &str = "
    CREATE TABLE markers (
        identity_digest TEXT    NOT NULL PRIMARY KEY,
        expires_ms      INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX markers_by_expiry ON markers (expires_ms);

    CREATE TABLE orders (
        transaction_digest TEXT    NOT NULL PRIMARY KEY,
        expires_ms         INTEGER NOT NULL,
        record             TEXT    NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX orders_by_expiry ON orders (expires_ms);

    CREATE TABLE items (
        item           INTEGER PRIMARY KEY,
        item_id        TEXT NOT NULL UNIQUE,
        name           TEXT, name_ms     INTEGER, name_by     TEXT,
        category       TEXT, category_ms INTEGER, category_by TEXT,
        brand          TEXT, brand_ms    INTEGER, brand_by    TEXT,
        price_micros   INTEGER, price_currency TEXT,
                             price_ms    INTEGER, price_by    TEXT
    ) STRICT;

    CREATE TABLE item_steps (
        resolution INTEGER NOT NULL, start_ms INTEGER NOT NULL, item INTEGER NOT NULL,
        view_item_events        INTEGER NOT NULL, view_item_units        INTEGER NOT NULL,
        add_to_cart_events      INTEGER NOT NULL, add_to_cart_units      INTEGER NOT NULL,
        remove_from_cart_events INTEGER NOT NULL, remove_from_cart_units INTEGER NOT NULL,
        begin_checkout_events   INTEGER NOT NULL, begin_checkout_units   INTEGER NOT NULL,
        purchase_events         INTEGER NOT NULL, purchase_units         INTEGER NOT NULL,
        refund_events           INTEGER NOT NULL, refund_units           INTEGER NOT NULL,
        PRIMARY KEY (resolution, start_ms, item)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE item_money (
        resolution INTEGER NOT NULL, start_ms INTEGER NOT NULL, item INTEGER NOT NULL, currency TEXT NOT NULL,
        sold_micros     INTEGER NOT NULL,
        refunded_micros INTEGER NOT NULL,
        profit_micros   INTEGER NOT NULL,
        profit_units    INTEGER NOT NULL,
        PRIMARY KEY (resolution, start_ms, item, currency)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE total_steps (
        resolution INTEGER NOT NULL, start_ms INTEGER NOT NULL,
        view_item_events        INTEGER NOT NULL, view_item_units        INTEGER NOT NULL,
        add_to_cart_events      INTEGER NOT NULL, add_to_cart_units      INTEGER NOT NULL,
        remove_from_cart_events INTEGER NOT NULL, remove_from_cart_units INTEGER NOT NULL,
        begin_checkout_events   INTEGER NOT NULL, begin_checkout_units   INTEGER NOT NULL,
        purchase_events         INTEGER NOT NULL, purchase_units         INTEGER NOT NULL,
        refund_events           INTEGER NOT NULL, refund_units           INTEGER NOT NULL,
        orders                  INTEGER NOT NULL,
        refunds                 INTEGER NOT NULL,
        unallocated_refunds     INTEGER NOT NULL,
        PRIMARY KEY (resolution, start_ms)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE total_money (
        resolution INTEGER NOT NULL, start_ms INTEGER NOT NULL, currency TEXT NOT NULL,
        sold_micros              INTEGER NOT NULL,
        refunded_micros          INTEGER NOT NULL,
        profit_micros            INTEGER NOT NULL,
        profit_units             INTEGER NOT NULL,
        order_sold_micros        INTEGER NOT NULL,
        order_refunded_micros    INTEGER NOT NULL,
        order_unallocated_micros INTEGER NOT NULL,
        PRIMARY KEY (resolution, start_ms, currency)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE tallies_version (version INTEGER NOT NULL) STRICT;
    INSERT INTO tallies_version (version) VALUES (0);
";

/// Events and units of each kind, in the order of [`Counted::ALL`].
pub(super) static COUNTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let columns =
        |counted: Counted| ["events", "units"].map(|what| format!("{}_{what}", counted.name()));
    Counted::ALL.into_iter().flat_map(columns).collect()
});

/// How many columns [`COUNTS`] has.
pub(super) const COUNTS_LENGTH: usize = 2 * Counted::ALL.len();

pub(super) const ORDER_COUNTS: [&str; 3] = ["orders", "refunds", "unallocated_refunds"];

pub(super) const MONEY: [&str; 4] = [
    "sold_micros",
    "refunded_micros",
    "profit_micros",
    "profit_units",
];

pub(super) const ORDER_MONEY: [&str; 3] = [
    "order_sold_micros",
    "order_refunded_micros",
    "order_unallocated_micros",
];

/// How a resolution is kept.
pub(super) fn number_of(resolution: Resolution) -> i64 {
    match resolution {
        Resolution::Minute => 0,
        Resolution::Quarter => 1,
        Resolution::AllTime => 2,
    }
}

/// A statement that adds to a row, or makes it.
pub(super) fn add_to(table: &str, keys: &[&str], sums: &[&str]) -> String {
    let columns = [keys, sums].concat();
    let places: Vec<String> = (1..=columns.len())
        .map(|place| format!("?{place}"))
        .collect();
    let changes: Vec<String> = sums
        .iter()
        .map(|sum| format!("{sum} = {sum} + excluded.{sum}"))
        .collect();
    format!(
        "INSERT INTO {table} ({}) VALUES ({}) ON CONFLICT ({}) DO UPDATE SET {}",
        columns.join(", "),
        places.join(", "),
        keys.join(", "),
        changes.join(", "),
    )
}

/// The columns' sums, for a SELECT.
pub(super) fn sums_of(columns: &[&str]) -> String {
    let sums: Vec<String> = columns
        .iter()
        .map(|column| format!("sum({column})"))
        .collect();
    sums.join(", ")
}

/// [`COUNTS`] followed by `others`.
pub(super) fn counts_and<'a>(others: &[&'a str]) -> Vec<&'a str> {
    COUNTS
        .iter()
        .map(String::as_str)
        .chain(others.iter().copied())
        .collect()
}
