//! Tokens that were found good, until they end, so that a signature is worked out once and not for every message.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use events::Timestamp;
use sha2::{Digest, Sha256};

type Fingerprint = [u8; 32];

/// When a token ends, and the place of its account among those that are taken.
struct Verified {
    ends: Timestamp,
    account: usize,
}

/// Remembers at most so many tokens, by their hashes alone. Forgotten ones are checked again.
pub(super) struct VerifiedTokens {
    limit: usize,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    known: HashMap<Fingerprint, Verified>,
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

    /// The account of `token`, if it was found good and has not ended.
    pub(super) fn account(&self, token: &str, now: Timestamp) -> Option<usize> {
        let fingerprint = fingerprint(token);
        let held = self.held();
        let verified = held.known.get(&fingerprint)?;
        (now < verified.ends).then_some(verified.account)
    }

    /// Remembers that `token` is good until `ends`, and whose it is.
    pub(super) fn remember(&self, token: &str, ends: Timestamp, account: usize) {
        let fingerprint = fingerprint(token);
        let mut held = self.held();
        let verified = Verified { ends, account };
        if held.known.insert(fingerprint, verified).is_some() {
            return;
        }
        held.order.push_back(fingerprint);
        if held.order.len() > self.limit
            && let Some(oldest) = held.order.pop_front()
        {
            held.known.remove(&oldest);
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
        tokens.remember("a", at(10), 7);
        assert_eq!(tokens.account("a", at(9)), Some(7));
        assert_eq!(tokens.account("a", at(10)), None, "it has ended");
        assert_eq!(tokens.account("b", at(9)), None, "nobody has seen it");
        for (account, token) in ["b", "b", "c"].into_iter().enumerate() {
            tokens.remember(token, at(20), account);
        }
        let known = ["a", "b", "c"].map(|token| tokens.account(token, at(9)));
        assert_eq!(known, [None, Some(1), Some(2)], "the oldest made room");
        let held = tokens.held();
        assert_eq!((held.known.len(), held.order.len()), (2, 2));
    }
}
