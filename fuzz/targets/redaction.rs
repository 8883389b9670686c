//! Personal data in a text, wherever the text stands in an event: what is found is gone afterwards, nothing is found
//! twice, ids stay, and refusing finds what redacting finds without saying it.

#![no_main]

use events::{BackendUpdate, Redacted, RedactionSettings, Treatment, from_publisher, redact};
use fuzz::{NOW, holds_personal_data};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let body = json!({
        "eventType": "sign_up", "eventId": "e", "more": text,
        "data": {"note": text, "phone": [text], "item_id": text, "deep": [{text: {"sku": text, "text": text}}]},
    });
    let Ok(update) = from_publisher(&body, NOW) else {
        return;
    };
    let found = check_redacted(&update, Treatment::Redact);
    check_redacted(&update, Treatment::Hash);
    let unchanged = with(&update, Treatment::Off).expect("nothing is refused");
    assert!(unchanged.0.is_empty() && unchanged.1 == update.to_json());
    match with(&update, Treatment::Refuse) {
        Ok((told, json)) => {
            assert!(found.is_empty() && told.is_empty() && json == update.to_json())
        }
        Err(violations) => {
            assert!(!found.is_empty());
            for violation in violations {
                assert!(!points_at_personal_data(&violation.pointer));
                assert!(!holds_personal_data(&violation.message));
            }
        }
    }
});

fn check_redacted(update: &BackendUpdate, treatment: Treatment) -> Redacted {
    let (told, json) = with(update, treatment).expect("nothing is refused");
    assert_eq!(told.is_empty(), json == update.to_json());
    let mut pointers = told.pointers.iter();
    assert!(!pointers.any(|pointer| points_at_personal_data(pointer)));
    let before = update.to_json();
    assert_eq!(json["data"]["item_id"], before["data"]["item_id"]);
    let mut texts = vec![&json["more"], &json["data"]["note"]];
    let deep = json["data"]["deep"][0].as_object();
    for (key, below) in deep.into_iter().flatten() {
        assert!(!holds_personal_data(key));
        assert_eq!(below["sku"], before["data"]["item_id"]);
        texts.push(&below["text"]);
    }
    for text in texts {
        let text = text.as_str().expect("a text stays one");
        assert!(!holds_personal_data(text), "{text:?}");
    }
    let again = from_publisher(&json, NOW).expect("what is redacted is an event");
    let (more, twice) = with(&again, treatment).expect("nothing is refused");
    // A hash behind a lone `%` can make an escape of it, and an address of what follows: it is hashed once more then.
    if treatment == Treatment::Redact {
        assert!(more.is_empty() && twice == json, "{json} became {twice}");
    }
    told
}

fn with(
    update: &BackendUpdate,
    treatment: Treatment,
) -> Result<(Redacted, Value), Vec<events::Violation>> {
    let settings = RedactionSettings {
        emails: treatment,
        card_numbers: match treatment {
            // Trying all turns the hash of a card back.
            Treatment::Hash => Treatment::Redact,
            other => other,
        },
        phone_numbers: treatment,
        keep: Vec::new(),
    };
    let mut update = update.clone();
    let told = redact(&mut update, &settings)?;
    Ok((told, update.to_json()))
}

fn points_at_personal_data(pointer: &str) -> bool {
    let mut steps = pointer.split('/');
    steps.any(|step| holds_personal_data(&step.replace("~1", "/").replace("~0", "~")))
}
