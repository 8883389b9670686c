//! The updater's addresses. All are push targets: whatever a message is, the answer is 204 or 503.

use std::sync::Arc;

use ::web::{PushQuery, PushRequest, acknowledged, refused};
use actix_web::{HttpResponse, web};
use store::StoreUnavailable;

use crate::delivery::Disposition;
use crate::processing::PushAddress;
use crate::startup::State;

/// `POST /process-backend-update[/{destination}]`, `POST /dead-letter`.
pub(crate) fn configure(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/process-backend-update", web::post().to(process_for_all))
        .route(
            "/process-backend-update/{destination}",
            web::post().to(process_for_one),
        )
        .route("/dead-letter", web::post().to(process_dead_letter));
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
    let PushRequest { push, place } = push;
    let (tasks, processor) = (state.tasks.clone(), Arc::clone(&state.processor));
    // In a task of its own: if the bus hangs up, a call that is under way is finished and written down all the same.
    answer(
        tasks
            .run(async move {
                let _place = place;
                processor.process(push, &address).await
            })
            .await,
    )
}

async fn process_dead_letter(push: PushRequest, state: web::Data<State>) -> HttpResponse {
    let PushRequest { push, place } = push;
    let (tasks, processor) = (state.tasks.clone(), Arc::clone(&state.processor));
    answer(
        tasks
            .run(async move {
                let _place = place;
                processor.process_dead_letter(push).await
            })
            .await,
    )
}

/// 204 only for what is settled; everything else comes again.
fn answer(processed: Option<Result<Disposition, StoreUnavailable>>) -> HttpResponse {
    match processed {
        Some(Ok(Disposition::Acknowledge)) => acknowledged(),
        Some(Ok(Disposition::Refuse)) | None => refused(),
        Some(Err(error)) => {
            tracing::error!(%error, "refused a push: the bus keeps the message");
            refused()
        }
    }
}
