//! What was given up is kept, found and, in the end, forgotten.

use std::time::Duration;

use events::{Currency, Money, Timestamp};

use super::StoreHarness;
use crate::{
    Answer, DeadLetter, DeadLetterFilter, DeadLetterSummary, DeadLetters, Payload, Reason,
};

const NOW: Timestamp = Timestamp::from_millis(1_764_060_000_000);
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

fn letter(id: &str) -> DeadLetter {
    DeadLetter {
        summary: DeadLetterSummary {
            id: id.to_owned(),
            reason: Reason::Rejected,
            detail: "the API answered 422".into(),
            at: NOW,
            identity: Some("purchase:ORD-1".into()),
            event_id: Some("evt_1".into()),
            event_type: Some("purchase".into()),
            destination: Some("loyalty".into()),
            route: Some("purchase-points".into()),
            effect: Some("purchase:ORD-1/purchase-points".into()),
            attempts: 3,
            value: Currency::parse("EUR")
                .ok()
                .and_then(|euro| Money::parse("184.50", euro).ok()),
            message_id: "7".into(),
            replayed: None,
        },
        answer: Some(Answer {
            status: 422,
            body: "{\"error\":\"unknown user\"}".into(),
        }),
        payload: Payload::Text("{\"eventType\":\"purchase\"}".into()),
        attributes: [("eventType".to_owned(), "purchase".to_owned())].into(),
        expires: NOW.plus(KEPT),
    }
}

async fn bury(letters: &dyn DeadLetters, letter: &DeadLetter) -> bool {
    letters
        .bury(letter.clone())
        .await
        .expect("the store answers")
}

async fn get(letters: &dyn DeadLetters, id: &str) -> Option<DeadLetter> {
    letters.get(id).await.expect("the store answers")
}

/// Every field, of a letter about one effect and of one about a message that nobody could read.
pub async fn a_dead_letter_comes_back_whole(harness: &impl StoreHarness) {
    let letters = harness.dead_letters();
    let whole = letter(&harness.unique("whole"));
    assert!(
        whole.summary.value.is_some(),
        "the letter is worth something"
    );
    let mut bare = letter(&harness.unique("bare"));
    bare.answer = None;
    bare.payload = Payload::Base64("/w==".into());
    bare.attributes.clear();
    bare.summary = DeadLetterSummary {
        reason: Reason::Unreadable,
        identity: None,
        event_id: None,
        event_type: None,
        destination: None,
        route: None,
        effect: None,
        value: None,
        ..bare.summary
    };
    for kept in [whole, bare] {
        assert!(bury(letters.as_ref(), &kept).await, "it is new");
        assert_eq!(get(letters.as_ref(), &kept.summary.id).await, Some(kept));
    }
    assert_eq!(
        get(letters.as_ref(), &harness.unique("no such letter")).await,
        None
    );
}

/// The first stays as it is, so that it says when the event died.
pub async fn a_letter_buried_twice_is_kept_once(harness: &impl StoreHarness) {
    let letters = harness.dead_letters();
    let first = letter(&harness.unique("twice"));
    let mut second = first.clone();
    second.summary.at = NOW.plus(Duration::from_secs(5));
    assert!(bury(letters.as_ref(), &first).await);
    assert!(!bury(letters.as_ref(), &second).await, "it is not new");
    assert_eq!(get(letters.as_ref(), &first.summary.id).await, Some(first));
}

