//! What crates/google found, in the words of the commands.

use google::pubsub::admin::{
    self, Comparison, Difference, Field, Resource, RoleFinding, WantedTopology,
};

use crate::subscriptions::{
    DifferenceReport, EXISTENCE, Report, ResourceReport, RoleReport, RoleState,
};

/// Which decides what an operator does.
pub(super) struct Place<'a> {
    pub(super) project: &'a str,
    pub(super) emulator_host: Option<&'a str>,
}

impl Place<'_> {
    pub(super) fn report(
        &self,
        wanted: &WantedTopology,
        comparison: &Comparison,
        roles: Vec<RoleReport>,
    ) -> Report {
        let resources = comparison.resources.iter().map(|compared| {
            let differences = compared.differences.iter();
            ResourceReport {
                resource: compared.resource.to_string(),
                exists: compared.exists(),
                differences: differences
                    .map(|difference| self.difference(wanted, difference))
                    .collect(),
            }
        });
        Report {
            resources: resources.collect(),
            unwanted: comparison
                .unwanted
                .iter()
                .map(|name| self.unwanted(name))
                .collect(),
            roles,
        }
    }

    fn difference(&self, wanted: &WantedTopology, difference: &Difference) -> DifferenceReport {
        DifferenceReport {
            resource: difference.resource.to_string(),
            field: match difference.field {
                Field::Existence => EXISTENCE.to_owned(),
                field => field.to_string(),
            },
            wanted: difference.wanted.clone(),
            found: difference.found.clone(),
            mendable: difference.is_mendable(self.emulator_host.is_some()),
            remedy: match self.emulator_host {
                None => difference.remedy(wanted, self.project),
                Some(_) if difference.is_mendable(true) => "talaria provision".to_owned(),
                Some(_) => format!(
                    "this can't be changed: {}, which drops the messages that wait in it, and: talaria provision",
                    self.deletion(difference.resource.name())
                ),
            },
        }
    }

    fn unwanted(&self, name: &str) -> DifferenceReport {
        DifferenceReport {
            resource: Resource::Subscription(name.to_owned()).to_string(),
            field: EXISTENCE.to_owned(),
            wanted: "missing".to_owned(),
            found: "there, but nothing in the routes file wants it".to_owned(),
            mendable: false,
            remedy: format!("once nothing waits in it: {}", self.deletion(name)),
        }
    }

    fn deletion(&self, subscription: &str) -> String {
        let project = self.project;
        match self.emulator_host {
            None => {
                format!("gcloud pubsub subscriptions delete {subscription} --project={project}")
            }
            Some(host) => format!(
                "curl -X DELETE http://{host}/v1/projects/{project}/subscriptions/{subscription}"
            ),
        }
    }
}

pub(super) fn roles_of_emulator() -> RoleReport {
    RoleReport {
        resource: "roles".to_owned(),
        role: "every one".to_owned(),
        state: RoleState::NotChecked,
        reason: "the emulator has none".to_owned(),
        remedy: String::new(),
    }
}

pub(super) fn role(finding: RoleFinding) -> RoleReport {
    let (state, reason) = match finding.state {
        admin::RoleState::Granted => (RoleState::Granted, String::new()),
        admin::RoleState::Missing => (RoleState::Missing, String::new()),
        admin::RoleState::NotChecked(reason) => (RoleState::NotChecked, reason),
    };
    RoleReport {
        resource: finding.resource,
        role: finding.role.to_owned(),
        state,
        reason,
        remedy: finding.remedy,
    }
}
