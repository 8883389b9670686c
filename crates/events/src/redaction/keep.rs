//! Paths whose contents stay as they are.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A place of the published form and everything below it: a JSON pointer (RFC 6901) in which `*` stands for any one element
/// of an array or member of an object, such as `/data/contacts/*/email`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeepPath(Vec<String>);

/// A text that is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no path: write such as /data/contact_email, or /data/contacts/*/email for each element"
)]
pub struct NotAPath(String);

impl KeepPath {
    /// The path of these steps, each a member's name, an element's number or `*`.
    pub fn of(steps: &[String]) -> Self {
        Self(steps.to_vec())
    }

    pub(super) fn steps(&self) -> &[String] {
        &self.0
    }

    /// Whether `path` is this place or below it. `*` in the path is any element or member.
    pub(super) fn covers(&self, path: &[String]) -> bool {
        self.0.len() <= path.len()
            && self
                .0
                .iter()
                .zip(path)
                .all(|(step, name)| name == "*" || is_met(step, name))
    }
}

/// Whether a step of a kept path is met by a member's name or an element's number.
pub(super) fn is_met(step: &str, name: &str) -> bool {
    step == "*" || step == name
}

impl FromStr for KeepPath {
    type Err = NotAPath;

    fn from_str(text: &str) -> Result<Self, NotAPath> {
        let refused = || NotAPath(text.to_owned());
        let steps = text
            .trim()
            .strip_prefix('/')
            .ok_or_else(refused)?
            .split('/');
        let steps: Option<Vec<String>> = steps.map(unescaped).collect();
        steps.map(Self).ok_or_else(refused)
    }
}

/// Nothing for an empty step, which nobody means, and for a `~` that is no escape.
fn unescaped(step: &str) -> Option<String> {
    let rest = step.replace("~0", "").replace("~1", "");
    (!step.is_empty() && !rest.contains('~')).then(|| step.replace("~1", "/").replace("~0", "~"))
}

impl TryFrom<String> for KeepPath {
    type Error = NotAPath;

    fn try_from(text: String) -> Result<Self, NotAPath> {
        text.parse()
    }
}

impl From<KeepPath> for String {
    fn from(path: KeepPath) -> Self {
        path.to_string()
    }
}

impl fmt::Display for KeepPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.0 {
            write!(formatter, "/{}", step.replace('~', "~0").replace('/', "~1"))?;
        }
        Ok(())
    }
}
