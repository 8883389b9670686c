//! The list of items: order, ranks, filters, the file.

use serde_json::{Value, json};

use crate::helpers::{Counter, NOW_MS, World, event};

/// A small shop. Revenue in EUR: A 30, B 20 (profit 8), C 10; D sells in JPY; E is only looked at.
async fn shop(counter: &Counter) {
    let item = |id: &str, name: &str, category: &str, price: u32, quantity: u32| json!({"item_id": id, "item_name": name, "item_category": category, "price": price, "quantity": quantity});
    let mut with_profit = item("B", "beta", "Mugs", 10, 2);
    with_profit["profit"] = json!(4);
    let items = [
        item("A", "Alpha", "Lamps", 30, 1),
        with_profit,
        item("C", "=gamma, \"x\"", "Lamps", 10, 1),
    ];
    for (index, item) in items.into_iter().enumerate() {
        let id = format!("p{index}");
        let data = json!({"transactionId": id, "currency": "EUR", "items": [item]});
        counter.push(&event("purchase", &id, data)).await;
    }
    let yen = json!({"currency": "JPY", "items": [item("D/ü", "Delta", "Tea", 4300, 3)]});
    counter.push(&event("purchase", "p9", yen)).await;
    for id in ["v1", "v2"] {
        let viewed = json!({"currency": "EUR", "items": [item("E", "Epsilon", "Tea", 5, 1)]});
        counter.push(&event("view_item", id, viewed)).await;
    }
}

#[tokio::test]
async fn items_are_sorted_filtered_and_cut_as_asked() {
    let world = World::new();
    let counter = world.start();
    shop(&counter).await;
    let cases: [(&str, &[&str]); 12] = [
        ("", &["A", "B", "C", "D/ü", "E"]),
        (
            "sort=revenue&descending=false",
            &["D/ü", "E", "C", "B", "A"],
        ),
        ("sort=revenue&currency=jpy", &["D/ü"]),
        ("sort=profit", &["B", "A", "C", "D/ü", "E"]),
        ("sort=unitsSold", &["D/ü", "B", "A", "C", "E"]),
        ("sort=views", &["E", "A", "B", "C", "D/ü"]),
        ("sort=name", &["C", "A", "B", "D/ü", "E"]),
        ("sort=name&descending=true", &["E", "D/ü", "B", "A", "C"]),
        ("category=Lamps", &["A", "C"]),
        ("q=ALPH", &["A"]),
        ("q=%C3%BC", &["D/ü"]),
        ("limit=2&category=", &["A", "B"]),
    ];
    for (query, expected) in cases {
        let found = counter
            .item_ids(&format!("/api/items?window=60m&{query}"))
            .await;
        assert_eq!(found, expected, "{query}");
    }
    let list = counter.get_json("/api/items?limit=1&q=a").await;
    assert_eq!(
        (&list["total"], &list["sortCurrency"]),
        (&json!(4), &json!("EUR"))
    );
    assert_eq!(list["categories"], json!(["Lamps", "Mugs", "Tea"]));
    assert_eq!(list["currencies"], json!(["EUR", "JPY"]));
    let row = &list["items"][0];
    assert_eq!(
        (&row["rank"], &row["rankBefore"]),
        (&json!(1), &json!(null))
    );
    assert_eq!(row["price"], json!({"EUR": "30.00"}));
    let sparkline = row["sparkline"].as_array().expect("a line");
    assert_eq!((sparkline.len(), &sparkline[19]), (20, &json!(1)));
    let found = counter.get_json("/api/items?q=gamma").await;
    assert_eq!(found["items"][0]["rank"], 3, "a search keeps the rank");
}

#[tokio::test]
async fn ranks_move_against_the_span_before() {
    let world = World::new();
    let counter = world.start();
    let sales = [
        ("1", "A", 10, -6),
        ("2", "B", 20, -7),
        ("3", "A", 30, 0),
        ("4", "B", 5, -4),
        ("5", "C", 1, 0),
    ];
    for (id, item, price, minutes) in sales {
        let line = json!({"item_id": item, "item_category": "Lamps", "price": price});
        let mut sale = event("purchase", id, json!({"currency": "EUR", "items": [line]}));
        sale["eventTimestampMs"] = json!(NOW_MS + minutes * 60_000);
        counter.push(&sale).await;
    }
    let list = counter.get_json("/api/items?window=5m").await;
    let rows = list["items"].as_array().expect("items").iter();
    let found: Vec<Value> = rows
        .map(|row| {
            json!([
                row["itemId"],
                row["rank"],
                row["rankBefore"],
                row["before"]["revenue"]
            ])
        })
        .collect();
    let expected = [
        json!(["A", 1, 2, {"EUR": "10.00"}]),
        json!(["B", 2, 1, {"EUR": "20.00"}]),
        json!(["C", 3, null, {}]),
    ];
    assert_eq!(found, expected);
    let summary = counter
        .get_json("/api/summary?window=5m&category=Lamps")
        .await;
    assert_eq!(summary["before"]["revenue"], json!({"EUR": "30.00"}));
    assert_eq!(summary["now"]["revenue"], json!({"EUR": "36.00"}));
    assert_eq!(
        summary["now"]["orders"],
        Value::Null,
        "an order has no category"
    );
    assert_eq!(summary["series"], json!({"step": null, "points": []}));
}

