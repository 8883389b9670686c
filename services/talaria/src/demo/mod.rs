//! A small shop's traffic, made up: visits that view, cart and sometimes buy, logins, leads, a few refunds, guests and
//! customers, two currencies. The same seed, run and start give the same events.

mod catalogue;
mod sender;
#[cfg(test)]
mod tests;
mod visit;

use std::time::Duration;

use events::Timestamp;
use fastrand::Rng;
use serde_json::{Value, json};

pub use sender::{DemoTarget, send};
use visit::{Order, Step, Visit};

/// Visitors in the shop at the same time.
const VISITORS: usize = 8;
/// Of a thousand events so many are refunds, once there are orders.
const REFUNDS: u32 = 8;
/// Orders that can still come back.
const ORDERS_KEPT: usize = 50;

/// An endless iterator of events, in the form that the publisher takes.
pub struct Demo {
    random: Rng,
    run: String,
    start: Timestamp,
    spacing: Duration,
    events: u32,
    orders: u32,
    visits: Vec<Visit>,
    returnable: Vec<Order>,
}

impl Demo {
    /// Traffic that begins at `start`, one event each `spacing`. `run` stands in event and transaction ids, so that
    /// runs don't repeat each other's orders.
    pub fn new(seed: u64, run: impl Into<String>, start: Timestamp, spacing: Duration) -> Self {
        Self {
            random: Rng::with_seed(seed),
            run: run.into(),
            start,
            spacing,
            events: 0,
            orders: 0,
            visits: Vec::new(),
            returnable: Vec::new(),
        }
    }

    fn refund(&mut self, at: Timestamp) -> Option<Value> {
        if self.returnable.is_empty() || self.random.u32(0..1000) >= REFUNDS {
            return None;
        }
        let order = self
            .returnable
            .swap_remove(self.random.usize(0..self.returnable.len()));
        let (client_id, user_id) = (order.client_id.clone(), order.user_id.clone());
        Some(self.event(order.refund(), &client_id, user_id.as_deref(), at))
    }

    fn visit(&mut self, at: Timestamp) -> Value {
        let transaction_id = format!("DEMO-{}-{}", self.run, self.orders + 1);
        loop {
            while self.visits.len() < VISITORS {
                self.visits.push(Visit::begin(&mut self.random));
            }
            let place = self.random.usize(0..self.visits.len());
            let visit = &mut self.visits[place];
            let Some(step) = visit.next_step(&transaction_id, &mut self.random, at.millis()) else {
                self.visits.swap_remove(place);
                continue;
            };
            if step.event_type == "purchase" {
                self.orders += 1;
                if self.returnable.len() == ORDERS_KEPT {
                    self.returnable.remove(0);
                }
                self.returnable.push(visit.order(&step.data));
            }
            let (client_id, user_id) = (visit.client_id.clone(), visit.user_id.clone());
            return self.event(step, &client_id, user_id.as_deref(), at);
        }
    }

    fn event(&self, step: Step, client_id: &str, user_id: Option<&str>, at: Timestamp) -> Value {
        let mut event = json!({
            "eventType": step.event_type,
            "eventId": format!("demo-{}-{}", self.run, self.events),
            "clientId": client_id,
            "eventTimestampMs": at.millis(),
            "data": step.data,
        });
        if let Some(user_id) = user_id {
            event["userId"] = user_id.into();
        }
        event
    }
}

impl Iterator for Demo {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        let at = self.start.plus(self.spacing.saturating_mul(self.events));
        self.events = self.events.wrapping_add(1);
        Some(self.refund(at).unwrap_or_else(|| self.visit(at)))
    }
}
