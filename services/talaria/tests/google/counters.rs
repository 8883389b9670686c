//! Several counters on one database.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testing::PATIENCE;
use tokio::task::JoinSet;

use crate::cloud::Cloud;
use crate::events_of_a_shop::{an_hour_ago, event};
use crate::oracle::Oracle;
use crate::program::Program;
use crate::shown::assert_figures_and_details;
use crate::stream::Stream;
use crate::support::{BackOffice, envelope};

const EVENTS: usize = 3000;
const IN_FLIGHT: usize = 200;
/// The ack deadline of the counter's subscription is a minute; Pub/Sub narrows its window long before.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);
const KINDS: [&str; 4] = ["purchase", "view_item", "add_to_cart", "refund"];

/// All of one popular item, with prices whose sums are wrong in floats.
fn events() -> Vec<Value> {
    let begin = an_hour_ago();
    let event = |number: usize| {
        let item = json!({
            "item_id": "POPULAR", "item_name": format!("Name {number}"), "quantity": 1 + number % 3,
            "price": format!("0.{}", 10 + number % 90), "profit": format!("0.0{}", number % 10),
        });
        let data = json!({"currency": "EUR", "items": [item]});
        let text = event(KINDS[number % KINDS.len()], number, begin, &data);
        serde_json::from_str(&text).expect("JSON")
    };
    (0..EVENTS).map(event).collect()
}

/// Pushes on their way to one counter.
struct Pushing {
    counter: Program,
    waiting: Mutex<VecDeque<Value>>,
    slowest: Mutex<Duration>,
}

impl Pushing {
    /// Pushes again what is refused, as Pub/Sub does.
    async fn run(&self) {
        loop {
            let next = self.waiting.lock().expect("no panic").pop_front();
            let Some(push) = next else { return };
            let began = Instant::now();
            let answer = self.counter.post("/tally", push.to_string()).await;
            let took = began.elapsed();
            match answer.status().as_u16() {
                204 => {}
                503 => self.waiting.lock().expect("no panic").push_back(push),
                status => panic!("{status} for {push}"),
            }
            let mut slowest = self.slowest.lock().expect("no panic");
            *slowest = took.max(*slowest);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_counters_that_get_every_event_of_one_item_count_each_once() {
    let cloud = Cloud::new(&BackOffice::open().await);
    let (events, mut random) = (events(), fastrand::Rng::with_seed(4));
    let halves = [0, 1].map(|half| {
        let mut numbers: Vec<usize> = (half..EVENTS).step_by(2).collect();
        random.shuffle(&mut numbers);
        numbers
    });
    let mut counters = Vec::new();
    for half in [0, 1] {
        // What one gets is with the other at the same time.
        let (own, others) = (halves[half].chunks(100), halves[1 - half].chunks(100));
        let order = own
            .zip(others)
            .flat_map(|(own, others)| own.iter().chain(others));
        let push = |number: &usize| envelope(&format!("message-{number}"), &events[*number]);
        counters.push(Arc::new(Pushing {
            counter: cloud.start_counter("both").await,
            waiting: Mutex::new(order.map(push).collect()),
            slowest: Mutex::default(),
        }));
    }
    let connection = |number: usize| {
        let pushing = Arc::clone(&counters[number % 2]);
        async move { pushing.run().await }
    };
    let mut connections: JoinSet<()> = (0..2 * IN_FLIGHT).map(connection).collect();
    let all_end = async {
        while let Some(ended) = connections.join_next().await {
            ended.expect("only 204 and 503 were answered");
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, all_end).await;
    in_time.expect("every push is acknowledged at last");
    for counter in &counters {
        let slowest = *counter.slowest.lock().expect("no panic");
        assert!(slowest < ANSWERED_WITHIN, "an answer took {slowest:?}");
    }
    let texts: Vec<String> = events.iter().map(Value::to_string).collect();
    let (oracle, page) = (Oracle::published(&texts), cloud.start_counter("page").await);
    for url in [
        &counters[0].counter.url,
        &counters[1].counter.url,
        &page.url,
    ] {
        assert_figures_and_details(&cloud.page_at(url), &oracle).await;
    }
}

fn sale(order: &str) -> Value {
    let item = json!({"item_id": "LAMP-07", "price": "129.50", "quantity": 2});
    let data = json!({"transactionId": order, "currency": "EUR", "items": [item]});
    json!({"eventType": "purchase", "eventId": order, "data": data})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_of_one_process_moves_with_what_another_tallies() {
    let cloud = Cloud::new(&BackOffice::open().await);
    let tally = cloud.start_counter("tally").await;
    let page = cloud.start_counter("page").await;
    let push = async |order: &str| {
        let push = envelope(&format!("message-{order}"), &sale(order));
        let answer = tally.post("/tally", push.to_string()).await;
        assert_eq!(answer.status(), 204);
    };
    push("A").await;
    let mut stream = Stream::open(&cloud.client, &page.url).await;
    let shown = stream.next("snapshot", |_| true).await;
    assert_eq!(shown["summary"]["now"]["orders"], 1);
    for (orders, order) in [(2, "B"), (3, "C")] {
        push(order).await;
        let has_moved = |data: &Value| data["summary"]["now"]["orders"] == orders;
        let delta = stream.next("delta", has_moved).await;
        let changed = &delta["items"]["changed"][0];
        assert_eq!(changed["itemId"], "LAMP-07");
        assert_eq!(changed["now"]["unitsSold"], 2 * orders);
    }
    push("C").await;
    push("D").await;
    let four = |data: &Value| data["summary"]["now"]["orders"] == 4;
    let delta = stream.next("delta", four).await;
    assert_eq!(delta["summary"]["now"]["revenue"]["EUR"], "1036.00");
    let push = envelope("message-E", &sale("E")).to_string();
    let refused = page.post("/tally", push).await.status();
    assert_eq!(refused, 404, "the page takes no pushes");
}
