//! The counter's settings.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use events::PurchaseIdentity;
use serde::{Deserialize, Serialize};
use web::{
    AdmissionSettings, Hosts, HttpSettings, JsonLimits, PushCallers, TRUSTED_NETWORK_WAY,
    UncheckedCallers,
};

/// Everything that can be set about the counter.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CounterSettings {
    /// Address and port; port 0 takes a free one.
    pub listen: String,
    /// What this process does.
    pub role: Role,
    /// How pushes prove who sent them.
    pub push_callers: PushCallers,
    /// Who may read the page and replay from it; it asks nobody who he is.
    pub page_readers: UncheckedCallers,
    /// What makes two purchases the same.
    pub purchase_identity: PurchaseIdentity,
    /// The shop's time zone by its IANA name; `today` begins at its midnight.
    pub time_zone: String,
    /// A YAML file of what items cost the shop, for events that name no profit.
    pub cost_list: Option<PathBuf>,
    /// How long it is remembered that an event was counted. Longer than anything that can come again.
    #[serde(with = "web::duration")]
    pub marker_retention: Duration,
    /// How long dead letters are kept.
    #[serde(with = "web::duration")]
    pub dead_letter_retention: Duration,
    /// The most events of one commit.
    pub max_batch: usize,
    /// The most bytes of one commit's messages.
    pub max_batch_bytes: usize,
    /// The shortest time between the beginnings of two commits; zero for the embedded store.
    #[serde(with = "web::duration")]
    pub min_commit_interval: Duration,
    /// The most browsers that follow the live stream at once.
    pub max_streams: usize,
    /// Limits of a push.
    pub push: JsonLimits,
    /// How many pushes are worked on at once.
    pub admission: AdmissionSettings,
    /// How the server is run.
    pub http: HttpSettings,
}

/// The page would be served where others can reach it. The text is for the operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "counter.page_readers is none and the page would be served on {0}, which others can reach: listen on 127.0.0.1, or set \
     counter.page_readers to {TRUSTED_NETWORK_WAY}"
)]
pub struct PageReachable(pub SocketAddr);

impl CounterSettings {
    /// Refuses an address on which strangers could read the page.
    pub fn check_page_readers(&self, address: SocketAddr) -> Result<(), PageReachable> {
        match self.role.serves_page() && !self.page_readers.allow(address) {
            true => Err(PageReachable(address)),
            false => Ok(()),
        }
    }

    /// Writes down which parts let in whatever reaches `address`.
    pub(crate) fn warn_if_trusted(&self, address: SocketAddr) {
        if self.role.tallies() {
            self.push_callers.warn_if_trusted("counter", address);
        }
        if self.role.serves_page() {
            self.page_readers
                .warn_if_trusted("counter.page_readers", address);
        }
    }

    /// Under which names the counter answers: any, if every part that it has knows or trusts its callers.
    pub(crate) fn hosts(&self) -> Hosts {
        let pushes = self.role.tallies().then(|| self.push_callers.hosts());
        let page = self.role.serves_page().then(|| self.page_readers.hosts());
        match pushes
            .into_iter()
            .chain(page)
            .all(|hosts| hosts == Hosts::Any)
        {
            true => Hosts::Any,
            false => Hosts::LoopbackNames,
        }
    }
}

/// What a counter's process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", try_from = "String")]
pub enum Role {
    /// Takes pushes and serves the page.
    Both,
    /// Takes pushes alone.
    Tally,
    /// Serves the page and its API alone.
    Page,
}

/// By hand, because an operator who misspells a role should read which there are.
impl TryFrom<String> for Role {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "both" => Ok(Self::Both),
            "tally" => Ok(Self::Tally),
            "page" => Ok(Self::Page),
            _ => Err(format!("{text:?} is no role: use both, tally or page")),
        }
    }
}

impl Role {
    /// Whether it takes pushes.
    pub fn tallies(self) -> bool {
        self != Self::Page
    }

    /// Whether it serves the page.
    pub fn serves_page(self) -> bool {
        self != Self::Tally
    }
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Default for CounterSettings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8082".into(),
            role: Role::Both,
            push_callers: PushCallers::default(),
            page_readers: UncheckedCallers::None,
            purchase_identity: PurchaseIdentity::Transaction,
            time_zone: "UTC".into(),
            cost_list: None,
            marker_retention: DAY * 45,
            dead_letter_retention: DAY * 30,
            max_batch: 500,
            max_batch_bytes: 8 << 20,
            min_commit_interval: Duration::ZERO,
            max_streams: 256,
            // Ten megabytes of message, a third more as base64, and the envelope.
            push: JsonLimits {
                max_body_bytes: 14 << 20,
                ..JsonLimits::default()
            },
            admission: AdmissionSettings {
                max_requests: 1024,
                max_body_bytes_in_flight: 32 << 20,
            },
            http: HttpSettings::default(),
        }
    }
}
