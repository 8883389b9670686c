//! How callers prove who they are.

use serde::{Deserialize, Serialize};

/// How callers prove who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", try_from = "String")]
pub enum Callers {
    /// They don't; allowed on loopback alone.
    None,
    /// By a secret in the header `X-Talaria-Key`.
    SharedSecret,
    /// By a signature of each request, as Standard Webhooks has it.
    Hmac,
    /// By a Google identity token in the header `Authorization`: its signature, issuer, audience, times, service account, and
    /// that its e-mail address is verified.
    GoogleIdToken,
    /// By the claims of that token alone. For Cloud Run services that require authentication: there the platform has checked
    /// the signature and taken it off. Anywhere else this would let in whoever can write such claims.
    CloudRunIam,
    /// They don't, and whatever reaches the address is let in, because what stands in front admits only known callers: a
    /// composition's own network, a private network, Identity-Aware Proxy, or Cloud Run's own check. Never for an address
    /// that the internet reaches.
    TrustedNetwork,
}

impl Callers {
    const ALL: [Self; 6] = [
        Self::None,
        Self::SharedSecret,
        Self::Hmac,
        Self::GoogleIdToken,
        Self::CloudRunIam,
        Self::TrustedNetwork,
    ];

    /// As settings have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::SharedSecret => "shared-secret",
            Self::Hmac => "hmac",
            Self::GoogleIdToken => "google-id-token",
            Self::CloudRunIam => "cloud-run-iam",
            Self::TrustedNetwork => "trusted-network",
        }
    }
}

/// By hand, because an operator who misspells a mode should read which there are.
impl TryFrom<String> for Callers {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|mode| mode.name() == text);
        known.ok_or_else(|| {
            format!(
                "{text:?} is no mode: use none, shared-secret, hmac, google-id-token, cloud-run-iam or trusted-network"
            )
        })
    }
}

/// Whose Google identity tokens are taken. Both are needed: there is no default that lets anybody in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IdTokenSettings {
    /// For whom a token may be made out, compared exactly. The tag takes the publisher's address without a path unless it is
    /// told otherwise. A list, or one text with commas.
    #[serde(deserialize_with = "web::texts::deserialize")]
    pub audience: Vec<String>,
    /// The e-mail addresses of the service accounts that may publish. A list, or one text with commas.
    #[serde(deserialize_with = "web::texts::deserialize")]
    pub service_account: Vec<String>,
}
