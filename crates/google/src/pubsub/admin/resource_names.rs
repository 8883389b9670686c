//! Full names of a project's resources, and back.

/// A project whose topics and subscriptions are named without it elsewhere.
#[derive(Clone, Debug)]
pub(super) struct Project(pub(super) String);

impl Project {
    pub(super) fn topic(&self, name: &str) -> String {
        format!("projects/{}/topics/{name}", self.0)
    }

    pub(super) fn subscription(&self, name: &str) -> String {
        format!("projects/{}/subscriptions/{name}", self.0)
    }

    /// The short name of a topic of this project; another project's stays whole.
    pub(super) fn short_topic<'a>(&self, full: &'a str) -> &'a str {
        full.strip_prefix(&self.topic("")).unwrap_or(full)
    }

    /// The short name of a subscription, if it is of this project.
    pub(super) fn short_subscription<'a>(&self, full: &'a str) -> Option<&'a str> {
        full.strip_prefix(&self.subscription(""))
    }
}
