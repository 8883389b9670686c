//! The sandbox's settings.

use serde::{Deserialize, Serialize};

/// Whether and where the sandbox listens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SandboxSettings {
    /// Whether `talaria up` starts it.
    pub enabled: bool,
    /// Address and port, on loopback; port 0 takes a free one.
    pub listen: String,
}

impl Default for SandboxSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            listen: "127.0.0.1:8090".into(),
        }
    }
}
