//! From an event to its effects: which routes it takes, what each would call, and why the other routes stay silent.
//! Pure: the same event and routes give the same effects, keys and bytes, on every machine and at every repeat.

mod call;
mod elements;
mod planner;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde_json::Value;
use uuid::Uuid;

use crate::routes::{Mode, Route, Routes};
use planner::Planner;

pub use call::{PlannedCall, PlannedHeader};

/// What one event leads to.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The effects, in the order of the routes and of each route's elements.
    pub effects: Vec<PlannedEffect>,
    /// The routes that stay silent, with the reason.
    pub silent: Vec<Silence>,
}

/// One event through one route, and through one element where the route has `each`.
#[derive(Clone, Debug)]
pub struct PlannedEffect {
    /// `identity/route/element`, without the last part where there is no element. A slash in the identity is `%2F`
    /// (and a percent sign `%25`), so that no two effects share a key. The route stands under its oldest name.
    pub key: String,
    /// The route.
    pub route: Arc<Route>,
    /// The element's key, with `#2` and so on where several elements have the same.
    pub element: Option<String>,
    /// UUIDv5 of `key`, for the first generation.
    pub idempotency_key: Uuid,
    /// The call, or the expression that gives none for this event.
    pub call: Result<PlannedCall, FailedExpression>,
    /// Whether the event is younger than the route's `max_age`.
    pub age: Age,
}

impl PlannedEffect {
    /// The destination's id.
    pub fn destination(&self) -> &str {
        &self.route.destination.id
    }

    /// Whether the call is to be made, or only shown.
    pub fn mode(&self) -> Mode {
        self.route.mode
    }

    /// The key for the API: the first generation is the effect itself; each replay of a definitely refused effect is
    /// the next generation, because some APIs repeat a stored refusal under the old key.
    pub fn idempotency_key_for(&self, generation: u32) -> Uuid {
        idempotency_key(&self.key, generation)
    }
}

/// Whether an effect is still wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// It is.
    Fresh,
    /// The event is older than the route's `max_age`: shown, not called.
    Expired,
}

/// An expression that gave nothing to send. Its text holds no value of the event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct FailedExpression {
    /// `when`, `each.in`, `each.key`, `path`, `query.NAME`, `headers.NAME` or `body`.
    pub field: String,
    /// Why.
    pub reason: String,
}

impl FailedExpression {
    fn new(field: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        Self {
            field: field.into(),
            reason: reason.to_string(),
        }
    }
}

/// A route that makes nothing of this event.
#[derive(Clone, Debug)]
pub struct Silence {
    /// The route.
    pub route: Arc<Route>,
    /// Why.
    pub reason: SilenceReason,
}

/// Why a route stays silent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SilenceReason {
    /// Its `when` is false.
    #[error("when: is false")]
    NotMeant,
    /// Its `when` or the list of its `each` reads what the event does not have.
    #[error("{field}: {path} is missing")]
    Missing {
        /// `when` or `each.in`.
        field: &'static str,
        /// The path as the author wrote it.
        path: String,
    },
    /// The list of its `each` is empty.
    #[error("each.in: the list is empty")]
    NoElements,
}

/// The effects of `event` (the published form) through the routes to `destination`, or through all of them.
/// `identity` is what makes two messages the same event; `now_ms` is in milliseconds since 1970.
pub fn plan(
    routes: &Routes,
    destination: Option<&str>,
    identity: &str,
    event: &Value,
    now_ms: i64,
) -> Plan {
    plan_generations(routes, destination, identity, event, now_ms, &|_| 1)
}

/// The same for replays: `generation` tells an effect's generation from its key, and expressions see the
/// Idempotency-Key of that generation as `effect.key`.
pub fn plan_generations(
    routes: &Routes,
    destination: Option<&str>,
    identity: &str,
    event: &Value,
    now_ms: i64,
    generation: &dyn Fn(&str) -> u32,
) -> Plan {
    let mut planner = Planner::new(routes, identity, event, now_ms, generation);
    for route in routes.routes() {
        if destination.is_none_or(|id| route.destination.id == id) {
            planner.plan_route(route);
        }
    }
    planner.plan
}

fn idempotency_key(key: &str, generation: u32) -> Uuid {
    match generation {
        0 | 1 => events::effect_key_uuid(key),
        later => events::effect_key_uuid(&format!("{key}~{later}")),
    }
}
