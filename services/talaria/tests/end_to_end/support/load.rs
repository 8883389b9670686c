//! Shoppers who send many events at once, and the books of what was accepted.

use std::sync::{Arc, Mutex, PoisonError};

use events::effect_key_uuid;
use serde_json::{Value, json};
use testing::PATIENCE;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::process::TalariaProcess;

/// One effect that an event must have, by the default routes.
#[derive(Clone, Debug)]
pub struct Effect {
    pub api: &'static str,
    /// As the ledger has it: `identity/route/element`.
    pub ledger_key: String,
}

impl Effect {
    /// The Idempotency-Key that the API sees.
    pub fn key(&self) -> String {
        effect_key_uuid(&self.ledger_key).to_string()
    }
}

/// An event whose 202 came.
#[derive(Clone, Debug)]
pub struct Accepted {
    pub identity: String,
    pub effects: Vec<Effect>,
}

/// Makes events: the same seed makes the same.
pub struct Shopper {
    random: fastrand::Rng,
    made: usize,
    last_purchase: Option<(Value, Accepted)>,
}

impl Shopper {
    pub fn new(seed: u64) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed),
            made: 0,
            last_purchase: None,
        }
    }

    /// The next event, and what must become of it.
    pub fn next(&mut self) -> (Value, Accepted) {
        self.made += 1;
        match (self.random.u8(0..10), self.last_purchase.clone()) {
            (0..6, _) => {
                let (items, guest) = (self.random.usize(1..=4), self.random.u8(0..5) == 0);
                let purchase = self.purchase(items, guest);
                self.last_purchase = Some(purchase.clone());
                purchase
            }
            // The thank-you page is loaded again.
            (6, Some((mut event, accepted))) => {
                event["eventId"] = format!("evt-{}", self.made).into();
                (event, accepted)
            }
            (6..8, _) => self.simple(
                "generate_lead",
                "lead-crm",
                json!({"leadFormId": "demo-request"}),
            ),
            (_, _) => self.simple("user_login", "login-crm", json!({"loginMethod": "google"})),
        }
    }

    /// A purchase of so many items.
    pub fn purchase(&mut self, items: usize, guest: bool) -> (Value, Accepted) {
        let (number, identity) = (self.made, format!("purchase:ORD-{}", self.made));
        let item = |index| json!({"item_id": format!("SKU-{index}"), "price": 10, "quantity": 1});
        let mut event = json!({
            "eventType": "purchase", "eventId": format!("evt-{number}"), "clientId": "1.2",
            "data": {
                "transactionId": format!("ORD-{number}"), "value": 10 * items, "currency": "EUR",
                "items": (0..items).map(item).collect::<Vec<Value>>(),
            },
        });
        let mut effects: Vec<Effect> = (0..items)
            .map(|index| effect("erp", &identity, &format!("purchase-stock/SKU-{index}")))
            .collect();
        if !guest {
            event["userId"] = format!("cust-{number}").into();
            effects.push(effect("crm", &identity, "purchase-crm"));
            effects.push(effect("loyalty", &identity, "purchase-points"));
            effects.push(effect("mail", &identity, "purchase-thank-you"));
        }
        (event, Accepted { identity, effects })
    }

    fn simple(&mut self, event_type: &str, route: &str, data: Value) -> (Value, Accepted) {
        let event_id = format!("evt-{}", self.made);
        let identity = format!("{event_type}:{event_id}");
        let event = json!({
            "eventType": event_type, "eventId": event_id, "userId": "cust-1", "data": data,
        });
        let effects = vec![effect("crm", &identity, route)];
        (event, Accepted { identity, effects })
    }
}

fn effect(api: &'static str, identity: &str, rest: &str) -> Effect {
    let ledger_key = format!("{identity}/{rest}");
    Effect { api, ledger_key }
}

/// Many requests at once, over several runs of the program.
pub struct Load {
    shopper: Mutex<Shopper>,
    accepted: Mutex<Vec<Accepted>>,
    count: watch::Sender<usize>,
}

impl Load {
    pub fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self {
            shopper: Mutex::new(Shopper::new(seed)),
            accepted: Mutex::default(),
            count: watch::Sender::default(),
        })
    }

    /// Sends from so many connections, each until it breaks or has sent `most`. The set is empty once all have ended.
    pub fn start(
        self: &Arc<Self>,
        process: &Arc<TalariaProcess>,
        in_flight: usize,
        most: usize,
    ) -> JoinSet<()> {
        let connection = |_| {
            let (load, process) = (Arc::clone(self), Arc::clone(process));
            async move { load.send_until_it_breaks(&process, most).await }
        };
        (0..in_flight).map(connection).collect()
    }

    async fn send_until_it_breaks(&self, process: &TalariaProcess, most: usize) {
        for _ in 0..most {
            let (event, accepted) = lock(&self.shopper).next();
            match process.try_publish(&event).await {
                Some(202) => {
                    lock(&self.accepted).push(accepted);
                    self.count.send_modify(|count| *count += 1);
                }
                Some(503) => {}
                Some(status) => panic!("{status} for {event}"),
                None => return,
            }
        }
    }

    /// Everything that was answered 202.
    pub fn accepted(&self) -> Vec<Accepted> {
        lock(&self.accepted).clone()
    }

    /// Tells how many 202s came, and when it changes.
    pub fn count(&self) -> watch::Receiver<usize> {
        self.count.subscribe()
    }
}

/// Waits until a count has grown by `more`.
pub async fn wait_for_more(mut count: watch::Receiver<usize>, more: usize) {
    let target = *count.borrow() + more;
    let reached = count.wait_for(|count| *count >= target);
    let in_time = tokio::time::timeout(PATIENCE, reached).await;
    let reached = in_time.unwrap_or_else(|_| panic!("waited {PATIENCE:?} for {more} more"));
    reached.expect("the counter lives on");
}

/// A test that panicked while it held the lock has failed already.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
