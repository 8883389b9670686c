//! The updater's addresses. All but `/drain` are push targets: whatever a message is, the answer is 204 or 503.

mod drain;

use std::sync::Arc;

use ::web::{PushQuery, PushRequest, acknowledged, refused};
use actix_web::{HttpResponse, web};
use store::StoreUnavailable;

use crate::delivery::Disposition;
use crate::observed::conclude;
use crate::processing::PushAddress;
use crate::startup::State;

/// `POST /process-backend-update[/{destination}]`, `POST /dead-letter`, `POST /drain`.
pub(crate) fn configure(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/process-backend-update", web::post().to(process_for_all))
        .route(
            "/process-backend-update/{destination}",
            web::post().to(process_for_one),
        )
        .route("/dead-letter", web::post().to(process_dead_letter))
        .route("/drain", web::post().to(drain::drain));
}

async fn process_for_all(
    push: PushRequest,
    query: web::Query<PushQuery>,
    state: web::Data<State>,
) -> HttpResponse {
    let address = PushAddress {
        destination: None,
        event_type_hint: query.into_inner().event_type,
    };
    process(push, address, state).await
}

async fn process_for_one(
    push: PushRequest,
    destination: web::Path<String>,
    query: web::Query<PushQuery>,
    state: web::Data<State>,
) -> HttpResponse {
    let address = PushAddress {
        destination: Some(destination.into_inner()),
        event_type_hint: query.into_inner().event_type,
    };
    process(push, address, state).await
}

async fn process(push: PushRequest, address: PushAddress, state: web::Data<State>) -> HttpResponse {
    let PushRequest { push, place, span } = push;
    let (tasks, processor) = (state.tasks.clone(), Arc::clone(&state.processor));
    // In a task of its own: if the bus hangs up, a call that is under way is finished and written down all the same.
    answer(
        tasks
            .run(async move {
                let (_place, mut span) = (place, span);
                let processed = processor.process(push, &address, &mut span).await;
                conclude(&mut span, &processed);
                processed
            })
            .await,
    )
}

async fn process_dead_letter(push: PushRequest, state: web::Data<State>) -> HttpResponse {
    let PushRequest { push, place, span } = push;
    let (tasks, processor) = (state.tasks.clone(), Arc::clone(&state.processor));
    answer(
        tasks
            .run(async move {
                let (_place, mut span) = (place, span);
                let processed = processor.process_dead_letter(push, &mut span).await;
                conclude(&mut span, &processed);
                processed
            })
            .await,
    )
}

/// 204 only for what is settled or held; everything else comes again.
fn answer(processed: Option<Result<Disposition, StoreUnavailable>>) -> HttpResponse {
    match processed {
        Some(Ok(Disposition::Settled { .. } | Disposition::Held { .. })) => acknowledged(),
        Some(Ok(Disposition::Refuse)) | None => refused(),
        Some(Err(error)) => {
            tracing::error!(%error, "refused a push: the bus keeps the message");
            refused()
        }
    }
}
