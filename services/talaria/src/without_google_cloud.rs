//! Stands in for Google Cloud where the program was built without it.

use std::time::Duration;

use anyhow::bail;

use crate::commands::pubsub_target::PubSubTarget;
use crate::subscriptions::{DesiredState, Report};

const HOW_TO_GET_IT: &str = "\
this talaria was built without Google Cloud, which doubles the build. With it: `cargo run --features google -- …` here, or \
`cargo install --path services/talaria --features google`";

/// There is none.
pub(crate) enum PubSubProject {}

impl PubSubProject {
    /// Says how to get it.
    pub(crate) async fn connect(_target: &PubSubTarget) -> anyhow::Result<Self> {
        bail!(HOW_TO_GET_IT)
    }

    pub(crate) fn available() -> anyhow::Result<()> {
        bail!(HOW_TO_GET_IT)
    }

    pub(crate) async fn compare(
        &self,
        _desired: &DesiredState,
        _patience: Duration,
    ) -> anyhow::Result<Report> {
        match *self {}
    }

    pub(crate) async fn apply(&self, _desired: &DesiredState) -> anyhow::Result<()> {
        match *self {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_built_in_says_how_to_get_it() {
        let error = PubSubProject::available().expect_err("it is not built in");
        assert!(error.to_string().contains("--features google"), "{error}");
    }
}
