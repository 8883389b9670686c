//! What events add.

use std::collections::BTreeMap;

use events::{Currency, MessageContext, read_message};
use serde_json::{Value, json};

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_764_060_300_000);

fn received(event: &Value) -> Received {
    let (data, attributes) = (event.to_string(), BTreeMap::new());
    let mut context = MessageContext::new(data.as_bytes(), &attributes, "m1", NOW);
    context.items_hint = Some("purchase");
    read_message(&context).expect("a good event")
}

fn tally(event: &Value) -> Option<Tally> {
    tally_of(&received(event), &CostList::default(), NOW).expect("it can be counted")
}

fn event(kind: &str, data: Value) -> Value {
    json!({"eventType": kind, "eventId": "e1", "data": data})
}

fn money(text: &str, currency: &str) -> Option<Money> {
    let currency = Currency::parse(currency).expect("a currency");
    Some(Money::parse(text, currency).expect("an amount"))
}

#[test]
fn only_the_six_kinds_are_counted() {
    let items = json!([{"item_id": "A", "quantity": 2}]);
    for kind in [
        "view_item",
        "add_to_cart",
        "remove_from_cart",
        "begin_checkout",
        "purchase",
        "refund",
    ] {
        let tally = tally(&event(kind, json!({"items": items}))).expect(kind);
        assert_eq!((tally.counted.name(), tally.items[0].quantity), (kind, 2));
        assert_eq!(tally.identity, format!("{kind}:e1"));
        let is_order = matches!(kind, "purchase" | "refund");
        assert_eq!(tally.order.is_some(), is_order, "{kind}");
    }
    for kind in ["generate_lead", "scroll", "Purchase"] {
        assert_eq!(tally(&event(kind, json!({"items": items}))), None, "{kind}");
    }
    assert_eq!(tally(&json!({"items": []})), None, "no type and no items");
}

#[test]
fn money_is_price_times_quantity_in_the_items_currency_else_the_events_else_none() {
    let purchase = event(
        "purchase",
        json!({"transactionId": "T1", "currency": "EUR", "items": [
            {"item_id": "A", "price": 0.1, "quantity": 3, "profit": "0.05"},
            {"item_id": "B", "price": "1000", "quantity": 2, "currency": "JPY"},
            {"item_id": "C"},
        ]}),
    );
    let found = tally(&purchase).expect("counted");
    let item = |index: usize| (found.items[index].revenue, found.items[index].profit);
    assert_eq!(item(0), (money("0.30", "EUR"), money("0.15", "EUR")));
    assert_eq!(item(1), (money("2000", "JPY"), None), "unknown is not zero");
    assert_eq!(item(2), (None, None));
    let order = OrderTally::Purchase {
        transaction: Some("T1".into()),
        value: None,
    };
    assert_eq!(found.order, Some(order), "two currencies have no sum");
    let bare = tally(&json!([{"item_id": "A", "price": 2.5}])).expect("a purchase");
    assert_eq!(bare.items[0].revenue, money("2.50", "XXX"));
    let order = OrderTally::Purchase {
        transaction: None,
        value: money("2.50", "XXX"),
    };
    assert_eq!(bare.order, Some(order));
    let viewed = tally(&event(
        "view_item",
        json!({"items": [{"item_id": "A", "price": 2.5}]}),
    ));
    let viewed = &viewed.expect("counted").items[0];
    assert_eq!(
        (viewed.revenue, viewed.details.price),
        (None, money("2.50", "XXX"))
    );
}

#[test]
fn an_item_without_id_goes_by_its_name_and_one_without_either_is_left_out() {
    let purchase = event(
        "purchase",
        json!({"currency": "EUR", "items": [
            {"item_name": "Lamp", "price": 1}, {"price": 5}, {"item_id": "", "item_name": " "},
        ]}),
    );
    let found = tally(&purchase).expect("counted");
    assert_eq!(found.items.len(), 1);
    assert_eq!(found.items[0].item_id, "Lamp");
    let order = OrderTally::Purchase {
        transaction: None,
        value: money("6", "EUR"),
    };
    assert_eq!(
        found.order,
        Some(order),
        "its money is in the order's value"
    );
}

#[test]
fn an_items_texts_are_kept_as_far_as_they_are_worth_showing() {
    // The last letter would be cut in two.
    let long = format!("{}{}", "x".repeat(1_499), "é".repeat(300_000));
    let kept = "x".repeat(1_499);
    let items = json!([
        {"item_name": long, "item_category": long, "item_brand": long},
        {"item_id": "A", "item_name": &long[..1_499]},
    ]);
    let tally = tally(&event("view_item", json!({"items": items}))).expect("it is counted");
    let [unnamed, named] = &tally.items[..] else {
        panic!("{} items", tally.items.len());
    };
    let details = &unnamed.details;
    for text in [&details.name, &details.category, &details.brand] {
        assert_eq!(text.as_deref(), Some(kept.as_str()));
    }
    assert_eq!((&unnamed.item_id, named.item_id.as_str()), (&kept, "A"));
    assert_eq!(named.details.name.as_ref(), Some(&kept), "nothing to cut");
}

