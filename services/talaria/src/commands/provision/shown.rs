//! What provisioning did, as a person and as a program reads it.

use serde_json::{Value, json};

use super::Provisioned;
use crate::output;
use crate::subscriptions::{DifferenceReport, ResourceReport};

/// What became of one resource.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    AsWanted,
    Created,
    Changed,
    WouldBeCreated,
    WouldBeChanged,
    NotAsWanted,
}

impl Outcome {
    fn shown(self) -> &'static str {
        match self {
            Self::AsWanted => "as wanted",
            Self::Created => "created",
            Self::Changed => "changed",
            Self::WouldBeCreated => "would be created",
            Self::WouldBeChanged => "would be changed",
            Self::NotAsWanted => "not as wanted",
        }
    }

    fn for_programs(self) -> String {
        self.shown().replace(' ', "-")
    }
}

impl Provisioned<'_> {
    pub(super) fn print(&self, as_json: bool) -> anyhow::Result<()> {
        if as_json {
            return output::json(&self.as_json());
        }
        for (before, after) in self.resources() {
            let outcome = self.outcome(before, after);
            output::line(format!("{}: {}", after.resource, outcome.shown()))?;
            if before.exists {
                for difference in told(outcome, before, after) {
                    output::line(format!("  {}", Self::sentence(outcome, difference)))?;
                }
            }
        }
        for unwanted in &self.after.unwanted {
            let DifferenceReport {
                resource,
                found,
                remedy,
                ..
            } = unwanted;
            output::line(format!("{resource}: {found}\n  {remedy}"))?;
        }
        Ok(output::line(self.summary())?)
    }

    /// Both looks are at the same resources in the same order.
    fn resources(&self) -> impl Iterator<Item = (&ResourceReport, &ResourceReport)> {
        self.before.resources.iter().zip(&self.after.resources)
    }

    fn outcome(&self, before: &ResourceReport, after: &ResourceReport) -> Outcome {
        match (before.exists, before.differences.is_empty()) {
            (true, true) => Outcome::AsWanted,
            (false, _) if self.dry_run => Outcome::WouldBeCreated,
            (true, _)
                if self.dry_run
                    && before
                        .differences
                        .iter()
                        .any(|difference| difference.mendable) =>
            {
                Outcome::WouldBeChanged
            }
            _ if !after.differences.is_empty() => Outcome::NotAsWanted,
            (false, _) => Outcome::Created,
            (true, _) => Outcome::Changed,
        }
    }

    fn sentence(outcome: Outcome, difference: &DifferenceReport) -> String {
        let DifferenceReport {
            field,
            wanted,
            found,
            remedy,
            ..
        } = difference;
        match outcome {
            Outcome::Changed => format!("{field}: was {found}, is {wanted}"),
            Outcome::WouldBeChanged if difference.mendable => {
                format!("{field}: is {found}, would be {wanted}")
            }
            _ => format!("{field}: is {found}, not {wanted}; {remedy}"),
        }
    }

    fn summary(&self) -> String {
        let outcomes: Vec<Outcome> = self
            .resources()
            .map(|(before, after)| self.outcome(before, after))
            .collect();
        let order = [
            Outcome::Created,
            Outcome::Changed,
            Outcome::WouldBeCreated,
            Outcome::WouldBeChanged,
            Outcome::NotAsWanted,
            Outcome::AsWanted,
        ];
        let counts = order.into_iter().filter_map(|outcome| {
            let count = outcomes.iter().filter(|other| **other == outcome).count();
            (count > 0).then(|| format!("{count} {}", outcome.shown()))
        });
        let counts = counts.collect::<Vec<_>>().join(", ");
        let nothing = outcomes.iter().all(|outcome| *outcome == Outcome::AsWanted);
        let nothing = if nothing { ", nothing to do" } else { "" };
        format!("{}: {counts}{nothing}", self.target.shown())
    }

    fn as_json(&self) -> Value {
        let resources = self.resources().map(|(before, after)| {
            let outcome = self.outcome(before, after);
            json!({
                "resource": after.resource,
                "outcome": outcome.for_programs(),
                "differences": told(outcome, before, after),
            })
        });
        json!({
            "project": self.target.project,
            "emulator": self.target.emulator_host,
            "dryRun": self.dry_run,
            "resources": resources.collect::<Vec<_>>(),
            "unwanted": self.after.unwanted,
            "asWanted": self.after.is_as_wanted(),
        })
    }
}

/// What was changed; where something is left that could not be, that.
fn told<'a>(
    outcome: Outcome,
    before: &'a ResourceReport,
    after: &'a ResourceReport,
) -> &'a [DifferenceReport] {
    match outcome {
        Outcome::NotAsWanted => &after.differences,
        _ => &before.differences,
    }
}
