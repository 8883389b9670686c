//! A destination, and how its answers are understood.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use url::Url;

/// A company's own HTTP API.
#[derive(Clone, Debug)]
pub struct Destination {
    /// `[a-z][a-z0-9-]{0,39}`.
    pub id: String,
    /// http or https, without user, query or fragment; its path is put before each route's path.
    pub url: Url,
    /// How calls say who makes them.
    pub auth: Auth,
    /// Whether a call may be made again when its outcome is unknown.
    pub repeat: Repeat,
    /// Time from connecting to the last byte of the answer.
    pub timeout: Duration,
    /// Limits of the deployment.
    pub limits: Limits,
    /// Headers of every call.
    pub headers: BTreeMap<String, String>,
    /// What answers mean when that differs from the usual; the first match counts.
    pub responses: Vec<ResponseOverride>,
    /// Held effects older than this are dead.
    pub give_up_after: Duration,
    /// A filter of Pub/Sub's for the destination's subscription.
    pub filter: Option<String>,
    /// True when the url names localhost or a loopback address, and so may lead there.
    pub is_loopback: bool,
}

impl Destination {
    /// The full address of a call; `path_and_query` comes from a planned call.
    ///
    /// # Errors
    /// When both together are no URL.
    pub fn address(&self, path_and_query: &str) -> Result<Url, url::ParseError> {
        if path_and_query.is_empty() {
            return Ok(self.url.clone());
        }
        let url = self.url.as_str();
        // Without a path the url's own stays as it is, its last slash included.
        let base = match path_and_query.starts_with('/') {
            true => url.trim_end_matches('/'),
            false => url,
        };
        Url::parse(&format!("{base}{path_and_query}"))
    }

    /// The class the file gives to an answer, if it says so. `header` looks a header up by its name in lower case.
    pub fn overriding_class(
        &self,
        status: u16,
        header: &dyn Fn(&str) -> Option<String>,
        body: &str,
    ) -> Option<AnswerClass> {
        self.responses
            .iter()
            .find(|rule| rule.matches(status, header, body))
            .map(|rule| rule.class)
    }
}

/// How a destination is told who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Auth {
    /// Not at all.
    None,
    /// `Authorization: Bearer` and the secret of this name.
    Bearer {
        /// Name of the secret.
        secret: String,
    },
    /// The secret in a header.
    Header {
        /// Name of the header.
        name: String,
        /// Name of the secret.
        secret: String,
    },
    /// `Authorization: Bearer` and a token of Google's.
    Google(GoogleToken),
}

impl Auth {
    /// The name of the secret it needs, if it needs one.
    pub fn secret(&self) -> Option<&str> {
        match self {
            Self::Bearer { secret } | Self::Header { secret, .. } => Some(secret),
            Self::None | Self::Google(_) => None,
        }
    }
}

/// A token that Google gives to the service account the updater runs as.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum GoogleToken {
    /// Says who calls, to a service that asks for that.
    Identity {
        /// What the service takes tokens for; most often its address.
        audience: String,
    },
    /// Opens Google's own APIs.
    Access {
        /// Which of them.
        scopes: Vec<String>,
    },
}

impl fmt::Display for GoogleToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identity { audience } => {
                write!(formatter, "Google identity token for {audience}")
            }
            Self::Access { scopes } => {
                write!(formatter, "Google access token for {}", scopes.join(" "))
            }
        }
    }
}

/// Whether an API may be called again when it is unknown whether a call arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// The API honours Idempotency-Key.
    Safe,
    /// Never call again when unsure.
    Unsafe,
}

/// Limits for the whole deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Calls at the same time.
    pub concurrency: u32,
    /// Calls in a time, if limited.
    pub rate: Option<Rate>,
}

/// So many calls in a second or a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Calls.
    pub calls: u32,
    /// In this time.
    pub per: Duration,
}

/// A rule for answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseOverride {
    /// Any of these.
    pub statuses: Vec<StatusPattern>,
    /// And all of these headers (names in lower case), each containing the text.
    pub headers: BTreeMap<String, String>,
    /// And this text in the body.
    pub body: Option<String>,
    /// Then the answer is of this class.
    pub class: AnswerClass,
}

impl ResponseOverride {
    fn matches(&self, status: u16, header: &dyn Fn(&str) -> Option<String>, body: &str) -> bool {
        self.statuses.iter().any(|pattern| pattern.matches(status))
            && self
                .headers
                .iter()
                .all(|(name, text)| header(name).is_some_and(|value| value.contains(text)))
            && self.body.as_ref().is_none_or(|text| body.contains(text))
    }
}

/// A status, or a hundred of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusPattern {
    /// `409`.
    Code(u16),
    /// `4xx`, as 4.
    Hundred(u16),
}

impl StatusPattern {
    fn matches(self, status: u16) -> bool {
        match self {
            Self::Code(code) => status == code,
            Self::Hundred(hundred) => status / 100 == hundred,
        }
    }
}

/// What an answer means for an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerClass {
    /// It worked.
    Done,
    /// Call again later.
    Retry,
    /// The destination is broken, not the event.
    Setup,
    /// The event is refused for good.
    Reject,
}
