//! The sandbox's settings.

use serde::{Deserialize, Serialize};
use web::UncheckedCallers;

/// Whether and where the sandbox listens, and to whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SandboxSettings {
    /// Whether `talaria up` starts it; `talaria sandbox` always does.
    pub enabled: bool,
    /// Address and port; port 0 takes a free one.
    pub listen: String,
    /// Who may call the APIs and look at what they were sent; nobody is asked who he is.
    pub callers: UncheckedCallers,
}

impl Default for SandboxSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            listen: "127.0.0.1:8090".into(),
            callers: UncheckedCallers::None,
        }
    }
}
