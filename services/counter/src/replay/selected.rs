//! Which letters an order is about.

use store::{DeadLetterFilter, DeadLetterSummary, DeadLetters, StoreUnavailable};

use super::ReplayOrder;
use super::letter::objection;
use crate::replayer::ReplaySelection;

/// Letters that one order replays at most, whatever its filter says; give it again for more.
const MAX_LETTERS: usize = 100_000;

/// Named letters, or those that pass the filter and wait for a first replay: at most its limit, oldest first. Letters that
/// something speaks against come last and only while there is room, so that giving the order again gets on.
pub(super) async fn selected(
    letters: &dyn DeadLetters,
    order: &ReplayOrder,
) -> Result<Vec<String>, StoreUnavailable> {
    let filter = match &order.selection {
        ReplaySelection::Ids(ids) => return Ok(ids.clone()),
        ReplaySelection::Filter(filter) => filter,
    };
    let wanted = filter.limit.min(MAX_LETTERS);
    let mut looked_at = wanted;
    loop {
        let listed = letters
            .list(&DeadLetterFilter {
                limit: looked_at,
                ..filter.clone()
            })
            .await?;
        let all_seen = listed.len() < looked_at || looked_at >= MAX_LETTERS;
        let (good, rest): (Vec<_>, Vec<_>) = listed
            .into_iter()
            .filter(|letter| letter.replayed.is_none())
            .partition(|letter| objection(letter, order).is_none());
        if all_seen || good.len() >= wanted {
            let room = wanted.saturating_sub(good.len());
            let (good, rest) = (oldest_first(good, wanted), oldest_first(rest, room));
            return Ok(good.into_iter().chain(rest).collect());
        }
        // Those that were replayed stay listed, so the ones that wait may be further back.
        looked_at = looked_at.saturating_mul(2).min(MAX_LETTERS);
    }
}

/// The ids of the newest `count` of `letters`, which come newest first.
fn oldest_first(mut letters: Vec<DeadLetterSummary>, count: usize) -> Vec<String> {
    letters.truncate(count);
    letters.into_iter().rev().map(|letter| letter.id).collect()
}
