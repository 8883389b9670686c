//! What a routes file says once it is checked: destinations and routes, with every expression compiled.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::expression::{Compiler, Expression};
use super::mistake::Mistake;

/// A checked routes file; shared by all workers and replaced as a whole when the file changes.
#[derive(Clone, Debug)]
pub struct Routes {
    pub(super) compiler: Compiler,
    pub(super) destinations: BTreeMap<String, Arc<Destination>>,
    pub(super) routes: Vec<Arc<Route>>,
    pub(super) warnings: Vec<Mistake>,
}

impl Routes {
    /// The routes, in the order of the file.
    pub fn routes(&self) -> &[Arc<Route>] {
        &self.routes
    }

    /// The destinations, by id.
    pub fn destinations(&self) -> impl Iterator<Item = &Arc<Destination>> {
        self.destinations.values()
    }

    /// The destination of this id.
    pub fn destination(&self, id: &str) -> Option<&Arc<Destination>> {
        self.destinations.get(id)
    }

    /// The route of this name, or that once had it.
    pub fn route(&self, name: &str) -> Option<&Arc<Route>> {
        self.routes.iter().find(|route| route.name == name || route.was.iter().any(|was| was == name))
    }

    /// What is no mistake, but hardly meant.
    pub fn warnings(&self) -> &[Mistake] {
        &self.warnings
    }

    /// The language the file's expressions were compiled with.
    pub fn compiler(&self) -> &Compiler {
        &self.compiler
    }
}

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
        let base = self.url.as_str().trim_end_matches('/');
        if path_and_query.is_empty() {
            return Ok(self.url.clone());
        }
        Url::parse(&format!("{base}{path_and_query}"))
    }

    /// The class the file gives to an answer, if it says so. `header` looks a header up by its name in lower case.
    pub fn overriding_class(
        &self,
        status: u16,
        header: &dyn Fn(&str) -> Option<String>,
        body: &str,
    ) -> Option<AnswerClass> {
        self.responses.iter().find(|rule| rule.matches(status, header, body)).map(|rule| rule.class)
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
            && self.headers.iter().all(|(name, text)| header(name).is_some_and(|value| value.contains(text)))
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

/// A rule: which events become which call.
#[derive(Clone, Debug)]
pub struct Route {
    /// Unique, permanent.
    pub name: String,
    /// Names it had before, oldest first.
    pub was: Vec<String>,
    /// True for the events it is for.
    pub when: Expression,
    /// Where the call goes.
    pub destination: Arc<Destination>,
    /// One call for each element of a list.
    pub each: Option<Each>,
    /// Method of the call.
    pub method: Method,
    /// Path below the destination's url.
    pub path: Option<Expression>,
    /// Query parameters, in the order of the file.
    pub query: Vec<(String, Expression)>,
    /// Headers, in the order of the file.
    pub headers: Vec<(String, Expression)>,
    /// JSON body.
    pub body: Option<Expression>,
    /// Older events are shown, not sent.
    pub max_age: Duration,
    /// Whether calls are made.
    pub mode: Mode,
}

impl Route {
    /// The name in the keys of effects: the first the route ever had, because keys are permanent.
    pub fn key_name(&self) -> &str {
        self.was.first().unwrap_or(&self.name)
    }
}

/// The elements a route makes one effect of each for.
#[derive(Clone, Debug)]
pub struct Each {
    /// Gives the list.
    pub list: Expression,
    /// Name of an element in the expressions.
    pub element: String,
    /// Gives an element's key.
    pub key: Expression,
}

/// Methods a route can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
}

impl Method {
    /// As HTTP spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Whether a route's calls are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// They are.
    Live,
    /// They are only shown.
    Shadow,
}
