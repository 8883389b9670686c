//! What expressions give, refuse and cost.

mod anything;
mod limits;
mod mistakes;
mod refusals;
mod results;

use serde_json::{Value, json};

use super::{
    Bindings, Compiler, EvaluationError, EvaluationLimits, Expression, Names, on_deep_stack,
};

fn event() -> Value {
    json!({
        "eventType": "purchase", "eventId": "evt-1", "userId": "cust-1", "eventTimestampMs": 1_764_060_134_221_i64,
        "data": {
            "value": 10, "fraction": 10.5, "big": 9_007_199_254_740_993_i64, "text": "74.00", "name": "煎茶",
            "nothing": null, "items": [
                {"item_id": "LAMP-07", "price": 129.5, "quantity": 1},
                {"item_id": "BULB-E14", "price": 5.5, "quantity": 10},
                {"price": 2}
            ]
        }
    })
}

fn compiler() -> Compiler {
    Compiler::new(EvaluationLimits::default())
}

/// Every name that exists anywhere.
fn names() -> Names {
    Names::event().with_element("item").with_effect()
}

fn compile(source: &str) -> Expression {
    let compiled =
        on_deep_stack(|| Expression::compile(&compiler(), source, &names())).expect("a thread");
    compiled.unwrap_or_else(|mistakes| panic!("{source}: {mistakes:?}"))
}

fn evaluate(source: &str) -> Result<Value, EvaluationError> {
    let mut bindings = Bindings::new(&compiler(), &event());
    bindings.bind_element("item", &json!({"item_id": "SETS/DINNER-4", "quantity": 2}));
    bindings.bind_effect_key("5160dd8d-706e-5104-96ff-d7a8757cbe55");
    compile(source).evaluate(&bindings)
}

fn evaluate_path(source: &str) -> Result<Value, EvaluationError> {
    let mut bindings = Bindings::new(&compiler(), &event());
    bindings.bind_element(
        "item",
        &json!({"item_id": "SETS/DINNER-4", "empty": "", "up": "..", "number": 7}),
    );
    let compiled = on_deep_stack(|| Expression::compile_path(&compiler(), source, &names()))
        .expect("a thread");
    compiled
        .unwrap_or_else(|mistakes| panic!("{source}: {mistakes:?}"))
        .evaluate(&bindings)
}
