//! What the page's API shows, against what the oracle says.

use std::time::{Duration, Instant};

use serde_json::{Map, Value};
use testing::eventually;

use crate::oracle::{ALTOGETHER, Book, Oracle};
use crate::page::Page;

/// The page may show figures that are some seconds old.
const SHOWN_WITHIN: Duration = Duration::from_secs(15);
/// The most items of one answer.
const PAGE: usize = 2000;
const DIFFERENCES_TOLD: usize = 20;

/// What is shown of all time.
#[derive(Default)]
struct Shown {
    figures: Book,
    details: Book,
}

/// Everything that was acknowledged is in the figures, once.
pub async fn assert_figures(page: &Page, oracle: &Oracle) {
    assert_shown(page, &oracle.figures(), None).await;
}

/// The same, with names, categories and prices; the events must say when they happened.
pub async fn assert_figures_and_details(page: &Page, oracle: &Oracle) {
    assert_shown(page, &oracle.figures(), Some(&oracle.details())).await;
}

async fn assert_shown(page: &Page, figures: &Book, details: Option<&Book>) {
    let began = Instant::now();
    let differences = eventually("the figures", || async {
        let shown = read(page).await;
        let mut differences = differences(&shown.figures, figures);
        if let Some(details) = details {
            differences.extend(self::differences(&shown.details, details));
        }
        let is_last = differences.is_empty() || began.elapsed() > SHOWN_WITHIN;
        is_last.then_some(differences)
    })
    .await;
    let told = &differences[..differences.len().min(DIFFERENCES_TOLD)];
    assert!(
        differences.is_empty(),
        "{} figures are wrong:\n{}",
        differences.len(),
        told.join("\n")
    );
}

fn differences(shown: &Book, right: &Book) -> Vec<String> {
    let mut keys: Vec<_> = shown.keys().chain(right.keys()).collect();
    keys.sort();
    keys.dedup();
    let differing = keys
        .into_iter()
        .filter(|key| shown.get(*key) != right.get(*key));
    let told = |(whose, what): &(String, String)| {
        let key = (whose.clone(), what.clone());
        let (shown, right) = (shown.get(&key), right.get(&key));
        format!("{what} of {whose}: shown {shown:?}, right {right:?}")
    };
    differing.map(told).collect()
}

async fn read(page: &Page) -> Shown {
    let mut shown = Shown::default();
    let summary = page.get("/api/summary?window=all").await;
    enter(&mut shown.figures, ALTOGETHER, "", &summary["now"]);
    let path = format!("/api/items?window=all&limit={PAGE}");
    let list = page.get(&path).await;
    let mut items = items_of(&list);
    if list["total"].as_u64() > Some(PAGE as u64) {
        items.clear();
        for category in list["categories"].as_array().expect("categories") {
            let category = category.as_str().expect("a text");
            let list = page.get(&format!("{path}&category={category}")).await;
            items.extend(items_of(&list));
        }
    }
    assert_eq!(list["total"].as_u64(), Some(items.len() as u64));
    for item in &items {
        let id = item["itemId"].as_str().expect("an id").to_owned();
        enter(&mut shown.figures, &id, "", &item["now"]);
        for what in ["name", "category"] {
            if let Some(text) = item[what].as_str() {
                let key = (id.clone(), what.to_owned());
                shown.details.insert(key, text.to_owned());
            }
        }
        for (currency, price) in item["price"].as_object().unwrap_or(&Map::new()) {
            let key = (id.clone(), format!("price.{currency}"));
            let price = price.as_str().expect("an amount is a text");
            shown.details.insert(key, price.to_owned());
        }
    }
    shown
}

fn items_of(list: &Value) -> Vec<Value> {
    list["items"].as_array().expect("items").clone()
}

/// Figures by the path to them; what is zero is left out.
pub fn enter(book: &mut Book, whose: &str, path: &str, value: &Value) {
    let text = match value {
        Value::Object(parts) => {
            for (name, part) in parts {
                let point = if path.is_empty() { "" } else { "." };
                enter(book, whose, &format!("{path}{point}{name}"), part);
            }
            return;
        }
        Value::String(amount) => amount.clone(),
        other => other.to_string(),
    };
    if text.trim_matches(['0', '.']).is_empty() {
        return;
    }
    let before = book.insert((whose.to_owned(), path.to_owned()), text);
    assert!(before.is_none(), "{whose} is shown twice");
}
