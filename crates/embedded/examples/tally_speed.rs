//! speed
use std::sync::Arc; use std::time::{Duration, Instant};
use ::store::tallies::*;
use embedded::*; use events::*;
fn ev(n: usize, minute: i64, items: &[usize]) -> Tally {
    let at = Timestamp::from_millis(1_764_060_300_000 + minute * 60_000);
    let m = |s: &str| Some(Money::parse(s, Currency::parse("EUR").unwrap()).unwrap());
    Tally { identity: format!("purchase:ORD-{n}"), counted: Counted::Purchase, at, expires: at.plus(Duration::from_secs(3_888_000)),
        items: items.iter().map(|i| ItemTally { item_id: format!("SKU_{i:05}"), details: ItemDetails { name: Some(format!("Item {i}")), category: Some("Kitchen".into()), brand: Some("Acme".into()), price: m("4.50"), at: None }, quantity: 2, revenue: m("9.00"), profit: m("3.10") }).collect(),
        order: Some(OrderTally::Purchase { transaction: Some(format!("ORD-{n}")), value: m("27.00") }) }
}
#[tokio::main]
async fn main() {
    let dir = tempfile::tempdir_in(".").unwrap();
    let store = Arc::new(EmbeddedStore::open(&dir.path().join("s.sqlite"), StoreSettings::default()).unwrap());
    let mut n = 0;
    let mut make = |count: usize, hot: bool| -> Vec<Tally> { (0..count).map(|_| { n += 1; let a = if hot {0} else {n*7%2000}; ev(n, (n/200) as i64 % 60, &[a, n*13%2000, n*29%2000]) }).collect() };
    for (size, total) in [(1usize, 400usize), (32, 6400), (256, 12800)] {
        let batches: Vec<_> = (0..total/size).map(|_| make(size, false)).collect();
        let start = Instant::now();
        for b in &batches { store.tally(b).await.unwrap(); }
        println!("one caller, batch {size}: {:.0} tallies/s", total as f64 / start.elapsed().as_secs_f64());
    }
    for (size, total) in [(1usize, 6400usize), (32, 12800)] {
        let batches: Vec<_> = (0..total/size).map(|_| make(size, false)).collect();
        let start = Instant::now(); let c0 = store.commits();
        let mut tasks = vec![];
        for chunk in batches.chunks(batches.len()/32.min(batches.len())) { let chunk = chunk.to_vec(); let store = store.clone(); tasks.push(tokio::spawn(async move { for b in &chunk { store.tally(b).await.unwrap(); } })); }
        let k = tasks.len(); for t in tasks { t.await.unwrap(); }
        println!("{k} callers, batch {size}: {:.0} tallies/s, {} commits", total as f64 / start.elapsed().as_secs_f64(), store.commits() - c0);
    }
    // fill every item in every minute
    let mut k = 1_000_000;
    for minute in 0..60 { let batch: Vec<_> = (0..667).map(|i| { k += 1; ev(k, minute, &[i*3%2000, (i*3+1)%2000, (i*3+2)%2000]) }).collect(); store.tally(&batch).await.unwrap(); }
    let from = Timestamp::from_millis(1_764_060_300_000);
    for (what, res, minutes) in [("60 min", Resolution::Minute, 60), ("5 min", Resolution::Minute, 5), ("1 min", Resolution::Minute, 1), ("all", Resolution::AllTime, 1)] {
        let range = Range { resolution: res, from, to: from.plus(Duration::from_secs(minutes * 60)) };
        for _ in 0..2 { let start = Instant::now(); let s = store.sums(range).await.unwrap(); println!("sums {what} x {} items: {:?}", s.items.len(), start.elapsed()); }
    }
    let range = Range { resolution: Resolution::Minute, from, to: from.plus(Duration::from_secs(3600)) };
    for item in [None, Some("SKU_00005")] { let start = Instant::now(); let s = store.series(range, item).await.unwrap(); println!("series {item:?}: {} points {:?}", s.len(), start.elapsed()); }
    let start = Instant::now(); let f = Tallies::purge(store.as_ref(), from.plus(Duration::from_secs(5*3600))).await.unwrap(); println!("purge {f}: {:?}", start.elapsed());
}
