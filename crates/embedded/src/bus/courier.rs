//! Delivers one message once: posts it, and writes down what came of that.

use std::sync::Arc;
use std::time::Duration;

use bus::{MessageId, PushEnvelope, is_acknowledgement};
use events::Clock;
use reqwest::header::CONTENT_TYPE;
use rusqlite::Connection;

use super::journal::{PROJECT, acknowledge, count_attempt, give_up, postpone};
use super::pace::redelivery_delay;
use super::queries::DueMessage;
use super::registry::Registry;
use super::settings::Subscription;
use crate::database::Database;
use crate::error::{StorageError, WriteError};

/// How long until an outcome that couldn't be written down is written down again.
const RECORD_AGAIN: Duration = Duration::from_secs(1);

/// Bytes of an answer that are read so that its connection can be used again; a longer one costs its connection.
const ANSWER_BYTES_READ: usize = 64 * 1_024;

/// What every delivery of a bus needs.
pub(super) struct Courier {
    pub(super) journal: Arc<Database>,
    pub(super) client: reqwest::Client,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) registry: Arc<Registry>,
    /// Messages up to this id were there when the file was opened. One of them may be what ended the last process, so
    /// their deliveries are counted before they are made: what kills each process that it meets is given up in the end.
    pub(super) newest_at_start: i64,
}

/// One delivery, and where it led.
pub(super) struct Ended {
    /// The message's id.
    pub(super) message: i64,
    pub(super) fate: Fate,
}

pub(super) enum Fate {
    /// The endpoint has it.
    Acknowledged,
    /// It refused, or didn't answer in time.
    Refused {
        /// `None` when it went to the dead-letter topic.
        again_in: Option<Duration>,
    },
    /// There is no connection to the endpoint; the message is due as before.
    Unreachable { why: String },
    /// The journal has closed; the message is still owed.
    NotRecorded,
}

enum Answer {
    Acknowledged,
    Refused(String),
    Unreachable(String),
}

impl Courier {
    /// Delivers `message`. `jitter` is the factor on the time to its next delivery, should it be refused.
    pub(super) async fn deliver(
        self: Arc<Self>,
        message: DueMessage,
        options: Arc<Subscription>,
        jitter: f64,
    ) -> Ended {
        let fate = match self.attempt(&message, &options, jitter).await {
            Ok(fate) => fate,
            Err(error) => {
                tracing::debug!(subscription = options.name, %error, "a delivery's outcome was not kept");
                Fate::NotRecorded
            }
        };
        Ended {
            message: message.owed.message,
            fate,
        }
    }

    async fn attempt(
        &self,
        message: &DueMessage,
        options: &Subscription,
        jitter: f64,
    ) -> Result<Fate, WriteError> {
        let (owed, attempt) = (message.owed, message.attempts.saturating_add(1));
        if is_given_up_after(options, message.attempts) {
            return self
                .refused(message, options, message.attempts, jitter)
                .await;
        }
        let counted_before = owed.message <= self.newest_at_start;
        if counted_before {
            self.record(move |connection| count_attempt(connection, owed, attempt))
                .await?;
        }
        match self.push(message, options, attempt).await {
            Answer::Acknowledged => {
                self.record(move |connection| acknowledge(connection, owed))
                    .await?;
                Ok(Fate::Acknowledged)
            }
            Answer::Refused(why) => {
                tracing::debug!(
                    subscription = options.name,
                    message = owed.message,
                    attempt,
                    why,
                    "push refused"
                );
                self.refused(message, options, attempt, jitter).await
            }
            Answer::Unreachable(why) => {
                let attempts = message.attempts;
                if counted_before {
                    self.record(move |connection| count_attempt(connection, owed, attempts))
                        .await?;
                }
                Ok(Fate::Unreachable { why })
            }
        }
    }

