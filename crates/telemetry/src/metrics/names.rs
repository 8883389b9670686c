//! Names that an operator chose, as values of attributes: as many as anybody has, and never without end. A push can name
//! any subscription, and an address any destination.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

use opentelemetry::StringValue;

/// So many names are told apart.
const MAX_NAMES: usize = 200;
/// A name is at most so long; longer ones are none that a topic or routes file has.
const MAX_NAME_BYTES: usize = 255;

/// What stands for all further names.
pub(super) const OTHER: &str = "other";

/// The names that came so far.
#[derive(Default)]
pub(super) struct Names(RwLock<BTreeSet<Arc<str>>>);

impl Names {
    /// The name itself, as long as there are few.
    pub(super) fn bounded(&self, name: &str) -> StringValue {
        if let Some(known) = self.known(name) {
            return known.into();
        }
        if name.len() > MAX_NAME_BYTES {
            return OTHER.into();
        }
        let mut names = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if names.len() >= MAX_NAMES && !names.contains(name) {
            return OTHER.into();
        }
        let name: Arc<str> = name.into();
        names.insert(Arc::clone(&name));
        name.into()
    }

    fn known(&self, name: &str) -> Option<Arc<str>> {
        let names = self.0.read().unwrap_or_else(PoisonError::into_inner);
        names.get(name).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_apart_until_there_are_too_many() {
        let names = Names::default();
        for number in 0..MAX_NAMES {
            let name = format!("destination-{number}");
            assert_eq!(names.bounded(&name).as_str(), name);
        }
        assert_eq!(names.bounded("one-more").as_str(), OTHER);
        assert_eq!(names.bounded("destination-7").as_str(), "destination-7");
        assert_eq!(Names::default().bounded(&"x".repeat(300)).as_str(), OTHER);
    }
}
