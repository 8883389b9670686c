//! Forgets what is past its time, a little at a time.

use ::store::tallies::Resolution;
use events::Timestamp;
use rusqlite::Connection;

use super::schema::number_of;
use crate::error::StorageError;
use crate::store::PURGED_AT_ONCE;

/// One kind of rows that are forgotten: the statement, with its limit last, and what comes before that.
pub(super) struct Purge {
    statement: String,
    parameters: Vec<i64>,
}

/// All kinds. Figures of items go before the totals of their step, through which they are found.
pub(super) fn all(now: Timestamp) -> Vec<Purge> {
    let mut purges = vec![
        by_expiry("markers", "identity_digest", now),
        by_expiry("orders", "transaction_digest", now),
    ];
    for resolution in Resolution::ALL {
        let Some(kept) = resolution.kept() else {
            continue;
        };
        for (table, keys) in [
            ("item_money", "resolution, start_ms, item, currency"),
            ("item_steps", "resolution, start_ms, item"),
            ("total_money", "resolution, start_ms, currency"),
            ("total_steps", "resolution, start_ms"),
        ] {
            purges.push(Purge {
                statement: format!(
                    "DELETE FROM {table} WHERE ({keys}) IN
                     (SELECT {keys} FROM {table} WHERE resolution = ?1 AND start_ms < ?2 LIMIT ?3)"
                ),
                parameters: vec![number_of(resolution), now.minus(kept).millis()],
            });
        }
    }
    purges
}

fn by_expiry(table: &str, key: &str, now: Timestamp) -> Purge {
    Purge {
        statement: format!(
            "DELETE FROM {table} WHERE {key} IN
             (SELECT {key} FROM {table} WHERE expires_ms <= ?1 LIMIT ?2)"
        ),
        parameters: vec![now.millis()],
    }
}

/// Forgets some rows and returns how many; fewer than [`PURGED_AT_ONCE`] were the last.
pub(super) fn forget_some(connection: &Connection, purge: &Purge) -> Result<usize, StorageError> {
    let limit = i64::try_from(PURGED_AT_ONCE).unwrap_or(i64::MAX);
    let parameters = purge.parameters.iter().copied().chain([limit]);
    let forgotten = connection
        .prepare_cached(&purge.statement)?
        .execute(rusqlite::params_from_iter(parameters))?;
    Ok(forgotten)
}
