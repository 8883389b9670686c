//! How a project's topics and subscriptions compare with what is needed, as commands show it.

use serde::Serialize;

/// The [`DifferenceReport::field`] of what is missing, or there without need.
pub const EXISTENCE: &str = "existence";

/// Everything needed, compared with what is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Topics first.
    pub resources: Vec<ResourceReport>,
    /// What no destination of the routes file wants any more.
    pub unwanted: Vec<DifferenceReport>,
    /// What Pub/Sub itself must be allowed to do.
    pub roles: Vec<RoleReport>,
}

impl Report {
    /// Whether everything that is needed is there as it is needed.
    pub fn is_as_wanted(&self) -> bool {
        let resources = self.resources.iter();
        let mut roles = self.roles.iter();
        resources
            .map(|resource| resource.differences.len())
            .sum::<usize>()
            == 0
            && !roles.any(|role| role.state == RoleState::Missing)
    }
}

/// One topic or subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceReport {
    /// `topic x` or `subscription x`.
    pub resource: String,
    /// Whether there is one.
    pub exists: bool,
    /// None if it is as wanted.
    pub differences: Vec<DifferenceReport>,
}

/// One thing that is not as wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DifferenceReport {
    /// `topic x` or `subscription x`.
    pub resource: String,
    /// What about it, such as `ack deadline`.
    pub field: String,
    /// How it should be.
    pub wanted: String,
    /// How it is.
    pub found: String,
    /// Whether it can be made so without deleting anything.
    pub mendable: bool,
    /// What to do.
    pub remedy: String,
}

/// A role that Pub/Sub's own account needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleReport {
    /// On what; `roles` for all of them.
    pub resource: String,
    /// Which role.
    pub role: String,
    /// Whether it is granted.
    pub state: RoleState,
    /// Why it could not be told; empty if it could.
    pub reason: String,
    /// The command that grants it.
    pub remedy: String,
}

/// Whether a role is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum RoleState {
    /// It is.
    Granted,
    /// It is not.
    Missing,
    /// It could not be told.
    NotChecked,
}