    async fn refused(
        &self,
        message: &DueMessage,
        options: &Subscription,
        attempts: u32,
        jitter: f64,
    ) -> Result<Fate, WriteError> {
        if is_given_up_after(options, attempts)
            && self.dead_letter(message, options, attempts).await?
        {
            return Ok(Fate::Refused { again_in: None });
        }
        let owed = message.owed;
        let delay = redelivery_delay(attempts, options.retry_min, options.retry_max, jitter);
        let due = self.clock.now().plus(delay);
        self.record(move |connection| postpone(connection, owed, attempts, due))
            .await?;
        Ok(Fate::Refused {
            again_in: Some(delay),
        })
    }

    /// Moves the message to the dead-letter topic; false if that is missing.
    async fn dead_letter(
        &self,
        message: &DueMessage,
        options: &Subscription,
        attempts: u32,
    ) -> Result<bool, WriteError> {
        let Some(topic) = options.dead_letter_topic.clone() else {
            return Ok(false);
        };
        let (owed, now) = (message.owed, self.clock.now());
        let to = topic.clone();
        let moved = self
            .record(move |connection| give_up(connection, owed, attempts, &to, now))
            .await?;
        let subscription = &options.name;
        if moved {
            tracing::warn!(
                subscription,
                message = owed.message,
                attempts,
                topic,
                "message moved to the dead-letter topic"
            );
            self.registry.wake(&topic);
        } else {
            tracing::error!(
                subscription,
                topic,
                "the dead-letter topic is missing: create it; until then its messages are delivered again"
            );
        }
        Ok(moved)
    }

    async fn push(&self, message: &DueMessage, options: &Subscription, attempt: u32) -> Answer {
        let body = match envelope(message, options, attempt) {
            Ok(body) => body,
            Err(error) => return Answer::Refused(error.to_string()),
        };
        let sent = self
            .client
            .post(options.endpoint.clone())
            .timeout(options.ack_deadline)
            .header(CONTENT_TYPE, "application/json")
            .body(body)
            .send()
            .await;
        match sent {
            Ok(answer) => {
                let status = answer.status().as_u16();
                read_to_the_end(answer).await;
                if is_acknowledgement(status) {
                    Answer::Acknowledged
                } else {
                    Answer::Refused(format!("status {status}"))
                }
            }
            Err(error) if error.is_connect() || error.is_builder() => {
                Answer::Unreachable(in_words(error))
            }
            Err(error) => Answer::Refused(in_words(error)),
        }
    }

    /// Writes an outcome down, again and again while the disk refuses: forgetting it would deliver the message twice.
    async fn record<T: Send + 'static>(
        &self,
        work: impl Fn(&Connection) -> Result<T, StorageError> + Clone + Send + 'static,
    ) -> Result<T, WriteError> {
        loop {
            match self.journal.writer.write(work.clone()).await {
                Err(WriteError::Failed(reason)) => {
                    tracing::warn!(
                        reason,
                        "a delivery's outcome could not be kept; trying again"
                    );
                    tokio::time::sleep(RECORD_AGAIN).await;
                }
                settled => return settled,
            }
        }
    }
}

fn is_given_up_after(options: &Subscription, attempts: u32) -> bool {
    options.dead_letter_topic.is_some() && attempts >= options.max_delivery_attempts.max(1)
}

fn envelope(
    message: &DueMessage,
    options: &Subscription,
    attempt: u32,
) -> serde_json::Result<Vec<u8>> {
    let mut envelope = PushEnvelope::new(
        format!("projects/{PROJECT}/subscriptions/{}", options.name),
        &MessageId(message.owed.message.to_string()),
        message.published.to_rfc3339(),
        &message.data,
    );
    envelope.message.attributes = message.attributes.clone();
    envelope.delivery_attempt = Some(attempt);
    serde_json::to_vec(&envelope)
}

async fn read_to_the_end(mut answer: reqwest::Response) {
    let mut read = 0;
    while let Ok(Some(chunk)) = answer.chunk().await {
        read += chunk.len();
        if read > ANSWER_BYTES_READ {
            return;
        }
    }
}

/// The innermost cause says what happened. The address may hold a secret in its query, so it is left out.
fn in_words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut innermost: &dyn std::error::Error = &error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
