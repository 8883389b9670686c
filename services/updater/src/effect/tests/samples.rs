//! The default routes on every sample message: each line gives exactly the calls a reader of the file expects.

use std::collections::BTreeMap;

use events::{MessageContext, Timestamp, from_publisher, read_message};
use serde_json::{Value, json};

use super::super::plan;
use super::{NOW_MS, shown};
use crate::routes::{Routes, load};

fn default_routes() -> Routes {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/routes.yaml");
    let source = std::fs::read_to_string(path).expect("the default routes file");
    load(&source, "config/routes.yaml", &|_| None).expect("no mistakes")
}

fn sample(name: &str) -> Vec<Value> {
    let path = format!(
        "{}/../../crates/events/tests/samples/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.lines()
        .map(|line| serde_json::from_str(line).expect("samples are JSON"))
        .collect()
}

/// What an event in the published form leads to: `route METHOD path body`, the Idempotency-Key as KEY.
fn calls(event: &Value) -> Vec<String> {
    let plan = plan(&default_routes(), None, "test:1", event, NOW_MS);
    let call = |effect: &super::super::PlannedEffect| {
        let key = effect.idempotency_key.to_string();
        format!("{} {}", effect.route.name, shown(effect))
            .trim()
            .replace(&key, "KEY")
    };
    plan.effects.iter().map(call).collect()
}

fn published(body: &Value) -> Value {
    from_publisher(body, Timestamp::from_millis(NOW_MS))
        .expect("samples are accepted")
        .to_json()
}

fn received(message: &Value, event_type_hint: Option<&'static str>) -> Value {
    let (data, attributes) = (message.to_string(), BTreeMap::new());
    let mut context = MessageContext::new(
        data.as_bytes(),
        &attributes,
        "9001",
        Timestamp::from_millis(NOW_MS),
    );
    context.event_type_hint = event_type_hint;
    read_message(&context)
        .expect("samples are readable")
        .update
        .to_json()
}

#[test]
fn purchases() {
    let lamp = &[
        r#"purchase-crm POST  {"customerSegment":"returning_high_value","lastPurchaseCurrency":"EUR","lastPurchaseDate":"2025-11-25T08:42:14.221Z","lastPurchaseValue":184.5,"loyaltyTier":"gold","userId":"cust-48120"}"#,
        r#"purchase-points POST  {"pointsToAdd":18,"transactionRef":"ORD-70311","userId":"cust-48120"}"#,
        r#"purchase-stock PATCH /stock/LAMP-07 {"change":-1,"reason":"purchase","transactionRef":"ORD-70311"}"#,
        r#"purchase-stock PATCH /stock/BULB-E14 {"change":-10,"reason":"purchase","transactionRef":"ORD-70311"}"#,
        r#"purchase-thank-you POST  {"currency":"EUR","messageId":"KEY","template":"thank-you","transactionRef":"ORD-70311","userId":"cust-48120","value":184.5}"#,
    ][..];
    let expected: [&[&str]; 7] = [
        lamp,
        &[
            r#"purchase-crm POST  {"customerSegment":"new","lastPurchaseCurrency":"JPY","lastPurchaseDate":"2025-11-25T08:42:51.090Z","lastPurchaseValue":12900,"loyaltyTier":"silver","userId":"cust-50077"}"#,
            r#"purchase-points POST  {"pointsToAdd":1290,"transactionRef":"ORD-70312","userId":"cust-50077"}"#,
            r#"purchase-stock PATCH /stock/TEA-%E7%85%8E%E8%8C%B6 {"change":-3,"reason":"purchase","transactionRef":"ORD-70312"}"#,
            r#"purchase-thank-you POST  {"currency":"JPY","messageId":"KEY","template":"thank-you","transactionRef":"ORD-70312","userId":"cust-50077","value":12900}"#,
        ],
        // A guest: the stock alone.
        &[
            r#"purchase-stock PATCH /stock/BOWL-10 {"change":-1,"reason":"purchase","transactionRef":"ORD-70313"}"#,
        ],
        // Numbers as text, and no time of its own.
        &[
            r#"purchase-crm POST  {"customerSegment":"lapsed","lastPurchaseCurrency":"DKK","lastPurchaseDate":"2025-11-25T08:50:00.000Z","lastPurchaseValue":74,"loyaltyTier":"bronze","userId":"cust-11872"}"#,
            r#"purchase-points POST  {"pointsToAdd":7,"transactionRef":"ORD-70314","userId":"cust-11872"}"#,
            r#"purchase-stock PATCH /stock/MUG-01 {"change":-2,"reason":"purchase","transactionRef":"ORD-70314"}"#,
            r#"purchase-thank-you POST  {"currency":"DKK","messageId":"KEY","template":"thank-you","transactionRef":"ORD-70314","userId":"cust-11872","value":74}"#,
        ],
        lamp,
        &[
            r#"purchase-crm POST  {"customerSegment":"gift_card_only","lastPurchaseCurrency":"USD","lastPurchaseDate":"2025-11-25T08:45:11.902Z","lastPurchaseValue":0,"loyaltyTier":"none","userId":"cust-60210"}"#,
            r#"purchase-points POST  {"pointsToAdd":0,"transactionRef":"ORD-70315","userId":"cust-60210"}"#,
            r#"purchase-stock PATCH /stock/GIFT-50 {"change":-1,"reason":"purchase","transactionRef":"ORD-70315"}"#,
            r#"purchase-thank-you POST  {"currency":"USD","messageId":"KEY","template":"thank-you","transactionRef":"ORD-70315","userId":"cust-60210","value":0}"#,
        ],
        // No items.
        &[
            r#"purchase-crm POST  {"customerSegment":"b2b","lastPurchaseCurrency":"USD","lastPurchaseDate":"2025-11-25T08:45:55.418Z","lastPurchaseValue":1249,"loyaltyTier":"platinum","userId":"cust-00031"}"#,
            r#"purchase-points POST  {"pointsToAdd":124,"transactionRef":"ORD-70316","userId":"cust-00031"}"#,
            r#"purchase-thank-you POST  {"currency":"USD","messageId":"KEY","template":"thank-you","transactionRef":"ORD-70316","userId":"cust-00031","value":1249}"#,
        ],
    ];
    for (line, expected) in sample("publisher_purchase.jsonl").iter().zip(expected) {
        assert_eq!(calls(&published(line)), expected, "{line}");
    }
}

#[test]
fn leads() {
    let expected = [
        r#"lead-crm POST  {"emailHashed":"5d41402abc4b2a76b9719d911017c592e8a1b0d2c3f4a5968778695a4b3c2d1e","leadFormId":"demo-request","leadMedium":"cpc","leadSource":"google","status":"New Lead","userId":"cust-77120"}"#,
        r#"lead-crm POST  {"emailHashed":"0f3a77c2b19e4d5860adbe11c7f2390415d6e8a9bb0c4f7d21e3a5968c7b4d02","leadFormId":"whitepaper-2025","leadMedium":"email","leadSource":"newsletter","status":"New Lead","userId":"crm-lead-90412"}"#,
        r#"lead-crm POST  {"emailHashed":"9a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9","leadFormId":"contact","leadMedium":"(none)","leadSource":"(direct)","status":"New Lead"}"#,
        r#"lead-crm POST  {"leadFormId":"trial-signup","leadMedium":"paid_social","leadSource":"linkedin","status":"New Lead","userId":"cust-20011"}"#,
        r#"lead-crm POST  {"emailHashed":"c4ca4238a0b923820dcc509a6f75849b1e2d3c4b5a69788796a5b4c3d2e1f0ab","leadFormId":"dealer-locator","leadMedium":"referral","leadSource":"partner-nordhandel","status":"New Lead","userId":"cust-31090"}"#,
        r#"lead-crm POST  {"leadFormId":"callback-request","status":"New Lead","userId":"cust-42077"}"#,
    ];
    for (line, expected) in sample("publisher_generate_lead.jsonl").iter().zip(expected) {
        assert_eq!(calls(&published(line)), [expected], "{line}");
    }
}

#[test]
fn logins() {
    let first = r#"login-crm POST  {"isFirstLogin":false,"lastLoginDate":"2025-11-25T08:48:40.001Z","loginMethod":"password","previousLoginDate":"2025-11-22T08:46:40.000Z","userId":"cust-48120"}"#;
    let expected = [
        first,
        r#"login-crm POST  {"isFirstLogin":true,"lastLoginDate":"2025-11-25T08:48:53.450Z","loginMethod":"google","userId":"cust-50077"}"#,
        r#"login-crm POST  {"isFirstLogin":false,"lastLoginDate":"2025-11-25T08:49:09.087Z","loginMethod":"apple","previousLoginDate":"2025-11-20T08:14:55.000Z","userId":"cust-60210"}"#,
        r#"login-crm POST  {"isFirstLogin":false,"lastLoginDate":"2025-11-25T08:49:21.234Z","loginMethod":"sso-saml","previousLoginDate":"2025-11-24T16:00:00.000Z","userId":"cust-00031"}"#,
        r#"login-crm POST  {"lastLoginDate":"2025-11-25T08:49:30.011Z","loginMethod":"magic_link","userId":"cust-11872"}"#,
        first,
    ];
    for (line, expected) in sample("publisher_user_login.jsonl").iter().zip(expected) {
        assert_eq!(calls(&published(line)), [expected], "{line}");
    }
}

#[test]
fn promotions() {
    let expected = [
        r#"promotion-cdp POST  {"currency":"GBP","promotion":"AUTUMN15","transactionRef":"ORD-70313","value":39.95}"#,
        r#"promotion-cdp POST  {"clientId":"1203948571.1763981200","currency":"EUR","promotion":"BF-2025-HOME","transactionRef":"ORD-70318","value":212}"#,
        r#"promotion-cdp POST  {"currency":"GBP","promotion":"FREESHIP50","transactionRef":"ORD-70319","value":58.2}"#,
        r#"promotion-cdp POST  {"coupon":"GOLD10","discount":14.9,"name":"Gold tier 10%","promotion":"P-LOYAL-GOLD","transactionRef":"ORD-70320"}"#,
        r#"promotion-cdp POST  {"promotion":"2-FOR-3","transactionRef":"ORD-70321"}"#,
        r#"promotion-cdp POST  {"currency":"DKK","promotion":"WELCOME-NEWS","transactionRef":"ORD-70322","userId":"cust-60210","value":24}"#,
    ];
    for (line, expected) in sample("promotions.jsonl").iter().zip(expected) {
        assert_eq!(
            calls(&received(line, Some("promotion"))),
            [expected],
            "{line}"
        );
        assert!(
            calls(&received(line, None)).is_empty(),
            "a message of no type is for no route: {line}"
        );
    }
}

#[test]
fn stock_warnings() {
    let expected = [
        r#"low-stock-shop PUT /stock-warnings/BOWL-10 {"sku":"BOWL-10"}"#,
        r#"low-stock-shop PUT /stock-warnings/BOWL-10 {"sku":"BOWL-10","soldOut":false,"stock":4,"threshold":5}"#,
        r#"low-stock-shop PUT /stock-warnings/LAMP-07 {"sku":"LAMP-07","soldOut":false,"stock":2,"threshold":3}"#,
        r#"low-stock-shop PUT /stock-warnings/TEA-%E7%85%8E%E8%8C%B6 {"locationId":"WH-OSAKA","sku":"TEA-煎茶","soldOut":true,"stock":0,"threshold":10}"#,
        r#"low-stock-shop PUT /stock-warnings/SETS%2FDINNER-4 {"sku":"SETS/DINNER-4","soldOut":false,"stock":1}"#,
        r#"low-stock-shop PUT /stock-warnings/MUG-01 {"sku":"MUG-01","soldOut":true,"stock":-1,"threshold":5}"#,
    ];
    for (line, expected) in sample("low_stock.jsonl").iter().zip(expected) {
        assert_eq!(
            calls(&received(line, Some("LowStock"))),
            [expected],
            "{line}"
        );
    }
}

#[test]
fn hermes_and_bare_items_update_stock_when_their_topic_carries_purchases() {
    let stock = |line: &Value, hint| -> Vec<String> {
        let calls = calls(&received(line, hint));
        assert!(
            calls
                .iter()
                .all(|call| call.starts_with("purchase-stock PATCH /stock/")),
            "{calls:?}"
        );
        let call = |call: String| {
            call.replace("purchase-stock PATCH /stock/", "")
                .replace("\"reason\":\"purchase\"", "")
        };
        calls
            .into_iter()
            .map(call)
            .map(|call| call.split(',').next().unwrap_or_default().to_owned())
            .collect()
    };
    let hermes: [&[&str]; 7] = [
        &["blazer {\"change\":-1"],
        &["LAMP-07 {\"change\":-1", "BULB-E14 {\"change\":-10"],
        &["456 {\"change\":-2"],
        &[],
        &[],
        &[],
        &["MUG-01 {\"change\":-4"],
    ];
    for (line, expected) in sample("hermes_data.jsonl")
        .iter()
        .zip(hermes)
        .filter(|(line, _)| line.get("user_id").is_none())
    {
        let hint = line.get("event_name").is_none().then_some("purchase");
        assert_eq!(stock(line, hint), expected, "{line}");
        assert!(stock(line, None).is_empty(), "{line}");
    }
    let items: [&[&str]; 8] = [
        &["123 {\"change\":-1", "456 {\"change\":-2"],
        &["LAMP-07 {\"change\":-1"],
        &["BOWL-10 {\"change\":-1"],
        &["MUG-01 {\"change\":-4", "MUG-01 {\"change\":-1"],
        &["90210 {\"change\":-1"],
        &["SETS%2FDINNER-4 {\"change\":-1"],
        &["TEA-%E7%85%8E%E8%8C%B6 {\"change\":-3"],
        &[],
    ];
    for (line, expected) in sample("items_realtime.jsonl").iter().zip(items) {
        assert_eq!(stock(line, Some("purchase")), expected, "{line}");
    }
}

#[test]
fn a_refund_takes_points_back_and_puts_stock_back() {
    let refund = |user: Option<&str>, data: Value| {
        let mut event = json!({"eventType": "refund", "eventId": "evt-r", "data": data});
        if let Some(user) = user {
            event["userId"] = user.into();
        }
        calls(&published(&event))
    };
    let items =
        json!([{"item_id": "LAMP-07", "price": 129.5, "quantity": 1}, {"item_name": "Gift wrap"}]);
    let data = json!({"transactionId": "ORD-70311", "value": 129.5, "items": items});
    let stock = r#"refund-stock PATCH /stock/LAMP-07 {"change":1,"reason":"refund","transactionRef":"ORD-70311"}"#;
    let points = r#"refund-points POST  {"pointsToAdd":-12,"transactionRef":"ORD-70311","userId":"cust-48120"}"#;
    assert_eq!(refund(Some("cust-48120"), data.clone()), [points, stock]);
    assert_eq!(refund(None, data), [stock]);
    assert!(refund(Some("cust-48120"), json!({"transactionId": "ORD-70311"})).is_empty());
}

#[test]
fn a_guest_who_left_a_hashed_address_gets_a_mail() {
    let event = json!({"eventType": "purchase", "eventId": "e", "data": {"transactionId": "T", "emailHashed": "ab12"}});
    assert_eq!(
        calls(&published(&event)),
        [
            r#"purchase-thank-you POST  {"emailHashed":"ab12","messageId":"KEY","template":"thank-you","transactionRef":"T"}"#
        ]
    );
}
