//! The items: their numbers, and what is known of them.

use ::store::tallies::{KnownDetails, Said};
use events::{Money, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::rows::read_currency;
use crate::error::StorageError;

/// The columns that [`read_details`] reads.
pub(super) const DETAILS: &str = "name, name_ms, name_by, category, category_ms, category_by, \
     brand, brand_ms, brand_by, price_micros, price_currency, price_ms, price_by";

/// The item's number. Merges what is said of it with what was known before.
pub(super) fn learn(
    connection: &Connection,
    item_id: &str,
    said: &KnownDetails,
) -> Result<i64, StorageError> {
    let known = connection
        .prepare_cached(&format!(
            "SELECT item, {DETAILS} FROM items WHERE item_id = ?1"
        ))?
        .query_row([item_id], |row| {
            Ok((row.get::<_, i64>(0)?, read_details(row, 1)?))
        })
        .optional()?;
    let Some((item, known)) = known else {
        connection
            .prepare_cached("INSERT INTO items (item_id) VALUES (?1)")?
            .execute([item_id])?;
        let item = connection.last_insert_rowid();
        keep(connection, item, said)?;
        return Ok(item);
    };
    let mut merged = known.clone();
    merged.merge(said.clone());
    if merged != known {
        keep(connection, item, &merged)?;
    }
    Ok(item)
}

/// What is known of an item, from column `first` on.
pub(super) fn read_details(row: &Row<'_>, first: usize) -> rusqlite::Result<KnownDetails> {
    let price = match row.get::<_, Option<i64>>(first + 9)? {
        Some(micros) => Some(Said {
            value: Money::from_micros(micros, read_currency(row, first + 10)?),
            at: Timestamp::from_millis(row.get(first + 11)?),
            by: row.get(first + 12)?,
        }),
        None => None,
    };
    Ok(KnownDetails {
        name: read_text(row, first)?,
        category: read_text(row, first + 3)?,
        brand: read_text(row, first + 6)?,
        price,
    })
}

fn read_text(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Said<String>>> {
    let Some(value) = row.get(first)? else {
        return Ok(None);
    };
    Ok(Some(Said {
        value,
        at: Timestamp::from_millis(row.get(first + 1)?),
        by: row.get(first + 2)?,
    }))
}

fn keep(connection: &Connection, item: i64, details: &KnownDetails) -> Result<(), StorageError> {
    let at = |said: &Option<Said<String>>| said.as_ref().map(|said| said.at.millis());
    let KnownDetails {
        name,
        category,
        brand,
        price,
    } = details;
    connection
        .prepare_cached(
            "UPDATE items SET name = ?2, name_ms = ?3, name_by = ?4,
                 category = ?5, category_ms = ?6, category_by = ?7, brand = ?8, brand_ms = ?9, brand_by = ?10,
                 price_micros = ?11, price_currency = ?12, price_ms = ?13, price_by = ?14
             WHERE item = ?1",
        )?
        .execute(params![
            item,
            name.as_ref().map(|said| &said.value),
            at(name),
            name.as_ref().map(|said| &said.by),
            category.as_ref().map(|said| &said.value),
            at(category),
            category.as_ref().map(|said| &said.by),
            brand.as_ref().map(|said| &said.value),
            at(brand),
            brand.as_ref().map(|said| &said.by),
            price.as_ref().map(|said| said.value.micros()),
            price.as_ref().map(|said| said.value.currency().to_string()),
            price.as_ref().map(|said| said.at.millis()),
            price.as_ref().map(|said| &said.by),
        ])?;
    Ok(())
}
