//! From events to effects.

mod calls;
mod keys;
mod samples;

use serde_json::{Value, json};

use super::{Plan, plan};
use crate::routes::{Routes, load};

const NOW_MS: i64 = 1_764_060_600_000;
const IDENTITY: &str = "purchase:ORD-1";

/// Routes to one destination.
fn routes(text: &str) -> Routes {
    let destinations =
        "destinations:\n  erp:\n    url: https://erp.example.com\n    repeat: safe\n";
    let source = format!("{destinations}routes:\n{text}");
    load(&source, "routes.yaml", &|_| None).unwrap_or_else(|mistakes| {
        panic!(
            "{}",
            mistakes
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n")
        )
    })
}

fn purchase(data: Value) -> Value {
    json!({"eventType": "purchase", "eventTimestampMs": NOW_MS, "receivedMs": NOW_MS, "data": data})
}

fn plan_for(text: &str, event: &Value) -> Plan {
    plan(&routes(text), None, IDENTITY, event, NOW_MS)
}

/// The call of the only effect, as `METHOD path body`, or its failure.
fn call(text: &str, event: &Value) -> String {
    let plan = plan_for(text, event);
    assert_eq!(plan.effects.len(), 1, "{text}: {plan:?}");
    shown(&plan.effects[0])
}

fn shown(effect: &super::PlannedEffect) -> String {
    match &effect.call {
        Ok(call) => {
            let body = call
                .body
                .as_ref()
                .map(|body| String::from_utf8_lossy(body).into_owned())
                .unwrap_or_default();
            format!("{} {} {body}", call.method.as_str(), call.path_and_query)
        }
        Err(failed) => failed.to_string(),
    }
}
