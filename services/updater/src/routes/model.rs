//! What a routes file says once it is checked: destinations and routes, with every expression compiled.

mod destination;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::event_read::EventRead;
use super::expression::{Compiler, Expression};
use super::mistake::Mistake;

pub use destination::{
    AnswerClass, Auth, Destination, GoogleToken, Limits, Rate, Repeat, ResponseOverride,
    StatusPattern,
};

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
        self.routes
            .iter()
            .find(|route| route.name == name || route.was.iter().any(|was| was == name))
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
    /// Places of the event that its expressions read, as far as their text tells.
    pub reads: Vec<EventRead>,
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
    /// Not now: their events are held until the route is live again.
    Paused,
}
