//! Redaction of whole events: where it looks, what it leaves alone, what it tells, and that samples pass as they are.

use events::{
    BackendUpdate, KeepPath, Redacted, RedactionSettings, Treatment, from_publisher, redact,
};
use serde_json::{Value, json};

use crate::support::{NOW, sample};

fn event(data: Value) -> BackendUpdate {
    let body = json!({"eventType": "sign_up", "eventId": "e", "data": data});
    from_publisher(&body, NOW).expect("accepted")
}

fn settings(change: Value) -> RedactionSettings {
    serde_json::from_value(change).expect("good settings")
}

/// What the data becomes, and where it changed.
fn redacted(data: Value, settings: &RedactionSettings) -> (Value, Vec<String>) {
    let mut update = event(data);
    let told = redact(&mut update, settings).expect("nothing is refused");
    assert_eq!(told.more, 0);
    (Value::Object(update.data), told.pointers)
}

#[test]
fn personal_data_is_found_at_any_depth_with_its_pointer() {
    let data = json!({
        "email": "jane@example.com", "note": ["x", {"a/b": "call joe@example.org", "~": [["4111111111111111"]]}], "n": 4111111111111111_u64,
    });
    let (data, pointers) = redacted(data, &RedactionSettings::default());
    let expected = json!({
        "email": "[e-mail]", "note": ["x", {"a/b": "call [e-mail]", "~": [["[card number]"]]}], "n": 4111111111111111_u64,
    });
    assert_eq!(data, expected);
    assert_eq!(
        pointers,
        ["/data/email", "/data/note/1/a~1b", "/data/note/1/~0/0/0"]
    );
}

#[test]
fn consent_and_keys_beside_the_data_are_looked_at_too() {
    let body = json!({
        "eventType": "a", "eventId": "jane@example.com", "clientId": "4111111111111111", "userId": "joe@example.com", "user_id": "x@y.zz",
        "consent": {"by": "jane@example.com"}, "debug": "jane@example.com", "data": {},
    });
    let mut update = from_publisher(&body, NOW).expect("accepted");
    let told = redact(&mut update, &RedactionSettings::default()).expect("nothing is refused");
    assert_eq!(told.pointers, ["/debug", "/consent/by"]);
    let published = update.to_json();
    for id in ["eventId", "clientId", "userId", "user_id"] {
        assert_eq!(published[id], body[id], "{id} is an id");
    }
    assert_eq!(
        (&published["debug"], &published["consent"]["by"]),
        (&json!("[e-mail]"), &json!("[e-mail]"))
    );
}

#[test]
fn ids_are_never_touched_wherever_they_stand() {
    let ids = [
        "eventId",
        "event_id",
        "clientId",
        "client_id",
        "userId",
        "user_id",
        "transactionId",
        "transaction_id",
        "item_id",
        "sku",
    ];
    for id in ids {
        let data = json!({"a": [{id: "jane@example.com"}, {id: ["4111111111111111"]}]});
        let (after, pointers) = redacted(data.clone(), &RedactionSettings::default());
        assert_eq!((after, pointers), (data, vec![]), "{id}");
        let (_, pointers) = redacted(
            json!({id: {"by": "jane@example.com"}}),
            &RedactionSettings::default(),
        );
        assert_eq!(
            pointers,
            [format!("/data/{id}/by")],
            "an object under {id} is no id"
        );
    }
    let body = json!({"eventType": "purchase", "eventId": "e",
        "data": {"transaction_id": 4111111111111111_u64, "items": "[{\"item_id\":4111111111111111,\"item_name\":\"jane@example.com\"}]"}});
    let mut update = from_publisher(&body, NOW).expect("accepted");
    let told = redact(&mut update, &RedactionSettings::default()).expect("nothing is refused");
    assert_eq!(told.pointers, ["/data/items/0/item_name"]);
    assert_eq!(update.data["transactionId"], "4111111111111111");
    assert_eq!(update.data["items"][0]["item_id"], "4111111111111111");
}

#[test]
fn what_is_kept_stays_with_everything_below_it() {
    let data = json!({
        "contact_email": "a@b.cc", "people": [{"email": "a@b.cc", "note": "a@b.cc"}, {"email": "a@b.cc"}],
        "a/b": {"x": "a@b.cc"}, "by@b.cc": {"deep": "a@b.cc"}, "other": "a@b.cc",
    });
    for (keep, left) in [
        (
            json!([]),
            vec![
                "/data/[e-mail]",
                "/data/[e-mail]/deep",
                "/data/a~1b/x",
                "/data/contact_email",
                "/data/other",
                "/data/people/0/email",
                "/data/people/0/note",
                "/data/people/1/email",
            ],
        ),
        (
            json!([
                "/data/contact_email",
                "/data/people/*/email",
                "/data/a~1b",
                "/data/by@b.cc"
            ]),
            vec!["/data/other", "/data/people/0/note"],
        ),
        (
            json!("/data/people/1, /data/other,/data/a~1b/x,/data/by@b.cc/deep"),
            vec![
                "/data/[e-mail]",
                "/data/[e-mail]/deep",
                "/data/contact_email",
                "/data/people/0/email",
                "/data/people/0/note",
            ],
        ),
        (json!("/data/*"), vec![]),
        (json!(["/data"]), vec![]),
    ] {
        let (_, mut pointers) = redacted(data.clone(), &settings(json!({"keep": keep})));
        pointers.sort();
        assert_eq!(pointers, left, "{keep}");
    }
}

