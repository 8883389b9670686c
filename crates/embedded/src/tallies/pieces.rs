//! An hour's sum without the hour's 60 minutes: whole quarters of a range of minutes are read as quarters, which hold the
//! same figures in a fifteenth of the rows.

use ::store::tallies::Resolution;
use rusqlite::Connection;

use super::schema::number_of;
use crate::error::StorageError;

const QUARTER_MS: i64 = 15 * 60_000;

/// Three times a resolution, its first millisecond and the first that is not included. Any may be empty.
pub(super) type Pieces = [i64; 9];

/// The rows of a table that are in the pieces, as a statement's source with parameters 1 to 9.
pub(super) fn within(table: &str) -> String {
    let piece = |first: usize| {
        let (from, to) = (first + 1, first + 2);
        format!(
            "SELECT * FROM {table} WHERE resolution = ?{first} AND start_ms >= ?{from} AND start_ms < ?{to}"
        )
    };
    format!(
        "({} UNION ALL {} UNION ALL {})",
        piece(1),
        piece(4),
        piece(7)
    )
}

/// The pieces of a range. Quarters that are kept longer than their minutes stand for no minutes.
pub(super) fn of(
    connection: &Connection,
    [resolution, from, to]: [i64; 3],
) -> Result<Pieces, StorageError> {
    let whole = [resolution, from, to, resolution, to, to, resolution, to, to];
    if resolution != number_of(Resolution::Minute) {
        return Ok(whole);
    }
    let oldest: Option<i64> = connection
        .prepare_cached("SELECT min(start_ms) FROM total_steps WHERE resolution = ?1")?
        .query_row([resolution], |row| row.get(0))?;
    let Some(oldest) = oldest else {
        return Ok(whole);
    };
    let (first, end) = (quarter_from(from.max(oldest)), quarter_before(to));
    if first >= end {
        return Ok(whole);
    }
    let quarter = number_of(Resolution::Quarter);
    Ok([
        resolution, from, first, quarter, first, end, resolution, end, to,
    ])
}

/// The last quarter that begins at `millis` or earlier.
fn quarter_before(millis: i64) -> i64 {
    millis.div_euclid(QUARTER_MS).saturating_mul(QUARTER_MS)
}

/// The first quarter that begins at `millis` or later.
fn quarter_from(millis: i64) -> i64 {
    let before = quarter_before(millis);
    if before == millis {
        return before;
    }
    before.saturating_add(QUARTER_MS)
}
