//! Batches against a commit for every event.

use std::time::Instant;

use store::tallies::Tally;

use crate::shop::{add, minute, purchase, unique_store, view};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn measure() {
    let items: Vec<String> = (0..60).map(|number| format!("SKU-{number}")).collect();
    for (what, buys) in [("views", false), ("one in ten buys", true)] {
        let store = unique_store();
        let events: Vec<Tally> = (0..6_000_usize)
            .map(|number| {
                let name = number.to_string();
                let item = [items[number * number % 60].as_str()];
                let at = minute(i64::try_from(number / 1000).expect("few"));
                if buys && number % 10 == 0 { purchase(&name, at, &item) } else { view(&name, at, &item) }
            })
            .collect();
        for batch in events[..1000].chunks(500) { add(store.as_ref(), batch).await; }
        let began = Instant::now();
        for batch in events[1000..].chunks(500) { add(store.as_ref(), batch).await; }
        let took = began.elapsed();
        println!("{what}: {:.0} events/s, {:?} a commit", 5000.0 / took.as_secs_f64(), took / 10);
    }
}
