//! From a CEL value to the JSON that is sent. Whole doubles print without a fraction, keys are sorted so that the same
//! event gives the same bytes, and what JSON can't hold is refused with its place instead of becoming a silent null.

use std::collections::BTreeMap;

use cel::Value;
use cel::objects::Key;
use chrono::SecondsFormat;
use serde_json::{Map, Number, Value as Json};

use super::error::EvaluationError;

/// Doubles up to here hold every whole number.
const WHOLE_LIMIT: f64 = 9_007_199_254_740_992.0;

/// The JSON of `value`, at most about `limit` bytes of it.
pub(super) fn to_json(value: &Value, limit: usize) -> Result<Json, EvaluationError> {
    Converter {
        left: limit,
        limit,
        pointer: String::new(),
    }
    .convert(value)
}

struct Converter {
    left: usize,
    limit: usize,
    pointer: String,
}

impl Converter {
    fn convert(&mut self, value: &Value) -> Result<Json, EvaluationError> {
        self.charge(1)?;
        match value {
            Value::Null => Ok(Json::Null),
            Value::Bool(truth) => Ok(Json::Bool(*truth)),
            Value::Int(int) => Ok(Json::from(*int)),
            Value::UInt(uint) => Ok(Json::from(*uint)),
            Value::Float(double) => self.number(*double),
            Value::String(text) => {
                self.charge(text.len())?;
                Ok(Json::String(text.as_str().to_owned()))
            }
            Value::Timestamp(moment) => Ok(Json::String(
                moment.to_utc().to_rfc3339_opts(SecondsFormat::Millis, true),
            )),
            Value::List(list) => self.list(list),
            Value::Map(map) => self.object(map.map.iter()),
            Value::Duration(_) => {
                Err(self.refused("a duration can't be sent; use int(…) or string(…)"))
            }
            Value::Bytes(_) => Err(self.refused("bytes can't be sent; use base64.encode(…)")),
            // The engine has no other opaque values.
            Value::Opaque(_) => Err(self.refused("an optional can't be sent; add .orValue(…)")),
            Value::Function(..) | Value::Struct(_) => {
                Err(self.refused("this kind of value can't be sent"))
            }
        }
    }

    fn number(&self, double: f64) -> Result<Json, EvaluationError> {
        if double.fract() == 0.0 && double.abs() <= WHOLE_LIMIT {
            return Ok(Json::from(double as i64));
        }
        match Number::from_f64(double) {
            Some(number) => Ok(Json::Number(number)),
            None if double.is_nan() => {
                Err(self.refused("a result that is not a number can't be sent"))
            }
            None => Err(self.refused("an infinite number can't be sent")),
        }
    }

    fn list(&mut self, list: &[Value]) -> Result<Json, EvaluationError> {
        let mut elements = Vec::with_capacity(list.len());
        for (index, element) in list.iter().enumerate() {
            elements.push(self.below(&index.to_string(), element)?);
        }
        Ok(Json::Array(elements))
    }

    fn object<'a>(
        &mut self,
        entries: impl Iterator<Item = (&'a Key, &'a Value)>,
    ) -> Result<Json, EvaluationError> {
        let mut sorted = BTreeMap::new();
        for (key, value) in entries {
            let Key::String(key) = key else {
                return Err(self.refused("an object's key must be text; use string(…)"));
            };
            sorted.insert(key.as_str(), value);
        }
        let mut object = Map::new();
        for (key, value) in sorted {
            self.charge(key.len())?;
            let value = self.below(key, value)?;
            object.insert(key.to_owned(), value);
        }
        Ok(Json::Object(object))
    }

    /// Converts a part; the pointer leads to it while that lasts.
    fn below(&mut self, step: &str, value: &Value) -> Result<Json, EvaluationError> {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer
            .push_str(&step.replace('~', "~0").replace('/', "~1"));
        let converted = self.convert(value)?;
        self.pointer.truncate(length);
        Ok(converted)
    }

    fn charge(&mut self, bytes: usize) -> Result<(), EvaluationError> {
        self.left = self
            .left
            .checked_sub(bytes)
            .ok_or(EvaluationError::TooLarge { limit: self.limit })?;
        Ok(())
    }

    fn refused(&self, what: &'static str) -> EvaluationError {
        EvaluationError::NotSendable {
            pointer: self.pointer.clone(),
            what,
        }
    }
}
