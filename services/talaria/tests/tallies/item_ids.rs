//! Items whose ids are as odd as ids come.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::counter::{Counter, world};
use crate::events_of_a_shop::{an_hour_ago, event};
use crate::oracle::{Book, Oracle};
use crate::shown::{assert_figures_and_details, enter};

/// As long as an id may be.
const LONGEST: usize = 1500;

/// Any two of them are different items.
fn odd_ids() -> Vec<String> {
    let odd = [
        "SETS/DINNER-4",
        "/leading",
        "trailing/",
        "a//b",
        "../up",
        "a/../b",
        "🧦-sock",
        "👨‍👩‍👧‍👦",
        "煎茶",
        "12\" pipe",
        "it's",
        "'; DROP TABLE items; --",
        "100%",
        "%2F",
        "%zz",
        "%",
        "a b",
        "a+b",
        " blanks around ",
        "?q=1&r=2#f",
        "back\\slash",
        ".hidden",
        "..two",
        "...",
        "__x__",
        "__proto__",
        "$where",
        "`tick`",
        "=1+1",
        "<b>bold</b>",
        "ABC",
        "abc",
        "\u{e9}",
        "e\u{301}",
        "null",
        "0",
        "-1",
        "1e3",
        "\u{202e}backwards",
        "{item_id:.*}",
    ];
    let mut ids: Vec<String> = odd.into_iter().map(str::to_owned).collect();
    ids.push("x".repeat(LONGEST));
    ids.push(format!("{}y", "x".repeat(LONGEST - 1)));
    ids.push("🧦".repeat(LONGEST / "🧦".len()));
    ids.push("/".repeat(LONGEST));
    ids.push("%".repeat(LONGEST));
    ids
}

fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        write!(encoded, "%{byte:02X}").expect("texts take all");
        encoded
    })
}

#[tokio::test]
async fn items_with_odd_ids_are_told_apart_listed_and_found_by_their_address() {
    let (begin, mut events) = (an_hour_ago(), Vec::new());
    let ids = odd_ids();
    for (index, id) in ids.iter().enumerate() {
        let item = json!({
            "item_id": id, "item_name": format!("Name {index}"), "price": 1 + index, "quantity": 1 + index % 3,
        });
        let order = json!({"transactionId": format!("ORD/{id}"), "currency": "EUR", "items": [item.clone()]});
        // A transaction's name is as long as an item's at most.
        let data = match id.len() {
            ..1000 => order,
            _ => json!({"currency": "EUR", "items": [item.clone()]}),
        };
        events.push(event("purchase", 2 * index, begin, &data));
        events.push(event(
            "view_item",
            2 * index + 1,
            begin,
            &json!({"items": [item]}),
        ));
    }
    // The number and the text are one id.
    for (number, id) in [(1001, json!(90210)), (1002, json!("90210"))] {
        events.push(event(
            "view_item",
            number,
            begin,
            &json!({"items": [{"item_id": id}]}),
        ));
    }
    let world = world();
    let counter = Counter::start(&world).await;
    counter.publish_all(&events).await;
    world.all_acknowledged().await;
    let oracle = Oracle::published(&events);
    assert_figures_and_details(&counter.page, &oracle).await;
    let right = oracle.figures();
    for id in &ids {
        let item = counter
            .page
            .get(&format!("/api/items/{}", percent_encoded(id)))
            .await;
        assert_eq!(item["itemId"], **id);
        assert_eq!(figures_of_one(id, &item), of(id, &right));
    }
}

fn figures_of_one(id: &str, item: &Value) -> Book {
    let mut figures = Book::new();
    enter(&mut figures, id, "", &item["windows"]["all"]["now"]);
    figures
}

fn of(id: &str, book: &Book) -> Book {
    let its = book.iter().filter(|((whose, _), _)| whose == id);
    its.map(|(key, text)| (key.clone(), text.clone())).collect()
}