/// A replay is noted on the letter; dying again afterwards replaces it.
pub async fn a_replayed_letter_that_dies_again_is_new(harness: &impl StoreHarness) {
    let letters = harness.dead_letters();
    let first = letter(&harness.unique("replayed"));
    let id = &first.summary.id;
    bury(letters.as_ref(), &first).await;
    let replayed = NOW.plus(Duration::from_secs(60));
    letters.mark_replayed(id, replayed).await.expect("noted");
    let noted = get(letters.as_ref(), id).await.expect("the letter is kept");
    assert_eq!(noted.summary.replayed, Some(replayed));

    let mut again = first.clone();
    again.summary.at = NOW.plus(Duration::from_secs(90));
    again.summary.attempts = 4;
    assert!(bury(letters.as_ref(), &again).await, "it counts as new");
    assert_eq!(get(letters.as_ref(), id).await, Some(again));

    let gone = harness.unique("gone");
    letters.mark_replayed(&gone, NOW).await.expect("noted");
    assert_eq!(
        get(letters.as_ref(), &gone).await,
        None,
        "a letter that is gone is left gone"
    );
}

/// Each condition, all of them together, and the limit.
pub async fn a_listing_shows_what_its_filter_admits_newest_first(harness: &impl StoreHarness) {
    let letters = harness.dead_letters();
    let destination = harness.unique("listed");
    let mut kept = Vec::new();
    for number in 0..8_u64 {
        let mut letter = letter(&harness.unique(&format!("listed-{number}")));
        let summary = &mut letter.summary;
        summary.at = NOW.plus(Duration::from_secs(number));
        summary.destination = (number != 7).then(|| destination.clone());
        if number % 2 == 0 {
            summary.reason = Reason::Exhausted;
        }
        if number % 3 == 0 {
            summary.route = None;
        }
        summary.event_id = Some(format!("evt_{}", number / 4));
        bury(letters.as_ref(), &letter).await;
        kept.insert(0, letter.summary);
    }
    let here = DeadLetterFilter {
        destination: Some(destination),
        ..DeadLetterFilter::default()
    };
    let filters = [
        (here.clone(), 7),
        (
            DeadLetterFilter {
                reason: Some(Reason::Exhausted),
                ..here.clone()
            },
            4,
        ),
        (
            DeadLetterFilter {
                route: Some("purchase-points".into()),
                ..here.clone()
            },
            4,
        ),
        (
            DeadLetterFilter {
                event_id: Some("evt_1".into()),
                ..here.clone()
            },
            3,
        ),
        (
            DeadLetterFilter {
                since: Some(NOW.plus(Duration::from_secs(5))),
                ..here.clone()
            },
            2,
        ),
        (
            DeadLetterFilter {
                limit: 3,
                ..here.clone()
            },
            3,
        ),
        (
            DeadLetterFilter {
                reason: Some(Reason::Rejected),
                event_id: Some("evt_0".into()),
                ..here.clone()
            },
            2,
        ),
        (
            DeadLetterFilter {
                route: Some("another".into()),
                ..here
            },
            0,
        ),
    ];
    for (filter, count) in filters {
        let listed = letters.list(&filter).await.expect("the store answers");
        let admitted = kept.iter().filter(|letter| filter.admits(letter));
        let expected: Vec<_> = admitted.take(filter.limit).cloned().collect();
        assert_eq!(listed, expected, "{filter:?}");
        assert_eq!(listed.len(), count, "{filter:?}");
    }
}

/// At their time, and not before.
pub async fn letters_are_forgotten_once_their_time_has_passed(harness: &impl StoreHarness) {
    let letters = harness.dead_letters();
    // Long before all other tests' times, so that only these two letters can be due.
    let expires = Timestamp::from_millis(1_000);
    let mut short = letter(&harness.unique("short"));
    short.expires = expires;
    let mut long = letter(&harness.unique("long"));
    long.expires = expires.plus(Duration::from_millis(1));
    for letter in [&short, &long] {
        bury(letters.as_ref(), letter).await;
    }
    assert_eq!(
        letters
            .purge(Timestamp::from_millis(999))
            .await
            .expect("purged"),
        0
    );
    assert_eq!(letters.purge(expires).await.expect("purged"), 1);
    assert_eq!(get(letters.as_ref(), &short.summary.id).await, None);
    assert!(get(letters.as_ref(), &long.summary.id).await.is_some());
}
