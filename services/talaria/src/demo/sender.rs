//! Posts the demo's events to a publisher, at its pace, until told to stop.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use events::Clock;
use reqwest::header::CONTENT_TYPE;
use tokio::time::MissedTickBehavior;

use super::Demo;
use crate::proof::Proof;

/// The publisher that gets the events.
pub struct DemoTarget {
    /// Such as `http://127.0.0.1:8080/publish-event`.
    pub url: reqwest::Url,
    /// What it is shown.
    pub proof: Proof,
    /// When events are sent.
    pub clock: Arc<dyn Clock>,
    /// The client to send with; give it a timeout.
    pub client: reqwest::Client,
}

/// Sends `past` events as quickly as they are taken, for a shop that has been open for a while, and then an event each of the
/// demo's `spacing` until `stop` is ready; returns how many were accepted. An event that isn't
/// taken is left out, as a tag would leave it, with a log line when that begins and ends.
pub async fn send(
    demo: Demo,
    past: u32,
    target: &DemoTarget,
    stop: impl Future<Output = ()>,
) -> u64 {
    let mut ticks = tokio::time::interval(demo.spacing.max(Duration::from_millis(1)));
    // Events carry the time at which they were due; catching up keeps that close to the time at which they come.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut stop = std::pin::pin!(stop);
    let (mut accepted, mut failing) = (0, false);
    for (number, event) in (0_u32..).zip(demo) {
        let next = async {
            if number >= past {
                ticks.tick().await;
            }
            target.post(event.to_string()).await
        };
        let posted = tokio::select! {
            biased;
            () = &mut stop => return accepted,
            posted = next => posted,
        };
        match posted {
            Ok(()) => {
                accepted += 1;
                if failing {
                    tracing::info!("the demo's events are taken again");
                }
                failing = false;
            }
            Err(error) => {
                if !failing {
                    tracing::warn!(error = format!("{error:#}"), "a demo event was not taken");
                }
                failing = true;
            }
        }
    }
    accepted
}

impl DemoTarget {
    async fn post(&self, event: String) -> anyhow::Result<()> {
        let request = self.client.post(self.url.clone());
        let request = self.proof.put_on(request, &event, self.clock.now());
        let response = request
            .header(CONTENT_TYPE, "application/json")
            .body(event)
            .send()
            .await?;
        let status = response.status();
        ensure!(status.is_success(), "the publisher answered {status}");
        Ok(())
    }
}