#[tokio::test]
async fn one_item_is_found_by_any_id_with_all_its_windows() {
    let world = World::new();
    let counter = world.start();
    shop(&counter).await;
    let long = "ключ/🧦 %&?#+".repeat(20);
    let odd = event("view_item", "odd", json!({"items": [{"item_id": long}]}));
    counter.push(&odd).await;
    let encoded: String = long.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let item = counter.get_json(&format!("/api/items/{encoded}")).await;
    assert_eq!(item["itemId"], long);
    let item = counter.get_json("/api/items/D%2F%C3%BC?window=5m").await;
    assert_eq!(item["name"], "Delta");
    for window in ["5m", "30m", "60m", "today", "all"] {
        let now = &item["windows"][window]["now"];
        assert_eq!(now["revenue"], json!({"JPY": "12900"}), "{window}");
    }
    assert_eq!(item["windows"]["all"]["before"], Value::Null);
    assert_eq!(item["series"]["points"][4]["unitsSold"], 3);
    assert_eq!(counter.get("/api/items/nothing").await.0, 404);
}

#[tokio::test]
async fn the_file_has_a_row_an_item_and_currency_and_no_formula() {
    let world = World::new();
    let counter = world.start();
    shop(&counter).await;
    let pounds = json!({"currency": "GBP", "items": [{"item_id": "B", "item_name": "beta", "item_category": "Mugs", "price": 3}]});
    counter.push(&event("purchase", "pounds", pounds)).await;
    let (status, file) = counter.get("/api/export.csv?window=60m").await;
    assert_eq!(status, 200);
    let lines: Vec<&str> = file.split("\r\n").collect();
    assert_eq!(lines[0].split(',').count(), 17);
    assert_eq!(lines[1], "A,Alpha,Lamps,,EUR,30.00,0,0,0,0,1,1,0,0,30.00,,");
    assert!(lines[2].starts_with("B,beta,Mugs,,EUR,"), "{file}");
    assert!(lines[2].ends_with(",20.00,,8.00"), "{file}");
    // Counts stand in the first row alone, so that they can be added up.
    assert_eq!(lines[3], "B,beta,Mugs,,GBP,3.00,,,,,,,,,3.00,,");
    assert!(
        lines[4].starts_with("C,\"'=gamma, \"\"x\"\"\",Lamps"),
        "{file}"
    );
    assert_eq!(lines.last(), Some(&""), "the last row ends too");
}

/// A page has rows at most, a file has not: whoever adds up its columns must get what the shop sold.
#[tokio::test]
async fn the_file_holds_every_item_unless_fewer_are_asked_for() {
    const ITEMS: usize = 2_100;
    let world = World::new();
    let counter = world.start();
    let items: Vec<Value> = (0..ITEMS)
        .map(|number| json!({"item_id": format!("ITEM-{number}"), "price": 2}))
        .collect();
    for (number, items) in items.chunks(300).enumerate() {
        let data = json!({"currency": "EUR", "items": items});
        let id = format!("p{number}");
        counter.push(&event("purchase", &id, data)).await;
    }
    for (query, rows) in [
        ("", ITEMS),
        ("&limit=7", 7),
        ("&q=item-209", 11),
        ("&currency=USD", 0),
    ] {
        let path = format!("/api/export.csv?window=60m{query}");
        let (status, file) = counter.get(&path).await;
        assert_eq!(status, 200);
        assert_eq!(file.matches("\r\nITEM-").count(), rows, "{query}");
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_what_would() {
    let world = World::new();
    let counter = world.start();
    for (query, expected) in [
        ("window=7m", "5m, 30m, 60m, today, all"),
        (
            "sort=price",
            "revenue, profit, unitsSold, views, carts, name",
        ),
        ("currency=EURO", "ISO 4217"),
        ("limit=0", "1 to 2000"),
        ("limit=2001", "1 to 2000"),
        ("limit=many", "1 to 2000"),
        ("descending=1", "true or false"),
    ] {
        for path in ["items", "summary", "stream", "export.csv"] {
            let (status, body) = counter.get(&format!("/api/{path}?{query}")).await;
            assert_eq!(status, 400, "{path} {query}");
            assert!(body.contains(expected), "{body}");
        }
    }
}
