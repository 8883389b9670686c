//! A bounded memory: what was used longest ago is forgotten first.

use std::collections::HashMap;
use std::hash::Hash;

/// Values by key, at most so many.
pub(super) struct Recent<K, V> {
    entries: HashMap<K, (u64, V)>,
    most: usize,
    uses: u64,
}

impl<K: Eq + Hash, V> Recent<K, V> {
    pub(super) fn new(most: usize) -> Self {
        Self {
            entries: HashMap::new(),
            most,
            uses: 0,
        }
    }

    /// The value, which counts as used.
    pub(super) fn get<Q>(&mut self, key: &Q) -> Option<&V>
    where
        K: std::borrow::Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.uses += 1;
        let (used, value) = self.entries.get_mut(key)?;
        *used = self.uses;
        Some(value)
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        self.uses += 1;
        self.entries.insert(key, (self.uses, value));
        if self.entries.len() > self.most {
            self.forget_some();
        }
    }

    pub(super) fn remove<Q>(&mut self, key: &Q) -> Option<V>
    where
        K: std::borrow::Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.entries.remove(key).map(|(_, value)| value)
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }

    /// An eighth at once, so that looking for the oldest is seldom.
    fn forget_some(&mut self) {
        let mut uses: Vec<u64> = self.entries.values().map(|(used, _)| *used).collect();
        let last = (uses.len() / 8).min(uses.len().saturating_sub(1));
        let (_, oldest, _) = uses.select_nth_unstable(last);
        let oldest = *oldest;
        self.entries.retain(|_, (used, _)| *used > oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_longest_ago_is_forgotten_first() {
        let mut recent = Recent::new(16);
        for number in 0..16 {
            recent.insert(number, number);
        }
        assert_eq!(recent.get(&0), Some(&0));
        recent.insert(16, 16);
        assert_eq!(recent.get(&1), None);
        assert_eq!(recent.get(&0), Some(&0));
        assert_eq!(recent.get(&16), Some(&16));
        for number in 17..1_000 {
            recent.insert(number, number);
            assert!(recent.entries.len() <= 16);
        }
        assert_eq!(recent.get(&999), Some(&999));
        assert_eq!(recent.remove(&999), Some(999));
        assert_eq!(recent.get(&999), None);
    }
}
