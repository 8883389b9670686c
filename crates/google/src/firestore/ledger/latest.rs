//! A map that keeps what was put in last, within bounds.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// Forgets the oldest entries when there are too many, or when they weigh too much together.
pub(super) struct Latest<Key, Value> {
    entries: HashMap<Key, Entry<Value>>,
    /// Keys by the order in which they were put in.
    order: BTreeMap<u64, Key>,
    next: u64,
    weight: usize,
    most: usize,
    most_weight: usize,
}

struct Entry<Value> {
    value: Value,
    number: u64,
    weight: usize,
}

impl<Key: Clone + Eq + Hash, Value> Latest<Key, Value> {
    /// At most `most` entries that weigh at most `most_weight` together.
    pub(super) fn new(most: usize, most_weight: usize) -> Self {
        Self {
            entries: HashMap::new(),
            order: BTreeMap::new(),
            next: 0,
            weight: 0,
            most,
            most_weight,
        }
    }

    pub(super) fn put(&mut self, key: Key, value: Value, weight: usize) {
        self.take(&key);
        let number = self.next;
        self.next += 1;
        self.weight += weight;
        self.order.insert(number, key.clone());
        let entry = Entry {
            value,
            number,
            weight,
        };
        self.entries.insert(key, entry);
        while self.entries.len() > self.most || self.weight > self.most_weight {
            let Some((_, oldest)) = self.order.pop_first() else {
                return;
            };
            if let Some(entry) = self.entries.remove(&oldest) {
                self.weight -= entry.weight;
            }
        }
    }

    pub(super) fn take(&mut self, key: &Key) -> Option<Value> {
        let entry = self.entries.remove(key)?;
        self.order.remove(&entry.number);
        self.weight -= entry.weight;
        Some(entry.value)
    }

    pub(super) fn contains(&self, key: &Key) -> bool {
        self.entries.contains_key(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_forgotten() {
        let mut latest = Latest::new(2, 10);
        latest.put("a", 1, 1);
        latest.put("b", 2, 1);
        latest.put("a", 3, 1);
        latest.put("c", 4, 1);
        assert!(!latest.contains(&"b"), "a was put in again after b");
        assert_eq!((latest.take(&"a"), latest.take(&"c")), (Some(3), Some(4)));
        assert_eq!(latest.take(&"a"), None);
    }

    #[test]
    fn what_weighs_too_much_is_not_kept() {
        let mut latest = Latest::new(9, 10);
        latest.put("a", (), 6);
        latest.put("b", (), 5);
        assert!(!latest.contains(&"a") && latest.contains(&"b"));
        latest.put("c", (), 5);
        assert!(latest.contains(&"b") && latest.contains(&"c"));
        latest.put("d", (), 11);
        assert!(latest.order.is_empty() && latest.entries.is_empty());
        assert_eq!(latest.weight, 0);
    }
}
