//! What is shown of an item whose name, price and currency change.

use serde_json::{Value, json};

use crate::counter::{Counter, world};
use crate::events_of_a_shop::{an_hour_ago, event};
use crate::oracle::Oracle;
use crate::shown::assert_figures_and_details;

/// Publishes one after the other; each is counted before the next comes.
async fn assert_counted_in_this_order(events: &[String]) {
    let world = world();
    let counter = Counter::start(&world).await;
    for event in events {
        counter.publish(event).await;
        world.all_acknowledged().await;
    }
    assert_figures_and_details(&counter.page, &Oracle::published(events)).await;
}

#[tokio::test]
async fn an_item_is_shown_as_the_latest_event_says_whatever_came_last() {
    let begin = an_hour_ago();
    let said = |number: usize, kind: &str, item: Value| {
        let mut item = item;
        item["item_id"] = "LAMP".into();
        event(
            kind,
            number,
            begin,
            &json!({"currency": "EUR", "items": [item]}),
        )
    };
    let events = [
        said(
            5,
            "view_item",
            json!({"item_name": "Lamp, brass", "item_category": "Light"}),
        ),
        said(9, "view_item", json!({"price": "129.50"})),
        said(
            2,
            "purchase",
            json!({"item_name": "Old lamp", "price": 99, "item_category": "Lighting"}),
        ),
        said(
            7,
            "purchase",
            json!({"item_name": "Brass Lamp", "price": "110.00", "currency": "DKK"}),
        ),
        said(3, "add_to_cart", json!({"item_name": "Lamp", "price": 100})),
    ];
    let oracle = Oracle::published(&events);
    let details: Vec<String> = oracle.details().into_values().collect();
    assert_eq!(details, ["Light", "Brass Lamp", "129.50"]);
    assert_counted_in_this_order(&events).await;
}

#[tokio::test]
async fn currencies_of_one_item_never_mix_and_each_is_written_with_its_own_decimals() {
    let begin = an_hour_ago();
    let sold = |number: usize, currency: Value, price: Value| {
        let item = json!({"item_id": "TEA", "price": price, "quantity": 3, "currency": currency});
        event("purchase", number, begin, &json!({"items": [item]}))
    };
    let events = [
        sold(1, json!("EUR"), json!(0.1)),
        sold(2, json!("EUR"), json!("0.20")),
        sold(3, json!("JPY"), json!(4300)),
        sold(4, json!("KWD"), json!("1.005")),
        sold(5, Value::Null, json!("7")),
        // Sixteen digits, near the most that one amount may have.
        sold(6, json!("SEK"), json!("3007199254.740993")),
        sold(7, json!("SEK"), json!("3007199254.740991")),
    ];
    let figures = Oracle::published(&events).figures();
    let revenue = |currency: &str| {
        let key = ("TEA".to_owned(), format!("revenue.{currency}"));
        figures[&key].clone()
    };
    let revenues = ["EUR", "JPY", "KWD", "XXX", "SEK"].map(revenue);
    let right = ["0.90", "12900", "3.015", "21.00", "18043195528.445952"];
    assert_eq!(revenues, right);
    assert_counted_in_this_order(&events).await;
}
