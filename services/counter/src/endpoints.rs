//! `POST /tally`. Whatever a message is, the answer is 204 or 503.

use ::web::{
    Admitted, PushQuery, PushReading, PushRequest, acknowledged, describe_event, read_event,
    refused,
};
use actix_web::{HttpResponse, web};
use bus::Push;
use events::Received;
use store::dead_letters::Death;
use store::tallies::Tallied;
use store::{Reason, StoreUnavailable};
use telemetry::{CountOutcome, Span};

use crate::commit::Committed;
use crate::message::{self, dead_message};
use crate::observed::conclude;
use crate::startup::Tallier;
use crate::tally::tally_of;

/// Adds the push address.
pub(crate) fn configure(configuration: &mut web::ServiceConfig) {
    configuration.route("/tally", web::post().to(tally));
}

/// Messages that name no event type and carry items are purchases: the reference article's topic holds such.
const ITEMS_HINT: &str = "purchase";

async fn tally(
    push: PushRequest,
    query: web::Query<PushQuery>,
    tallier: web::Data<Tallier>,
) -> HttpResponse {
    let hint = query.into_inner().event_type;
    let PushRequest {
        push,
        place,
        mut span,
    } = push;
    let processed = tallier
        .process(push, place, hint.as_deref(), &mut span)
        .await;
    conclude(&mut span, &tallier.metrics, &processed);
    match processed {
        Ok(CountOutcome::Unavailable) => refused(),
        Ok(_) => acknowledged(),
        Err(error) => {
            tracing::error!(%error, "refused a push: the bus keeps the message");
            refused()
        }
    }
}

impl Tallier {
    /// Counts the event of a push, or keeps it as a dead letter. If the store is unavailable, it must come again.
    async fn process(
        &self,
        push: Push,
        place: Admitted,
        hint: Option<&str>,
        span: &mut Span,
    ) -> Result<CountOutcome, StoreUnavailable> {
        let reading = PushReading {
            event_type_hint: hint,
            items_hint: Some(ITEMS_HINT),
            purchase_identity: self.purchase_identity,
        };
        let received = match read_event(&push, reading, self.clock.now()) {
            Ok(received) => received,
            Err(error) => {
                let reason = Reason::of_unread(error.is_invalid());
                let death = Death::of_unread_message(
                    &push.message_id,
                    &push.payload,
                    reason,
                    error.to_string(),
                );
                return self.bury(&push, None, death).await;
            }
        };
        describe_event(span, &received.update);
        let expires = self.clock.now().plus(self.marker_retention);
        let tally = match tally_of(&received, &self.costs, expires) {
            Ok(Some(tally)) => tally,
            Ok(None) => return Ok(CountOutcome::NotCounted),
            Err(detail) => {
                return self
                    .bury(&push, Some(&received), uncountable(&received, detail))
                    .await;
            }
        };
        // What comes again was most often counted and its answer lost. To look costs less than a commit that is refused.
        let comes_again = push.delivery_attempt.is_some_and(|attempt| attempt > 1);
        if comes_again && self.tallies.known(&tally.identity).await? {
            return Ok(CountOutcome::Duplicate);
        }
        let (bytes, at) = (message::payload_bytes(&push), tally.at);
        let trace = span.context().filter(|_| span.is_recording());
        let committed = self.committer.tally(tally, bytes, Some(place), trace);
        match committed.await {
            Committed::Counted(tallied) => {
                self.latest.note(at);
                Ok(match tallied {
                    Tallied::Added => CountOutcome::Counted,
                    Tallied::Known => CountOutcome::Duplicate,
                })
            }
            Committed::Unavailable => Ok(CountOutcome::Unavailable),
            Committed::Refused(reason) => {
                self.bury(&push, Some(&received), uncountable(&received, reason))
                    .await
            }
        }
    }

    async fn bury(
        &self,
        push: &Push,
        received: Option<&Received>,
        death: Death<'_>,
    ) -> Result<CountOutcome, StoreUnavailable> {
        let now = self.clock.now();
        let expires = now.plus(self.dead_letter_retention);
        let letter = death.letter(dead_message(push), received, now, expires);
        let (id, reason) = (letter.summary.id.clone(), letter.summary.reason.name());
        let detail = letter.summary.detail.clone();
        if self.dead_letters.bury(letter).await? {
            tracing::warn!(id, reason, "kept a dead letter: {detail}");
        }
        Ok(CountOutcome::Dead)
    }
}

fn uncountable(received: &Received, detail: String) -> Death<'static> {
    let about = format!("tally/{}/{}", received.identity, received.content_hash());
    Death::of_message(about, Reason::Invalid, detail)
}
