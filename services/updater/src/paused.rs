//! Held messages that wait for paused routes: what is written down of that, and whether it still holds.
//!
//! A drain would otherwise have to work each of them again and again to find out that nothing has changed.

use std::collections::BTreeSet;

use crate::routes::{Mode, Routes};

/// Firestore indexes 1,500 bytes, some of them for the destination. Beyond some thirty routes the rest is left out; a message
/// that waits for more is worked when one of the first is live.
const MOST_BYTES: usize = 1_200;

/// The paused routes of these names as one text; `None` without any.
pub(crate) fn waits_for(names: &BTreeSet<&str>) -> Option<String> {
    let mut text = String::new();
    for name in names {
        if text.len() + name.len() >= MOST_BYTES {
            break;
        }
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(name);
    }
    (!text.is_empty()).then_some(text)
}

/// Whether every route of the text is still there, leads to that destination and is paused.
pub(crate) fn is_still_so(routes: &Routes, destination: &str, waits_for: &str) -> bool {
    waits_for.split(',').all(|name| {
        routes
            .route(name)
            .is_some_and(|route| route.mode == Mode::Paused && route.destination.id == destination)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_in_one_order_and_never_for_longer_than_an_index_takes() {
        assert_eq!(waits_for(&BTreeSet::new()), None);
        let two = BTreeSet::from(["stock", "points"]);
        assert_eq!(waits_for(&two).as_deref(), Some("points,stock"));
        let many: Vec<_> = (0..100).map(|number| format!("{number:0>40}")).collect();
        let all = waits_for(&many.iter().map(String::as_str).collect()).expect("some");
        assert!((1_000..=MOST_BYTES).contains(&all.len()), "{}", all.len());
        assert!(all.split(',').all(|name| name.len() == 40), "whole names");
    }
}
