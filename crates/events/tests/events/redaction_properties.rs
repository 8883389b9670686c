//! Over arbitrary JSON, made of what addresses and numbers are made of: redacting again changes nothing, and numbers and
//! ids stay.

use events::{RedactionSettings, Treatment, from_publisher, redact};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::support::NOW;

/// Pieces that make addresses and numbers, and what stands around them.
const PIECES: [&str; 69] = [
    "a",
    "jane",
    "@",
    "@",
    ".",
    ".",
    "com",
    "de",
    "example",
    "-",
    "+",
    "'",
    "_",
    "%",
    "%40",
    "%2540",
    "%25",
    "40",
    "25",
    "2x",
    "png",
    "xn--9",
    "4111111111111111",
    "4111",
    " 1111",
    "-1111",
    " 1111",
    "378282246310005",
    "+49",
    "171",
    "1234567",
    " ",
    "(0)",
    "/",
    "[",
    "]",
    "[e-mail]",
    "[card number]",
    "[phone number]",
    "ｊ",
    "＠",
    "７",
    "ま",
    "É",
    "\\",
    "\\n",
    "\\u0040",
    "\\u00",
    "%0A",
    "\u{200b}",
    "\u{301}",
    "AT61",
    "58",
    "&#64;",
    "&#",
    "64;",
    "&amp;",
    "&commat;",
    "amp;",
    "\\x40",
    "\"",
    "\\\"",
    "田",
    "例え",
    "で",
    ".1111",
    "4111.1111.1111.1111",
    "\u{2014}1111",
    "example.com",
];
const NAMES: [&str; 8] = [
    "email",
    "phone",
    "item_id",
    "userId",
    "transaction_id",
    "items",
    "x",
    "note",
];

fn text() -> impl Strategy<Value = String> {
    let pieces = prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..14);
    prop_oneof![4 => pieces.prop_map(|pieces| pieces.concat()), 1 => any::<String>()]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(NAMES.to_vec()).prop_map(str::to_owned),
        text()
    ]
}

fn anything() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        6 => text().prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => Just(json!(4111111111111111_u64)),
        1 => any::<f64>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    scalar.prop_recursive(4, 24, 5, |inner| {
        let members = prop::collection::vec((name(), inner.clone()), 0..5);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            members.prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn treatments() -> impl Strategy<Value = RedactionSettings> {
    let treatment =
        || prop::sample::select(vec![Treatment::Off, Treatment::Redact, Treatment::Hash]);
    let card = prop::sample::select(vec![Treatment::Off, Treatment::Redact]);
    (treatment(), card, treatment()).prop_map(|(emails, card_numbers, phone_numbers)| {
        RedactionSettings {
            emails,
            card_numbers,
            phone_numbers,
            keep: Vec::new(),
        }
    })
}

/// Numbers in the order they stand in, and the texts of ids.
fn collect(value: &Value, is_id: bool, kept: &mut Vec<Value>) {
    match value {
        Value::Number(_) => kept.push(value.clone()),
        Value::String(_) if is_id => kept.push(value.clone()),
        Value::Array(elements) => elements
            .iter()
            .for_each(|element| collect(element, is_id, kept)),
        Value::Object(members) => {
            for (name, value) in members {
                collect(
                    value,
                    ["item_id", "userId", "transaction_id"].contains(&name.as_str()),
                    kept,
                );
            }
        }
        _ => {}
    }
}

fn kept_of(value: &Value) -> Vec<String> {
    let mut kept = Vec::new();
    collect(value, false, &mut kept);
    // Renamed keys change the order.
    let mut kept: Vec<String> = kept.iter().map(Value::to_string).collect();
    kept.sort();
    kept
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4096) })]

    #[test]
    fn redacting_twice_changes_nothing_more_and_numbers_and_ids_stay(data in anything(), settings in treatments()) {
        let body = json!({"eventType": "sign_up", "eventId": "a@b.com", "data": {"any": data}});
        let mut update = from_publisher(&body, NOW).expect("accepted");
        let before = update.clone();
        let told = redact(&mut update, &settings).expect("nothing is refused");
        prop_assert_eq!(told.is_empty(), update == before);
        prop_assert_eq!(kept_of(&update.to_json()), kept_of(&before.to_json()));
        prop_assert_eq!(&update.event_id, &before.event_id);
        let once = update.clone();
        let told = redact(&mut update, &settings).expect("nothing is refused");
        prop_assert_eq!((told.is_empty(), update.to_json()), (true, once.to_json()));
        // What would be found is what refusing refuses: nothing is left of it.
        let refuse = |treatment| if treatment == Treatment::Off { Treatment::Off } else { Treatment::Refuse };
        let refusing = RedactionSettings {
            emails: refuse(settings.emails),
            card_numbers: refuse(settings.card_numbers),
            phone_numbers: refuse(settings.phone_numbers),
            keep: Vec::new(),
        };
        prop_assert!(redact(&mut update, &refusing).is_ok());
    }

    #[test]
    fn every_pointer_that_is_told_leads_to_a_place(data in anything(), settings in treatments()) {
        let body = json!({"eventType": "sign_up", "eventId": "e", "data": {"any": data}});
        let mut update = from_publisher(&body, NOW).expect("accepted");
        let told = redact(&mut update, &settings).expect("nothing is refused");
        let published = update.to_json();
        for pointer in &told.pointers {
            prop_assert!(published.pointer(pointer).is_some(), "{} in {}", pointer, published);
        }
    }
}
