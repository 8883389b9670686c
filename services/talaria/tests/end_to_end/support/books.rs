//! The books after a hard time: what the APIs were asked for, against what the store says became of it.

use std::collections::{BTreeMap, HashMap, HashSet};

use store::{
    DeadLetterFilter, DeadLetterSummary, DeadLetters, EffectRecord, EffectState, EventQuery, Ledger,
};

use super::back_office::{BackOffice, Call};
use super::load::Accepted;

/// The first call that may have worked is the last.
pub fn assert_no_unsafe_call_was_repeated(calls: &[Call]) {
    let mut may_have_worked = HashSet::new();
    for call in calls {
        assert!(
            !may_have_worked.contains(&call.key),
            "called again after a call that may have worked: {call}"
        );
        if call.may_have_worked() {
            may_have_worked.insert(call.key.clone());
        }
    }
}

/// Every effect of every accepted event was done, or has a letter that says why not; all three outcomes came about.
pub async fn assert_books_balance<Store: Ledger + DeadLetters>(
    store: &Store,
    office: &BackOffice,
    accepted: &[Accepted],
) {
    let done_at = done_calls(office);
    let letters = letters_of(store).await;
    let letters: HashSet<String> = letters.into_iter().map(|letter| letter.id).collect();
    let mut seen = BTreeMap::<&str, usize>::new();
    for event in accepted {
        let query = EventQuery::Identity(event.identity.clone());
        let records = store.find(&query).await.expect("a store");
        let effects: HashMap<&String, &EffectRecord> =
            records.iter().flat_map(|record| &record.effects).collect();
        assert_eq!(effects.len(), event.effects.len(), "{event:?}");
        for effect in &event.effects {
            let record = effects.get(&effect.ledger_key);
            let state = &record
                .unwrap_or_else(|| panic!("nothing of {effect:?}"))
                .state;
            let done = done_at.get(&(effect.api.to_owned(), effect.key())).copied();
            let done = done.unwrap_or(0);
            let in_balance = match state {
                EffectState::Done { .. } if effect.api == "mail" => done == 1,
                EffectState::Done { .. } => done >= 1,
                EffectState::Dead { letter } => letters.contains(letter) && done == 0,
                EffectState::Review { letter } => letters.contains(letter) && effect.api == "mail",
                _ => false,
            };
            assert!(
                in_balance,
                "{effect:?} is {state:?} and was done {done} times"
            );
            *seen.entry(state.name()).or_default() += 1;
        }
    }
    for state in ["done", "dead", "review"] {
        assert!(
            seen.contains_key(state),
            "the load never led to {state}: {seen:?}"
        );
    }
}

/// How often each API said of each key that it did it.
fn done_calls(office: &BackOffice) -> HashMap<(String, String), usize> {
    let mut done_at = HashMap::new();
    for call in office.calls().into_iter().filter(Call::is_done) {
        *done_at.entry((call.api, call.key)).or_default() += 1;
    }
    done_at
}

/// Every effect of every accepted event was done, by one call alone.
pub fn assert_each_was_done_once(office: &BackOffice, accepted: &[Accepted]) {
    let done = done_calls(office);
    let repeated: Vec<_> = done.iter().filter(|(_, times)| **times != 1).collect();
    assert_eq!(repeated, [], "an orderly stop repeats no call");
    for effect in accepted.iter().flat_map(|event| &event.effects) {
        let call = (effect.api.to_owned(), effect.key());
        assert!(done.contains_key(&call), "nothing of {effect:?}");
    }
}

/// All dead letters, oldest first.
pub async fn letters_of(store: &impl DeadLetters) -> Vec<DeadLetterSummary> {
    let filter = DeadLetterFilter {
        limit: usize::MAX >> 1,
        ..DeadLetterFilter::default()
    };
    let mut letters = store.list(&filter).await.expect("a store");
    letters.reverse();
    letters
}
