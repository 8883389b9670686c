//! Addresses that ask nobody who he is, and the one way to let others reach them: by naming the network in front trusted.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::Hosts;

#[cfg(test)]
mod tests;

/// The mode and when it is right, for the end of a sentence that says what to set to it.
pub const TRUSTED_NETWORK_WAY: &str = "trusted-network where what stands in front admits only known callers (a \
    composition's own network, a private network, Identity-Aware Proxy or Cloud Run's own check), never where the internet \
    reaches the address";

/// Who is let in where nobody is asked who he is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", try_from = "String")]
pub enum UncheckedCallers {
    /// This machine alone: allowed on loopback alone.
    #[default]
    None,
    /// Whatever reaches the address, because what stands in front admits only known callers: a composition's own network, a
    /// private network, Identity-Aware Proxy, or Cloud Run's own check. Never for an address that the internet reaches.
    TrustedNetwork,
}

/// By hand, because an operator who misspells a mode should read which there are.
impl TryFrom<String> for UncheckedCallers {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "none" => Ok(Self::None),
            "trusted-network" => Ok(Self::TrustedNetwork),
            _ => Err(format!("{text:?} is no mode: use none or trusted-network")),
        }
    }
}

impl UncheckedCallers {
    /// Whether a server may listen on `address`.
    pub fn allow(self, address: SocketAddr) -> bool {
        self == Self::TrustedNetwork || address.ip().is_loopback()
    }

    /// Under which names the server answers. A browser on this machine could be led here by another site's page.
    pub fn hosts(self) -> Hosts {
        match self {
            Self::None => Hosts::LoopbackNames,
            Self::TrustedNetwork => Hosts::Any,
        }
    }

    /// Writes down that whatever reaches `address` is let in by `setting`, if so.
    pub fn warn_if_trusted(self, setting: &str, address: SocketAddr) {
        if self == Self::TrustedNetwork {
            warn_of_trusted_network(setting, address);
        }
    }
}

/// Writes down, at the start of a service, that `setting` is `trusted-network`. On loopback there is nothing to warn of.
pub fn warn_of_trusted_network(setting: &str, address: SocketAddr) {
    if !address.ip().is_loopback() {
        tracing::warn!(
            setting,
            %address,
            "{setting} is trusted-network: whatever reaches {address} is let in, so what stands in front must admit only \
             known callers, and the internet must not reach it"
        );
    }
}
