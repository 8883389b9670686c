//! `talaria check --subscriptions`: does the project have what the routes file needs?

use std::time::Duration;

use anyhow::bail;
use serde_json::{Value, json};
use updater::routes::Routes;

use super::CheckArguments;
use crate::commands::pubsub_target::{PubSubTarget, TargetArguments};
use crate::google_cloud::PubSubProject;
use crate::invocation::Invocation;
use crate::output;
use crate::settings::TalariaSettings;
use crate::subscriptions::{DifferenceReport, EXISTENCE, Report, RoleState};

/// A project compared with a routes file.
pub(super) struct Compared {
    target: PubSubTarget,
    report: Report,
}

/// What is to be compared, if anything is.
pub(super) fn target(
    invocation: &Invocation,
    arguments: &CheckArguments,
    settings: &TalariaSettings,
) -> anyhow::Result<Option<PubSubTarget>> {
    if !arguments.subscriptions {
        if arguments.target != TargetArguments::default() {
            bail!(
                "options about a project go with --subscriptions: talaria check --subscriptions --project shop"
            );
        }
        return Ok(None);
    }
    PubSubProject::available()?;
    arguments.target.read(invocation, settings).map(Some)
}

pub(super) async fn compare(target: PubSubTarget, routes: &Routes) -> anyhow::Result<Compared> {
    let desired = target.plan.desired(routes);
    let project = PubSubProject::connect(&target).await?;
    let report = project.compare(&desired, Duration::ZERO).await?;
    Ok(Compared { target, report })
}

impl Compared {
    /// A subscription that nothing wants is a difference, too: its messages become dead letters.
    pub(super) fn is_as_needed(&self) -> bool {
        self.report.is_as_wanted() && self.report.unwanted.is_empty()
    }

    pub(super) fn print(&self) -> anyhow::Result<()> {
        for difference in self.differences() {
            output::line(format!("{}\n  {}", sentence(difference), difference.remedy))?;
        }
        let mut missing_roles = 0;
        for role in &self.report.roles {
            let (resource, name) = (&role.resource, &role.role);
            match role.state {
                RoleState::Granted => {}
                RoleState::Missing => {
                    missing_roles += 1;
                    output::line(format!(
                        "{resource}: Pub/Sub's own account lacks {name}\n  {}",
                        role.remedy
                    ))?;
                }
                RoleState::NotChecked => {
                    output::line(format!(
                        "{resource}: {name} is not checked: {}",
                        role.reason
                    ))?;
                }
            }
        }
        let differences = self.differences().count() + missing_roles;
        let (shown, resources) = (self.target.shown(), self.report.resources.len());
        output::line(match differences {
            0 => format!("{shown}: {resources} topics and subscriptions, no differences"),
            differences => {
                let differences = output::counted(differences, "difference");
                let hint = match self.target.emulator_host {
                    None => {
                        "; where Terraform keeps the project, apply it instead of the commands above"
                    }
                    Some(_) => "",
                };
                format!("{shown}: {differences}{hint}")
            }
        })?;
        Ok(())
    }

    fn differences(&self) -> impl Iterator<Item = &DifferenceReport> {
        let resources = self.report.resources.iter();
        let wanted = resources.flat_map(|resource| &resource.differences);
        wanted.chain(&self.report.unwanted)
    }

    pub(super) fn as_json(&self) -> Value {
        json!({
            "project": self.target.project,
            "emulator": self.target.emulator_host,
            "asNeeded": self.is_as_needed(),
            "differences": self.differences().collect::<Vec<_>>(),
            "roles": self.report.roles,
        })
    }
}

fn sentence(difference: &DifferenceReport) -> String {
    let DifferenceReport {
        resource,
        field,
        wanted,
        found,
        ..
    } = difference;
    match field.as_str() {
        EXISTENCE => format!("{resource}: {found}"),
        _ => format!("{resource}: {field} is {found}, not {wanted}"),
    }
}
