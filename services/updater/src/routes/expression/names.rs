//! Which names an expression may use where it stands.

use super::vocabulary::{NAMESPACES, TYPE_NAMES};

/// Which names stand for something: always `event`, and by choice an element of `each` and `effect`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    pub(super) element: Option<String>,
    pub(super) effect: bool,
}

impl Names {
    /// `event` alone.
    pub fn event() -> Self {
        Self::default()
    }

    /// Also the element of `each`, under the name the route gives it.
    pub fn with_element(mut self, name: impl Into<String>) -> Self {
        self.element = Some(name.into());
        self
    }

    /// Also `effect`, whose only field is `key`.
    pub fn with_effect(mut self) -> Self {
        self.effect = true;
        self
    }

    pub(super) fn all(&self) -> Vec<&str> {
        let effect = self.effect.then_some("effect");
        std::iter::once("event")
            .chain(self.element.as_deref())
            .chain(effect)
            .collect()
    }
}

/// True for a word that already means something, so that an element may not be called by it.
pub(crate) fn is_taken(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "event",
        "effect",
        "true",
        "false",
        "null",
        "in",
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "namespace",
        "package",
        "return",
        "var",
        "void",
        "while",
    ];
    WORDS.contains(&name) || TYPE_NAMES.contains(&name) || NAMESPACES.contains(&name)
}
