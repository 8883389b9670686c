//! Strangers are not invited to send a body.

use ::web::{Invitation, Problem};
use actix_web::dev::RequestHead;
use actix_web::web::Data;
use async_trait::async_trait;

use crate::startup::State;

/// Invites whose head proves who he is, as far as a head can, to whatever address: none that asks nobody takes a body, and
/// one address can be written in many ways.
pub(crate) struct KnownCallers(pub(crate) Data<State>);

#[async_trait(?Send)]
impl Invitation for KnownCallers {
    async fn invite(&self, head: &RequestHead) -> Result<(), Problem> {
        let state = &self.0;
        let now = state.dependencies.clock.now();
        let proven = state.callers.check_head(head.headers(), now).await;
        proven
            .map(drop)
            .map_err(|problem| state.refused_caller(problem))
    }
}
