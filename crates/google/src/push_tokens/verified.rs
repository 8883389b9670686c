//! Tokens that were found good, until they end, so that a signature is worked out once and not for every message.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use events::Timestamp;
use sha2::{Digest, Sha256};

type Fingerprint = [u8; 32];

/// Remembers at most so many tokens, by their hashes alone. Forgotten ones are checked again.
pub(super) struct VerifiedTokens {
    limit: usize,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    ends: HashMap<Fingerprint, Timestamp>,
    /// Oldest first. Tokens live about equally long, so it is also the first to end.
    order: VecDeque<Fingerprint>,
}

impl VerifiedTokens {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            held: Mutex::default(),
        }
    }

    /// Whether `token` was found good and has not ended.
    pub(super) fn holds(&self, token: &str, now: Timestamp) -> bool {
        let fingerprint = fingerprint(token);
        self.held()
            .ends
            .get(&fingerprint)
            .is_some_and(|&ends| now < ends)
    }

    /// Remembers that `token` is good until `ends`.
    pub(super) fn remember(&self, token: &str, ends: Timestamp) {
        let fingerprint = fingerprint(token);
        let mut held = self.held();
        if held.ends.insert(fingerprint, ends).is_some() {
            return;
        }
        held.order.push_back(fingerprint);
        if held.order.len() > self.limit
            && let Some(oldest) = held.order.pop_front()
        {
            held.ends.remove(&oldest);
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fingerprint(token: &str) -> Fingerprint {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_remembered_until_they_end_and_never_more_than_the_limit() {
        let at = Timestamp::from_millis;
        let tokens = VerifiedTokens::new(2);
        tokens.remember("a", at(10));
        assert!(tokens.holds("a", at(9)));
        assert!(!tokens.holds("a", at(10)), "it has ended");
        assert!(!tokens.holds("b", at(9)), "nobody has seen it");
        for token in ["b", "b", "c"] {
            tokens.remember(token, at(20));
        }
        let held = ["a", "b", "c"].map(|token| tokens.holds(token, at(9)));
        assert_eq!(held, [false, true, true], "the oldest made room");
        let held = tokens.held();
        assert_eq!((held.ends.len(), held.order.len()), (2, 2));
    }
}