#[test]
fn settings_that_can_t_be_meant_are_refused_with_what_to_write() {
    for (written, words) in [
        (json!({"emails": "hide"}), "redact, hash, refuse or off"),
        (json!({"emails": true}), "redact, hash, refuse or off"),
        (json!({"card_numbers": "hash"}), "can't be hashed"),
        (json!({"keep": ["data.email"]}), "/data/contact_email"),
        (json!({"keep": "/data//x"}), "/data/contact_email"),
        (json!({"keep": "/data/~2"}), "/data/contact_email"),
        (json!({"email": "off"}), "emails"),
    ] {
        let error =
            serde_json::from_value::<RedactionSettings>(written.clone()).expect_err("refused");
        assert!(error.to_string().contains(words), "{written}: {error}");
    }
    let off = settings(json!({"emails": false, "card_numbers": "off", "phone_numbers": "off"}));
    assert_eq!(
        (off.emails, off.card_numbers),
        (Treatment::Off, Treatment::Off)
    );
    let path: KeepPath = "/data/a~1b/*".parse().expect("a path");
    assert_eq!(path.to_string(), "/data/a~1b/*");
}

#[test]
fn keys_lose_personal_data_too_and_no_member_is_lost() {
    let data = json!({"a@b.cc": 1, "c@b.cc": {"x": "a@b.cc"}, "[e-mail]": 2, "plain": 3, "4111111111111111": 4});
    for emails in ["redact", "hash"] {
        let (data, pointers) = redacted(data.clone(), &settings(json!({"emails": emails})));
        let keys: Vec<&String> = data.as_object().expect("an object").keys().collect();
        assert_eq!(
            keys,
            [
                "[card number]",
                "[e-mail]",
                "[e-mail] 2",
                "[e-mail] 3",
                "plain"
            ]
        );
        assert_eq!(
            (&data["[e-mail]"], &data["[e-mail] 2"]),
            (&json!(2), &json!(1))
        );
        assert_eq!(
            pointers,
            [
                "/data/[card number]",
                "/data/[e-mail] 2",
                "/data/[e-mail] 3",
                "/data/[e-mail] 3/x"
            ]
        );
    }
}

#[test]
fn a_refusal_names_every_place_and_no_value() {
    let mut update = event(
        json!({"a": "4111111111111111 jane@example.com", "jane@example.com": {"b": "x joe@example.com"}, "c": "+4917112345678"}),
    );
    let settings =
        settings(json!({"emails": "refuse", "card_numbers": "refuse", "phone_numbers": "refuse"}));
    let violations = redact(&mut update, &settings).expect_err("refused");
    let told: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 5, "{told:?}");
    for (pointer, words) in [
        ("/data/a ", "card number"),
        ("/data/a ", "e-mail address"),
        ("/data/[e-mail] ", "e-mail address"),
        ("/data/[e-mail]/b ", "e-mail address"),
        ("/data/c ", "phone number"),
    ] {
        let is_told = |line: &&String| line.starts_with(pointer) && line.contains(words);
        assert_eq!(
            told.iter().filter(is_told).count(),
            1,
            "{pointer}{words}: {told:?}"
        );
    }
    let all = told.join(" ");
    for value in ["jane", "joe", "4111", "4917"] {
        assert!(!all.contains(value), "{value} is in {all}");
    }
}

#[test]
fn only_so_many_places_are_told_and_all_are_redacted() {
    let many: Vec<Value> = vec![json!("a@b.cc"); 1000];
    let mut update = event(json!({"many": many}));
    let told = redact(&mut update, &RedactionSettings::default()).expect("nothing is refused");
    assert_eq!((told.pointers.len(), told.more), (100, 900));
    assert!(
        !String::from_utf8(update.to_bytes())
            .expect("JSON")
            .contains('@')
    );
    let long = "k".repeat(9000);
    let mut update = event(json!({long: "a@b.cc"}));
    let told = redact(&mut update, &RedactionSettings::default()).expect("nothing is refused");
    assert_eq!((told.pointers.len(), told.more), (0, 1));
    assert!(!told.is_empty() && Redacted::default().is_empty());
    let refusing = settings(json!({"emails": "refuse"}));
    let violations = redact(&mut event(json!({"many": vec!["a@b.cc"; 150]})), &refusing);
    assert_eq!(violations.expect_err("refused").len(), 101);
}

#[test]
fn only_these_pointers_of_the_samples_are_redacted_which_are_none() {
    let everything = settings(json!({"emails": "hash", "phone_numbers": "hash"}));
    for name in [
        "publisher_purchase",
        "publisher_generate_lead",
        "publisher_user_login",
    ] {
        for body in sample(&format!("{name}.jsonl")) {
            for settings in [&RedactionSettings::default(), &everything] {
                let mut update = from_publisher(&body, NOW).expect("accepted");
                let before = update.to_bytes();
                let told = redact(&mut update, settings).expect("nothing is refused");
                assert!(told.is_empty(), "{body}: {told:?}");
                assert_eq!(update.to_bytes(), before, "{body}");
            }
        }
    }
    // Hermes' and other topics' messages don't pass the publisher; as data of events that do, they are as clean.
    for name in ["hermes_data", "items_realtime", "low_stock", "promotions"] {
        for line in sample(&format!("{name}.jsonl")) {
            let (after, pointers) = redacted(json!({"row": line}), &everything);
            assert_eq!((&after["row"], pointers.len()), (&line, 0), "{name}");
        }
    }
}
