//! kill -9 under load: everything that was accepted is counted once, to the last unit of the last currency.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::counter::{Counter, world};
use crate::events_of_a_shop::shuffled_events;
use crate::oracle::Oracle;
use crate::shown::assert_figures_and_details;
use crate::support::{World, wait_for_more};

const ROUNDS: usize = 5;
const SEED: u64 = 20_251_125;
const EVENTS: usize = 1200;
const CONNECTIONS: usize = 24;

/// Events on their way to their 202.
struct Sending {
    waiting: Mutex<VecDeque<String>>,
    accepted: watch::Sender<usize>,
}

impl Sending {
    /// Posts until nothing waits, or nobody answers. What got no answer is sent again: nobody knows whether it is in.
    async fn run(&self, counter: &Counter) {
        loop {
            let next = self.waiting.lock().expect("no panic").pop_front();
            let Some(text) = next else { return };
            let answer = counter.try_publish(&text).await;
            let put_back = || {
                self.waiting
                    .lock()
                    .expect("no panic")
                    .push_back(text.clone())
            };
            match answer {
                Some(202) => self.accepted.send_modify(|accepted| *accepted += 1),
                Some(503) => put_back(),
                Some(status) => panic!("{status} for {text}"),
                None => return put_back(),
            }
        }
    }

    fn start(self: &Arc<Self>, counter: &Arc<Counter>) -> JoinSet<()> {
        let connection = |_| {
            let (sending, counter) = (Arc::clone(self), Arc::clone(counter));
            async move { sending.run(&counter).await }
        };
        (0..CONNECTIONS).map(connection).collect()
    }

    fn waiting(&self) -> usize {
        self.waiting.lock().expect("no panic").len()
    }
}

async fn all_end(mut connections: JoinSet<()>) {
    while let Some(ended) = connections.join_next().await {
        ended.expect("only 202 and 503 were answered");
    }
}

/// Messages that the counter had not acknowledged when the program died.
async fn uncounted(world: &World) -> u64 {
    let backlog = world.bus().backlog().await.expect("a bus");
    let counter = backlog
        .iter()
        .find(|subscription| subscription.name.ends_with(".counter"));
    counter.expect("the counter's subscription").waiting
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_five_kills_under_load_the_figures_are_those_of_the_distinct_events() {
    let events = shuffled_events(SEED, EVENTS);
    let oracle = Oracle::published(&events);
    let sending = Arc::new(Sending {
        waiting: Mutex::new(events.into()),
        accepted: watch::Sender::default(),
    });
    let (world, mut random) = (world(), fastrand::Rng::with_seed(SEED));
    let mut interrupted = 0;
    for round in 0..ROUNDS {
        let counter = Arc::new(Counter::start(&world).await);
        let connections = sending.start(&counter);
        wait_for_more(sending.accepted.subscribe(), random.usize(1..200)).await;
        counter.process.kill();
        all_end(connections).await;
        assert!(sending.waiting() > 0, "round {round} was not under load");
        interrupted += uncounted(&world).await;
    }
    assert!(interrupted > 0, "no kill came while events were counted");
    let counter = Arc::new(Counter::start(&world).await);
    all_end(sending.start(&counter)).await;
    assert_eq!(sending.waiting(), 0);
    world.all_acknowledged().await;
    assert_figures_and_details(&counter.page, &oracle).await;
    assert_eq!(world.reasons().await, [""; 0]);
    counter.process.stop().await;
}
