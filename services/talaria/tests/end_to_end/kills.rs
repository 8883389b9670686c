//! kill -9 at random moments under load: every 202 has its effects, or a visible letter that says why not.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use store::{EffectRecord, EffectState, EventQuery, Ledger};
use testing::MockAnswer;

use crate::support::{Accepted, BackOffice, Call, Load, World, wait_for_more};

const ROUNDS: u64 = 10;
const SEED: u64 = 20_251_125;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_ten_kills_every_accepted_event_is_in_balance() {
    let office = BackOffice::open().await;
    let world = World::new(&office).with_timeouts("1s");
    be_moody(&office);
    let (load, mut random) = (Load::new(SEED), fastrand::Rng::with_seed(SEED));
    for _ in 0..ROUNDS {
        let process = Arc::new(world.start().await);
        let mut connections = load.start(&process, 32, 2);
        if random.u8(0..3) == 0 {
            wait_for_more(load.count(), random.usize(1..60)).await;
        } else {
            wait_for_more(office.count(), random.usize(1..120)).await;
        }
        process.kill();
        while let Some(ended) = connections.join_next().await {
            ended.expect("only 202 and 503 were answered");
        }
    }
    let process = world.start().await;
    world.all_acknowledged().await;
    process.stop().await;
    let accepted = load.accepted();
    assert!(accepted.len() > 100, "{} were accepted", accepted.len());
    assert_no_unsafe_call_was_repeated(&office.calls_of("mail"));
    assert_books_balance(&world, &office, &accepted).await;
}

/// From now on all APIs fail now and then. The mail API does whatever it is asked, as often as it is asked; the others
/// know a key that they have done.
fn be_moody(office: &BackOffice) {
    for (seed, api) in ["crm", "loyalty", "erp", "mail"].into_iter().enumerate() {
        let honours_keys = api != "mail";
        let random = Mutex::new(fastrand::Rng::with_seed(seed as u64));
        let done = Mutex::new(HashSet::new());
        office.answer_with(api, move |call: &Call| {
            let mut done = done.lock().expect("no panic");
            if honours_keys && done.contains(&call.key) {
                return MockAnswer::status(200);
            }
            let answer = mood(&mut random.lock().expect("no panic"));
            if (200..300).contains(&answer.status) {
                done.insert(call.key.clone());
            }
            answer
        });
    }
}

fn mood(random: &mut fastrand::Rng) -> MockAnswer {
    match random.u8(0..100) {
        0..7 => MockAnswer::status(500),
        7..14 => MockAnswer::status(503),
        14..20 => MockAnswer::status(429),
        20..22 => MockAnswer::status(422),
        22..24 => MockAnswer::never(),
        24..50 => MockAnswer::status(204).after(Duration::from_millis(random.u64(1..300))),
        _ => MockAnswer::status(204),
    }
}

/// The first call that may have worked is the last.
fn assert_no_unsafe_call_was_repeated(calls: &[Call]) {
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

async fn assert_books_balance(world: &World, office: &BackOffice, accepted: &[Accepted]) {
    let mut done_at: HashMap<(String, String), usize> = HashMap::new();
    for call in office.calls().into_iter().filter(Call::is_done) {
        *done_at.entry((call.api, call.key)).or_default() += 1;
    }
    let letters: HashSet<String> = world
        .letters()
        .await
        .into_iter()
        .map(|letter| letter.id)
        .collect();
    let (store, mut seen) = (world.store(), BTreeMap::<&str, usize>::new());
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
