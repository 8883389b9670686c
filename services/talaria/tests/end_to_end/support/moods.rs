//! APIs that fail now and then.

use std::collections::HashSet;
use std::sync::Mutex;
use std::time::Duration;

use testing::MockAnswer;

use super::back_office::{BackOffice, Call};

/// From now on all APIs fail now and then. The mail API does whatever it is asked, as often as it is asked; the others
/// know a key that they have done.
pub fn be_moody(office: &BackOffice) {
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
