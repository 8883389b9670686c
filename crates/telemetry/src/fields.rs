//! What events and spans say beside their message: values by name.

use std::fmt::{self, Debug, Write};

use tracing::field::{Field, Visit};

/// A text is cut here, so that no line outgrows what a collector of logs takes.
pub(crate) const MAX_TEXT_BYTES: usize = 16 << 10;
/// What stands at the end of a text that was cut.
pub(crate) const CUT_MARK: &str = "… (cut)";

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Flag(bool),
    Signed(i64),
    Unsigned(u64),
    Wide(u128),
    Float(f64),
    Text(String),
}

/// Values by name, in the order in which they came; a name has one value, the latest.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    pub(crate) fn set(&mut self, name: &'static str, value: Value) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name, value)),
        }
    }

    /// Sets all that the other has.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (name, value) in &other.0 {
            self.set(name, value.clone());
        }
    }

    /// Removes a value for which `wanted` has a use.
    pub(crate) fn take<T>(
        &mut self,
        name: &str,
        wanted: impl FnOnce(&Value) -> Option<T>,
    ) -> Option<T> {
        let place = self.0.iter().position(|(known, _)| *known == name)?;
        let taken = wanted(&self.0[place].1)?;
        self.0.remove(place);
        Some(taken)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.0.iter().map(|(name, value)| (*name, value))
    }
}

impl Visit for Fields {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field.name(), Value::Flag(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field.name(), Value::Signed(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field.name(), Value::Unsigned(value));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.set(field.name(), Value::Wide(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field.name(), Value::Float(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let mut text = Cut(String::new());
        let written = text.write_str(value);
        self.set(field.name(), text.ended(written));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = Cut(String::new());
        let written = write!(text, "{value:?}");
        self.set(field.name(), text.ended(written));
    }
}

/// A text that takes so much and refuses the rest.
struct Cut(String);

impl Cut {
    fn ended(mut self, written: fmt::Result) -> Value {
        // Also the end of a value that can't be written whole for a reason of its own.
        if written.is_err() {
            self.0.push_str(CUT_MARK);
        }
        Value::Text(self.0)
    }
}

impl Write for Cut {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = MAX_TEXT_BYTES - self.0.len();
        let end = text.floor_char_boundary(room);
        self.0.push_str(&text[..end]);
        if end == text.len() {
            Ok(())
        } else {
            Err(fmt::Error)
        }
    }
}
