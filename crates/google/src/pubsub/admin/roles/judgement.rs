//! From policies to whether a role is granted; pure.

use super::RoleState;
use super::policy::{AGENTS_OF_PUBSUB, Binding, Policy, Unread};

/// `own` is the resource's policy, `project` the project's, which holds for all of its resources. Without a known
/// `agent`, any agent of Pub/Sub's is taken for it.
pub(super) fn judge(
    own: &Result<Policy, Unread>,
    project: &Result<Policy, Unread>,
    agent: Option<&str>,
    roles: &[&str],
) -> RoleState {
    let both = || [own, project].into_iter().flatten();
    let of_agent = || {
        let bindings = both().flat_map(|policy| &policy.bindings);
        bindings.filter(|binding| binding.members.iter().any(|member| is_agent(member, agent)))
    };
    let fits = |binding: &&Binding| roles.contains(&binding.role.as_str());
    if of_agent()
        .filter(fits)
        .any(|binding| binding.condition.is_none())
    {
        return RoleState::Granted;
    }
    if of_agent().any(|binding| fits(&binding)) {
        return RoleState::NotChecked("it is granted under a condition".to_owned());
    }
    if let Some(custom) = of_agent().find(|binding| !binding.role.starts_with("roles/")) {
        let role = &custom.role;
        return RoleState::NotChecked(format!("the custom role {role} may hold the permission"));
    }
    match (own, project) {
        (Err(Unread::Unreadable(reason)), _) => RoleState::NotChecked(reason.clone()),
        (_, Err(Unread::Unreadable(reason))) => RoleState::NotChecked(format!(
            "it is not granted there, and whether the project grants it can't be read: {reason}"
        )),
        _ => RoleState::Missing,
    }
}

fn is_agent(member: &str, agent: Option<&str>) -> bool {
    let Some(account) = member.strip_prefix("serviceAccount:") else {
        return false;
    };
    match agent {
        Some(agent) => account == agent,
        None => account
            .split_once('@')
            .is_some_and(|(_, domain)| domain == AGENTS_OF_PUBSUB),
    }
}
