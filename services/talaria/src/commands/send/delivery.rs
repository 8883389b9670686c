//! Posting events: several at once, patiently where the publisher asks for patience, and not for ever.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use events::Clock;
use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;
use tokio::task::JoinSet;

use super::answer::{Refusal, asked_wait, is_patience, refusal, usual_wait};
use super::input::{Events, Located};
use crate::output::Progress;
use crate::proof::Proof;

const MAX_IN_FLIGHT: usize = 16;
const MAX_TRIES: u32 = 8;
const LONGEST_WAIT: Duration = Duration::from_secs(30);
const REFUSALS_KEPT: usize = 1000;
const TOLD_EVERY: u64 = 1000;

/// Where events go, and how.
#[derive(Clone)]
pub(super) struct Delivery {
    pub(super) client: reqwest::Client,
    pub(super) url: reqwest::Url,
    pub(super) proof: Proof,
    pub(super) clock: Arc<dyn Clock>,
    /// Time between the starts of two events.
    pub(super) spacing: Option<Duration>,
}

/// What came of all events so far.
#[derive(Debug, Default)]
pub(super) struct Summary {
    pub(super) accepted: usize,
    pub(super) retried: usize,
    /// The first of them.
    pub(super) refused: Vec<Refusal>,
    /// The others, counted.
    pub(super) refused_more: usize,
}

/// What came of one event: how often it was sent again, and the refusal if there was one.
struct Sent {
    retried: usize,
    refusal: Option<Refusal>,
}

impl Delivery {
    /// Sends every event of a file. Fails when going on makes no sense: nobody answers, or the key is wrong.
    pub(super) async fn send(
        &self,
        file: &Path,
        events: Events,
        summary: &mut Summary,
    ) -> anyhow::Result<()> {
        let mut ticks = self.spacing.map(tokio::time::interval);
        let mut progress = Progress::new(TOLD_EVERY);
        let mut under_way = JoinSet::new();
        for event in events {
            let event = event.with_context(|| format!("can't read {}", file.display()))?;
            if let Some(ticks) = &mut ticks {
                ticks.tick().await;
            }
            if under_way.len() == MAX_IN_FLIGHT {
                settle(&mut under_way, summary, &mut progress).await?;
            }
            let (delivery, file) = (self.clone(), file.display().to_string());
            under_way.spawn(async move { delivery.send_one(file, event).await });
        }
        while !under_way.is_empty() {
            settle(&mut under_way, summary, &mut progress).await?;
        }
        progress.finish();
        summary
            .refused
            .sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
        Ok(())
    }

    async fn send_one(&self, file: String, event: Located) -> anyhow::Result<Sent> {
        let mut retried = 0;
        loop {
            let answer = self.post(&event.text).await;
            let last_try = retried as u32 + 1 >= MAX_TRIES;
            let wait = match &answer {
                Ok(answer) if is_patience(answer.status()) && !last_try => {
                    asked_wait(answer).unwrap_or_else(|| usual_wait(retried))
                }
                // Sending again after a lost answer is harmless: the event keeps its id.
                Err(error) if !error.is_connect() && !last_try => usual_wait(retried),
                _ => return self.conclude(file, event.line, retried, answer).await,
            };
            tokio::time::sleep(wait.min(LONGEST_WAIT)).await;
            retried += 1;
        }
    }

    async fn post(&self, event: &str) -> reqwest::Result<reqwest::Response> {
        let request = self.client.post(self.url.clone());
        // Anew each time: a signature is good for five minutes.
        let request = self.proof.put_on(request, event, self.clock.now());
        let request = request.header(CONTENT_TYPE, "application/json");
        request.body(event.to_owned()).send().await
    }

    async fn conclude(
        &self,
        file: String,
        line: usize,
        retried: usize,
        answer: reqwest::Result<reqwest::Response>,
    ) -> anyhow::Result<Sent> {
        let answer = answer.map_err(|error| self.nobody_answers(&error))?;
        let status = answer.status();
        match status {
            status if status.is_success() => {
                return Ok(Sent {
                    retried,
                    refusal: None,
                });
            }
            StatusCode::UNAUTHORIZED => bail!(
                "the publisher doesn't know who sends this: pass its shared secret with --key, or the key that its callers \
                 sign with as --hmac-key, or set TALARIA_PUBLISHER__SHARED_SECRET or TALARIA_PUBLISHER__HMAC_KEY; its log \
                 says what is wrong"
            ),
            StatusCode::NOT_FOUND => {
                bail!("there is no publisher at {}: name it with --to", self.url)
            }
            status if is_patience(status) => bail!(
                "the publisher at {} took no event after {MAX_TRIES} tries (last answer {status}): see its log; what \
                 was sent before is kept, and sending the file again is harmless",
                self.url
            ),
            _ => {}
        }
        let problem: serde_json::Value =
            serde_json::from_slice(&answer.bytes().await.unwrap_or_default()).unwrap_or_default();
        Ok(Sent {
            retried,
            refusal: Some(refusal(file, line, status, &problem)),
        })
    }

    fn nobody_answers(&self, error: &reqwest::Error) -> anyhow::Error {
        if error.is_connect() {
            anyhow!(
                "no publisher answers at {}: start it with `talaria up`, or name another with --to",
                self.url.origin().ascii_serialization()
            )
        } else {
            anyhow!(
                "the publisher at {} didn't answer in time, {MAX_TRIES} times: see its log",
                self.url
            )
        }
    }
}

async fn settle(
    under_way: &mut JoinSet<anyhow::Result<Sent>>,
    summary: &mut Summary,
    progress: &mut Progress,
) -> anyhow::Result<()> {
    let Some(sent) = under_way.join_next().await else {
        return Ok(());
    };
    let sent = sent.context("a sender broke off")??;
    summary.retried += sent.retried;
    match sent.refusal {
        None => summary.accepted += 1,
        Some(refusal) if summary.refused.len() < REFUSALS_KEPT => summary.refused.push(refusal),
        Some(_) => summary.refused_more += 1,
    }
    progress.step("events sent");
    Ok(())
}
