//! Walking the routes: `when`, elements, calls; the place where keys are made.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::elements::{self, Element};
use super::{
    Age, FailedExpression, Plan, PlannedCall, PlannedEffect, Silence, SilenceReason, call,
    idempotency_key,
};
use crate::routes::expression::{Bindings, EvaluationError};
use crate::routes::{Route, Routes};

/// Plans one event, route by route.
pub(super) struct Planner<'a> {
    bindings: Bindings,
    identity: String,
    age: Duration,
    generation: &'a dyn Fn(&str) -> u32,
    pub(super) plan: Plan,
}

impl<'a> Planner<'a> {
    pub(super) fn new(
        routes: &Routes,
        identity: &str,
        event: &Value,
        now_ms: i64,
        generation: &'a dyn Fn(&str) -> u32,
    ) -> Self {
        let age_ms = now_ms.saturating_sub(event_time_ms(event, now_ms));
        Self {
            bindings: Bindings::new(routes.compiler(), event),
            identity: identity.replace('%', "%25").replace('/', "%2F"),
            age: Duration::from_millis(u64::try_from(age_ms).unwrap_or(0)),
            generation,
            plan: Plan::default(),
        }
    }

    pub(super) fn plan_route(&mut self, route: &Arc<Route>) {
        match route.when.evaluate(&self.bindings) {
            Ok(Value::Bool(true)) => {}
            Ok(Value::Bool(false)) => return self.stay_silent(route, SilenceReason::NotMeant),
            Ok(_) => {
                let reason = "the result is neither true nor false";
                return self.add(route, None, Err(FailedExpression::new("when", reason)));
            }
            Err(EvaluationError::Missing { path }) => {
                return self.stay_silent(
                    route,
                    SilenceReason::Missing {
                        field: "when",
                        path,
                    },
                );
            }
            Err(error) => return self.add(route, None, Err(FailedExpression::new("when", error))),
        }
        let Some(each) = &route.each else {
            return self.add_call(route, None);
        };
        match elements::read(each, &mut self.bindings) {
            Ok(elements) if elements.is_empty() => {
                self.stay_silent(route, SilenceReason::NoElements)
            }
            Ok(elements) => elements
                .into_iter()
                .for_each(|element| self.add_element(route, element)),
            Err(elements::Failure::Missing { path }) => {
                self.stay_silent(
                    route,
                    SilenceReason::Missing {
                        field: "each.in",
                        path,
                    },
                );
            }
            Err(elements::Failure::Failed(failed)) => self.add(route, None, Err(failed)),
        }
    }

    fn add_element(&mut self, route: &Arc<Route>, element: Element) {
        if let Some(each) = &route.each {
            self.bindings.bind_element(&each.element, &element.value);
        }
        match element.failed {
            Some(failed) => self.add(route, Some(element.key), Err(failed)),
            None => self.add_call(route, Some(element.key)),
        }
    }

    fn add_call(&mut self, route: &Arc<Route>, element: Option<String>) {
        let key = self.key(route, element.as_deref());
        let generation = (self.generation)(&key);
        self.bindings
            .bind_effect_key(&idempotency_key(&key, generation).to_string());
        let call = call::plan(route, &self.bindings);
        self.add(route, element, call);
    }

    fn add(
        &mut self,
        route: &Arc<Route>,
        element: Option<String>,
        call: Result<PlannedCall, FailedExpression>,
    ) {
        let key = self.key(route, element.as_deref());
        let age = if self.age > route.max_age {
            Age::Expired
        } else {
            Age::Fresh
        };
        let idempotency_key = idempotency_key(&key, 1);
        let route = Arc::clone(route);
        self.plan.effects.push(PlannedEffect {
            key,
            route,
            element,
            idempotency_key,
            call,
            age,
        });
    }

    fn key(&self, route: &Route, element: Option<&str>) -> String {
        match element {
            Some(element) => format!("{}/{}/{element}", self.identity, route.key_name()),
            None => format!("{}/{}", self.identity, route.key_name()),
        }
    }

    fn stay_silent(&mut self, route: &Arc<Route>, reason: SilenceReason) {
        self.plan.silent.push(Silence {
            route: Arc::clone(route),
            reason,
        });
    }
}

/// When the event happened. The published form always says so; an event of unknown time counts as new.
fn event_time_ms(event: &Value, now_ms: i64) -> i64 {
    let time = |field: &str| event.get(field).and_then(Value::as_i64);
    time("eventTimestampMs")
        .or_else(|| time("receivedMs"))
        .unwrap_or(now_ms)
}