#[test]
fn refunds_are_of_items_or_of_a_whole_order() {
    let eur = |value: &str| money(value, "EUR");
    let cases = [
        (
            json!({"transactionId": "T1", "value": 5, "currency": "EUR", "items": [{"item_id": "A", "price": 5}]}),
            OrderTally::RefundOfItems {
                transaction: Some("T1".into()),
                value: eur("5"),
            },
        ),
        (
            json!({"transactionId": "T1"}),
            OrderTally::RefundOfOrder {
                transaction: "T1".into(),
                value: None,
            },
        ),
        (
            json!({"transactionId": "T1", "value": -5, "currency": "EUR", "items": []}),
            OrderTally::RefundOfOrder {
                transaction: "T1".into(),
                value: eur("5"),
            },
        ),
        (
            json!({"value": "7.50", "currency": "EUR"}),
            OrderTally::RefundOfItems {
                transaction: None,
                value: eur("7.50"),
            },
        ),
    ];
    for (data, expected) in cases {
        let found = tally(&event("refund", data.clone())).expect("counted");
        assert_eq!(found.order, Some(expected), "{data}");
    }
}

#[test]
fn profit_comes_from_the_event_else_from_the_cost_list() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "A: { cost: \"0.75\", currency: EUR }\n").expect("writing it");
    let costs = CostList::load(file.path()).expect("a good list");
    let purchase = event(
        "purchase",
        json!({"currency": "EUR", "items": [
            {"item_id": "A", "price": 1, "quantity": 4},
            {"item_id": "A", "price": 1, "quantity": 4, "profit": 0.5},
            {"item_id": "A"},
            {"item_id": "A", "price": 1, "currency": "USD"},
        ]}),
    );
    let found = tally_of(&received(&purchase), &costs, NOW)
        .expect("good")
        .expect("counted");
    let profits: Vec<Option<Money>> = found.items.iter().map(|item| item.profit).collect();
    assert_eq!(profits, [money("1", "EUR"), money("2", "EUR"), None, None]);
}

#[test]
fn money_that_overflows_says_so_and_a_negative_quantity_is_no_unit() {
    let large = event(
        "purchase",
        json!({"items": [
            {"item_id": "A", "price": 0, "profit": 9_000_000_000_000_i64, "quantity": 1_000_000},
        ]}),
    );
    let error = tally_of(&received(&large), &CostList::default(), NOW).expect_err("too large");
    assert!(error.contains("too large"), "{error}");
    let odd = event(
        "remove_from_cart",
        json!({"items": [{"item_id": "A", "quantity": -2}]}),
    );
    assert_eq!(tally(&odd).expect("counted").items[0].quantity, 0);
}

#[test]
fn an_absurd_amount_is_refused_with_words_and_the_largest_sane_one_is_counted() {
    let of_item = |item: Value| json!({"currency": "EUR", "value": 1, "items": [item]});
    let cases = [
        (
            "view_item",
            of_item(json!({"item_id": "A", "quantity": 1_000_001})),
            "quantity",
        ),
        (
            "view_item",
            of_item(json!({"item_id": "A", "price": 10_000_000_001_i64})),
            "price",
        ),
        (
            "purchase",
            of_item(json!({"item_id": "A", "price": 10_000_000_001_i64})),
            "price",
        ),
        (
            "purchase",
            of_item(json!({"item_id": "A", "price": 10_001, "quantity": 1_000_000})),
            "revenue",
        ),
        (
            "refund",
            of_item(json!({"item_id": "A", "profit": 10_000_000_001_i64})),
            "profit",
        ),
        (
            "purchase",
            json!({"currency": "EUR", "value": "10000000000.01"}),
            "value",
        ),
        (
            "refund",
            json!({"currency": "EUR", "value": "-10000000000.01"}),
            "value",
        ),
    ];
    for (kind, data, word) in cases {
        let refused = tally_of(
            &received(&event(kind, data.clone())),
            &CostList::default(),
            NOW,
        );
        let error = refused.expect_err(&data.to_string());
        assert!(
            error.contains(word) && error.contains("too large"),
            "{data}: {error}"
        );
    }
    let largest = json!({"currency": "EUR", "value": 10_000_000_000_i64, "items": [
        {"item_id": "A", "price": 10_000, "quantity": 1_000_000},
    ]});
    let counted = tally(&event("purchase", largest)).expect("counted");
    assert_eq!(counted.items[0].quantity, 1_000_000);
}
