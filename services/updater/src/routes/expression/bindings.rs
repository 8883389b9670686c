//! What the names of an expression stand for while one message is handled. The event is converted once, for all
//! routes; the element and the effect's key are replaced from effect to effect.

use std::collections::HashMap;
use std::sync::Arc;

use cel::{Context, Value};
use serde_json::Value as Json;

use super::Compiler;
use super::budget::{self, Budget};

/// Whole numbers up to here become doubles, as CEL prescribes for JSON; larger ones would lose digits.
const WHOLE_LIMIT: u64 = 1 << 53;

/// The values of `event`, of an element of `each`, and of `effect`. For one evaluation at a time.
pub struct Bindings {
    pub(super) context: Context<'static, 'static>,
    pub(super) budget: Arc<Budget>,
}

impl Bindings {
    /// Binds `event`.
    pub fn new(compiler: &Compiler, event: &Json) -> Self {
        let budget = Arc::new(Budget::default());
        let mut context = Context::with_env(Arc::clone(&compiler.environment));
        budget::install(&mut context, &budget).expect("the engine has no function of these names");
        context.add_variable_from_value("event", to_cel(event));
        Self { context, budget }
    }

    /// Binds the element of `each` under its name.
    pub fn bind_element(&mut self, name: &str, element: &Json) {
        self.context.add_variable_from_value(name, to_cel(element));
    }

    /// Binds `effect.key`: the text of the effect's Idempotency-Key.
    pub fn bind_effect_key(&mut self, key: &str) {
        let key = Value::String(Arc::new(key.to_owned()));
        self.context.add_variable_from_value(
            "effect",
            Value::Map(HashMap::from([("key".to_owned(), key)]).into()),
        );
    }
}

impl std::fmt::Debug for Bindings {
    /// Names no value: an event is personal data.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Bindings").finish_non_exhaustive()
    }
}

fn to_cel(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::String(text) => Value::String(Arc::new(text.clone())),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(whole), _) if whole.unsigned_abs() > WHOLE_LIMIT => Value::Int(whole),
            (None, Some(whole)) => Value::UInt(whole),
            _ => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::Array(elements) => Value::List(Arc::new(elements.iter().map(to_cel).collect())),
        Json::Object(fields) => {
            let entries: HashMap<String, Value> = fields
                .iter()
                .map(|(name, value)| (name.clone(), to_cel(value)))
                .collect();
            Value::Map(entries.into())
        }
    }
}
