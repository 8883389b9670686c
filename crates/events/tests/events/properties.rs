//! Over arbitrary input: nothing panics, and normalising twice changes nothing.

use std::collections::BTreeMap;

use events::{MessageContext, from_publisher, items, read_message};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::support::NOW;

/// Keys that the crate knows, in all their spellings, and one it does not.
const KEYS: [&str; 33] = [
    "eventType",
    "event_name",
    "eventId",
    "event_id",
    "clientId",
    "client_id",
    "userId",
    "user_id",
    "eventTimestampMs",
    "receivedMs",
    "timestampSource",
    "consent",
    "data",
    "items",
    "value",
    "transaction_value",
    "currency",
    "transactionId",
    "transaction_id",
    "item_id",
    "item_name",
    "price",
    "quantity",
    "profit",
    "stock",
    "sku",
    "isFirstLogin",
    "lastLoginTimestamp",
    "leadFormId",
    "promotion_id",
    "discount",
    "coupon",
    "anything",
];
const TYPES: [&str; 9] = [
    "purchase",
    "refund",
    "view_item",
    "generate_lead",
    "user_login",
    "LowStock",
    "promotion",
    "sign_up",
    "pubsub",
];

fn scalar() -> impl Strategy<Value = Value> {
    let texts = [
        "",
        " ",
        "EUR",
        "jpy",
        "12.50",
        "-3",
        "9007199254740993.1",
        "true",
        "NaN",
        "event",
        "received",
        "[{}]",
        "[{\"price\":\"2\"},1]",
        "2025-11-25T08:48:01Z",
        "1764060134221",
    ];
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-5_i64..500).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(texts.to_vec()).prop_map(Value::from),
        prop::sample::select(TYPES.to_vec()).prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        (1_764_000_000_000_i64..1_764_100_000_000).prop_map(Value::from),
    ]
}

/// JSON made of the crate's own keys, so that every rule is met often.
fn knowing_json() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(prop::sample::select(KEYS.to_vec()), inner, 0..8)
                .prop_map(object),
        ]
    })
}

/// An event of a type whose data is of the crate's own keys.
fn event() -> impl Strategy<Value = Value> {
    (prop::sample::select(TYPES.to_vec()), knowing_json(), knowing_json()).prop_map(|(event_type, data, beside)| {
        json!({"eventType": event_type, "eventId": "e", "data": data, "eventTimestampMs": beside, "anything": beside})
    })
}

fn object(map: BTreeMap<&str, Value>) -> Value {
    Value::Object(
        map.into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect::<Map<_, _>>(),
    )
}

fn attributes() -> impl Strategy<Value = BTreeMap<String, String>> {
    let names = [
        "eventType",
        "eventId",
        "receivedMs",
        "talariaIdentity",
        "other",
    ];
    let values = ["purchase", "LowStock", "5", "1764060134221", "", "no type"];
    let pair = (
        prop::sample::select(names.to_vec()),
        prop::sample::select(values.to_vec()),
    );
    prop::collection::vec(pair, 0..3).prop_map(|pairs| {
        pairs
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    })
}

fn check_published(body: &Value) -> Result<(), TestCaseError> {
    if let Ok(update) = from_publisher(body, NOW) {
        let again = from_publisher(&update.to_json(), NOW);
        let again = again
            .map_err(|violations| TestCaseError::fail(format!("refused again: {violations:?}")))?;
        prop_assert_eq!(again.to_json(), update.to_json());
        prop_assert_eq!(again.content_hash(), update.content_hash());
        items(&update);
        update.value_at_stake();
    }
    Ok(())
}

fn check_pushed(
    data: &[u8],
    attributes: &BTreeMap<String, String>,
    hints: (Option<&str>, Option<&str>),
) -> Result<(), TestCaseError> {
    let mut context = MessageContext::new(data, attributes, "1", NOW);
    (context.event_type_hint, context.items_hint) = hints;
    if let Ok(received) = read_message(&context) {
        let bytes = received.update.to_bytes();
        context.data = &bytes;
        let again = read_message(&context);
        let again = again
            .map_err(|unreadable| TestCaseError::fail(format!("unreadable again: {unreadable}")))?;
        prop_assert_eq!(again.update.to_json(), received.update.to_json());
        prop_assert_eq!(&again.identity, &received.identity);
        prop_assert_eq!(again.content_hash(), received.content_hash());
        prop_assert_eq!(again.value, received.value);
    }
    Ok(())
}

fn hints() -> impl Strategy<Value = (Option<&'static str>, Option<&'static str>)> {
    prop::sample::select(vec![
        (None, None),
        (Some("LowStock"), None),
        (Some("promotion"), None),
        (None, Some("purchase")),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1024) })]

    #[test]
    fn arbitrary_bytes_never_panic(data in prop::collection::vec(any::<u8>(), 0..200), attributes in attributes(), hints in hints()) {
        check_pushed(&data, &attributes, hints)?;
    }

    #[test]
    fn bytes_that_look_like_json_never_panic(text in r#"[\[\]{}:,"0-9eE.\\ a-z-]{0,60}"#, attributes in attributes()) {
        check_pushed(text.as_bytes(), &attributes, (None, None))?;
    }

    #[test]
    fn a_message_normalised_twice_is_as_normalised_once(json in knowing_json(), attributes in attributes(), hints in hints()) {
        check_published(&json)?;
        check_pushed(json.to_string().as_bytes(), &attributes, hints)?;
    }

    #[test]
    fn an_event_normalised_twice_is_as_normalised_once(json in event(), attributes in attributes(), hints in hints()) {
        check_published(&json)?;
        check_pushed(json.to_string().as_bytes(), &attributes, hints)?;
    }

    #[test]
    fn what_the_publisher_accepted_is_read_by_everyone_behind_it(json in event()) {
        if let Ok(update) = from_publisher(&json, NOW) {
            let attributes = BTreeMap::new();
            let bytes = update.to_bytes();
            let received = read_message(&MessageContext::new(&bytes, &attributes, "1", NOW));
            let received = received.map_err(|unreadable| TestCaseError::fail(unreadable.to_string()))?;
            prop_assert_eq!(received.update.to_json(), update.to_json());
        }
    }
}
